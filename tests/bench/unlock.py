"""Whether time tells anything of a wrong phrase: with a key, while waiting for access, and without any key.

Real costs of Argon2id, SQLite, and the kinds by turns, so that a busy machine slows all of them. Prints the
medians and Welch's t of each kind against a wrong phrase with access: below 4.5 nothing can be told from the time.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time

from django.core.management import call_command


def main(arguments: list[str]) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="./dev bench unlock", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="tries of each kind")
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory() as state:
        os.environ |= {"STATE_DIR": state, "DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "0"}
        import django

        django.setup()
        call_command("migrate", verbosity=0)
        times = _measure(rounds)
    base = times["wrong, with access"]
    sys.stdout.write(f"{'':28}{'median':>10}{'Welch t':>10}\n")
    for kind, taken in times.items():
        sys.stdout.write(f"{kind:28}{statistics.median(taken) * 1000:>7.1f} ms{welch(base, taken):>10.2f}\n")


def _measure(rounds: int) -> dict[str, list[float]]:
    """Return the seconds that each try took, by kind."""
    from django.contrib.auth.models import User

    from reports.domain.errors import WrongWords
    from reports.domain.keys import keyholders, phrases
    from reports.models import Member
    from reports.sealing import keyring

    phrases.TRIES = 10**9
    people = {name: User.objects.create_user(name) for name in ("olu", "nia", "sam")}
    for name in ("olu", "nia"):
        keyholders.enrol(user=people[name])
    keyholders.found_desk(first=Member.objects.get(user=people["olu"]))
    kinds = {"wrong, with access": "olu", "wrong, waits for access": "nia", "no key": "sam", "no account": ""}
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, name in kinds.items():
            began = time.perf_counter()
            try:
                phrases.identity_of(user=people.get(name), phrase=keyring.new_phrase())
            except WrongWords:
                times[kind].append(time.perf_counter() - began)
    return times


def welch(one: list[float], other: list[float]) -> float:
    """Return Welch's t of two samples."""
    spread = statistics.variance(one) / len(one) + statistics.variance(other) / len(other)
    return (statistics.fmean(one) - statistics.fmean(other)) / spread**0.5 if spread else 0.0
