"""Pages asked for by turns: the machine is as busy for one side as for the other. Prints p50 of each, and ratios."""

import statistics
import sys
from contextlib import ExitStack
from itertools import batched

from tests.bench._site import DESK, Site, Stock
from tests.system.harness.homes import ROOT

PAGES = {
    "news": ["article"],
    "submit": ["form", "whole tip"],
    "desk": [*DESK],
    "search": ["search"],
    "mailbox": ["mailbox"],
}
TURN = 5  # answers

type Times = dict[str, dict[str, list[float]]]  # seconds, by page and by side
type Sides = dict[str, Site | Stock]


def sides_of(name, folder, *, sizes):
    """Return what a bench compares, at each size the other side first."""
    if name == "news":
        site = Site(folder / "site")
        return {"finished": site, "rendered": site.without_edition()}
    if name == "submit":
        return {"stock": Stock(folder / "stock"), "ours": Site(folder / "ours")}
    sides = {}
    for size in sizes:
        sides[f"stock {size:,}"] = Stock(folder / f"stock-{size}", rows=size)
        sides[f"ours {size:,}"] = Site(folder / str(size), tips=size)
    return sides


def checkouts(checkout, folder, pages, *, sizes):
    """Return another checkout and ours, each as demonstrations with so many tips, made by its own code."""
    both = {"theirs": checkout, "ours": ROOT}
    return {
        f"{name} {size:,}".removesuffix(" 0"): Site(
            folder / f"{name}-{size}", checkout=code, tips=size
        )
        for size in (sizes if {*DESK} & {*pages} else [0])
        for name, code in both.items()
    }


def compare(sides, pages, *, rounds):
    """Serve the sides, ask them for the pages, and print what came of it."""
    with ExitStack() as stack:
        visitors = {name: stack.enter_context(side.serving()) for name, side in sides.items()}
        report(alternate(visitors, pages, rounds=rounds))


def alternate(sides, pages, *, rounds):
    """Return the times of each page at each side, which take turns."""
    times = {page: {side: [] for side in sides} for page in pages}
    for page, taken in times.items():
        for visitor in sides.values():
            visitor.begin(page, warm=min(15, rounds * TURN))
        for _ in range(rounds):
            for side, visitor in sides.items():
                taken[side] += [visitor.seconds(page) for _ in range(TURN)]
    return times


def report(times):
    """Print p50 of each page at each side in ms; and its ratios: at each size, and of each size over the smallest."""
    sides = list(next(iter(times.values())))
    pairs = [(second, first) for first, second in batched(sides, 2)]
    pairs += [(side, sides[number % 2]) for number, side in enumerate(sides) if number > 1]
    over = "".join(f"{f'{side} / {other}':>30}" for side, other in pairs)
    say(f"{'p50, ms':<14}" + "".join(f"{side:>16}" for side in sides) + over)
    for page, taken in times.items():
        middle = {side: statistics.median(each) * 1000 for side, each in taken.items()}
        ratios = "".join(f"{middle[side] / middle[other]:>30.2f}" for side, other in pairs)
        say(f"{page:<14}" + "".join(f"{each:>16.2f}" for each in middle.values()) + ratios)


def say(line):
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
