"""Pages asked for by turns: the machine is as busy for one side as for the other. Prints p50 of each, and ratios."""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench._site import DESK, Site, Visitor
from tests.system.harness.home import ROOT

PAGES = {
    "news": ["article"],
    "submit": ["form", "whole tip"],
    "desk": [*DESK],
    "search": ["search"],
    "mailbox": ["mailbox"],
}
ALONE = ("news", "submit")  # the others have measurements of their own
TURN = 5  # answers

type Times = dict[str, dict[str, list[float]]]  # seconds, by page and by side


def against(checkout: Path, pages: Sequence[str], *, tips: int, rounds: int) -> None:
    """Compare another checkout's pages with ours: each in a demonstration with so many tips, made by its own code."""
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder, ExitStack() as stack:
        sides = {}
        for name, code in (("theirs", checkout), ("ours", ROOT)):
            say(f"Making {name}, with {tips:,} tips ...")
            site = Site(Path(folder) / name, checkout=code, tips=tips if {*DESK} & {*pages} else 0)
            sides[name] = stack.enter_context(site.serving())
        report(alternate(sides, pages, rounds=rounds))


def alone(pages: Sequence[str], *, rounds: int) -> None:
    """Measure our own pages."""
    with (
        tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder,
        Site(Path(folder)).serving() as visitor,
    ):
        times = alternate({"ours": visitor}, pages, rounds=rounds)
    report(times)
    for page, taken in times.items():
        say(f"{page}: p99 {statistics.quantiles(taken['ours'], n=100)[98] * 1000:.1f} ms")


def alternate(sides: dict[str, Visitor], pages: Sequence[str], *, rounds: int) -> Times:
    """Return the times of each page at each side, which take turns."""
    times: Times = {page: {side: [] for side in sides} for page in pages}
    for page, taken in times.items():
        for visitor in sides.values():
            visitor.begin(page)
        for _ in range(rounds):
            for side, visitor in sides.items():
                taken[side] += [visitor.seconds(page) for _ in range(TURN)]
    return times


def report(times: Times) -> None:
    """Print p50 of each page at each side in ms, and of all sides but the first over the first."""
    first, *others = next(iter(times.values()))
    say(
        f"{'p50, ms':<14}"
        + "".join(f"{side:>14}" for side in (first, *others))
        + (f"{'over ' + first:>{14 * len(others)}}" if others else "")
    )
    for page, taken in times.items():
        middle = {side: statistics.median(each) * 1000 for side, each in taken.items()}
        ratios = "".join(f"{middle[side] / middle[first]:>14.2f}" for side in others)
        say(f"{page:<14}" + "".join(f"{middle[side]:>14.2f}" for side in middle) + ratios)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
