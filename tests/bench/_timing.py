"""Whether acts that nobody may tell apart can be told apart by their time.

They take turns: in each round every act is done once, in random order, and those of one round are compared, so that
what makes the machine slower for a while makes all of them slower. Of the differences the fifth at either end is left
out, which a pause of the machine falls into; Yuen's t (Biometrika 61, 1974) counts how many errors of its own what is
left differs from nothing. Acts tell the processor's time, so that neither a disk nor a busy machine counts.
"""

import gc
import random
import statistics
import sys

LIMIT, CONTROL = 4.5, 10  # of t: what a leak would exceed, and what a control has to
CUT = 0.2
FIRST = 20  # rounds that are not counted


def by_turns(acts, *, rounds, first=FIRST):
    """Return what each act says that it took, by rounds."""
    order, taken = list(acts), {name: list[float]() for name in acts}
    gc.disable()  # so that no act pays for the rubbish of another
    try:
        for number in range(-first, rounds):
            if number % 25 == 0:
                gc.collect()
            random.shuffle(order)
            for name in order:
                took = acts[name]()
                if number >= 0:
                    taken[name].append(took)
    finally:
        gc.enable()
    return taken


def t_value(first, second):
    """Return by how many errors of its own the difference of two acts differs from nothing."""
    differences = sorted(one - other for one, other in zip(first, second, strict=True))
    count, cut = len(differences), int(len(differences) * CUT)
    kept = differences[cut : count - cut]
    filled = [kept[0]] * cut + kept + [kept[-1]] * cut
    error = statistics.stdev(filled) / ((1 - 2 * CUT) * count**0.5)
    return statistics.mean(kept) / error


def largest(taken, pairs):
    """Print the middle difference and t of each pair; return the largest t."""
    most = 0.0
    for first, second in pairs:
        value = t_value(taken[first], taken[second])
        middle = statistics.median(
            one - other for one, other in zip(taken[first], taken[second], strict=True)
        )
        sys.stdout.write(f"  {first} against {second}: {middle:+.3f} ms, t {value:+.2f}\n")
        sys.stdout.flush()
        most = max(most, abs(value))
    return most
