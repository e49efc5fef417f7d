"""What the desk's pages cost as the store grows, beside the stock Django admin over the same tips in clear.

Each size is a desk in a process of its own, and all are asked for all pages in turns, by Django's test client:
milliseconds from request to finished page, in which the quickest tenth is done.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.bench import _desk

ENOUGH = 3.0  # seconds for one figure of a desk, once it has been taken three times
OPENING = "opening, of the bare decrypt rate"
NONE = float("inf")  # no goal
PAGES = ("queue page", "tip page", "first screen", "dashboard", "related")
type Figures = dict[str, float]
type Page = tuple[str, ...]  # its name, and by what it is filtered


def main(arguments: list[str]) -> None:
    """Measure at each size and print figures and ratios."""
    parser = argparse.ArgumentParser(prog="./dev bench triage", description=__doc__)
    parser.add_argument("--tips", default="1000,100000", help="sizes, with commas between")
    parser.add_argument("--real", type=int, default=100_000, help="tips that are made one by one; the rest are copies")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rounds", type=int, default=15, help="turns for each figure at the most")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        desks = []
        for size in sorted({int(size) for size in options.tips.replace("_", "").split(",")}):
            state = stack.enter_context(tempfile.TemporaryDirectory(prefix="streetlight-bench-"))
            make = partial(_desk.begin, Path(state), postgres=options.postgres, real=options.real)
            desks.append(Remote(size, stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"), make))))
        for desk in desks:
            _say(f"{desk.size:,} tips, made in {desk('load', desk.size):.0f} s")
        _report(_measure(desks, options.rounds))


class Remote:
    """A desk in another process; `Remote(size, process)("time", path)` calls its method and returns what this does."""

    def __init__(self, size: int, process: ProcessPoolExecutor) -> None:
        self.size, self._process = size, process

    def __call__(self, method: str, *arguments: Any) -> Any:
        return self._process.submit(_desk.call, method, *arguments).result()


def _measure(desks: list[Remote], rounds: int) -> dict[int, Figures]:
    """Return every figure by the size of its desk."""
    pages = _time(desks, rounds, [(name,) for name in PAGES])
    filtered = _filtered(desks, rounds)
    # Apart: what reads whole tables pushes other pages out of the engine's memory.
    pages |= _time(desks, rounds, [(name,) for name in ("stock list page", _desk.SEARCH, f"stock {_desk.SEARCH}")])
    taken = {name: times for (name,), times in pages.items()} | filtered
    _say("  The quickest tenth is done within, on warm connections:")
    for name, times in taken.items():
        _say(f"  {name:<34}" + "".join(f"{ms:>12.2f} ms" for ms in times))
    taken[OPENING] = []
    for desk in desks:
        bare, opened = desk("opening")
        _say(f"  opening at {desk.size:,}: {opened:,.0f} a second; bare decrypt: {bare:,.0f} a second")
        taken[OPENING].append(opened / bare)
    return {desk.size: {name: times[at] for name, times in taken.items()} for at, desk in enumerate(desks)}


def _time(desks: list[Remote], rounds: int, pages: list[Page]) -> dict[Page, list[float]]:
    """Return the time in ms of each page at each desk, asked for in turns: that in which the quickest tenth is done."""
    times: dict[tuple[Page, Remote], list[float]] = {(page, desk): [] for page in pages for desk in desks}
    for page, desk in times:
        desk("warm", *page)
    for _ in range(rounds):
        for (page, desk), own in times.items():
            if len(own) < 3 or sum(own) < ENOUGH:
                own.extend(desk("time", *page))
    return {page: [_quick(times[page, desk]) * 1000 for desk in desks] for page in pages}


def _quick(times: list[float]) -> float:
    return statistics.quantiles(times, n=10, method="inclusive")[0]  # the others were disturbed, more or less


def _filtered(desks: list[Remote], rounds: int) -> dict[str, list[float]]:
    """Return the slowest page with one filter, and with any combination of two or more of the page's filters."""
    filters = desks[-1]("filters")
    chosen = [choices[len(choices) // 2] for choices in filters]
    tried = {
        "queue page, one filter": [one for choices in filters for one in choices],
        "queue page, any filters": [
            "&".join(some) for count in range(2, len(chosen) + 1) for some in itertools.combinations(chosen, count)
        ],
    }
    found = {}
    for name, queries in tried.items():
        once = _time(desks, 1, [("queue page", query) for query in queries])
        slow = {page for at in range(len(desks)) for page in sorted(once, key=lambda page, at=at: -once[page][at])[:4]}
        slow |= set(sorted(once, key=lambda page: once[page][0] / once[page][-1])[:4])
        timed = _time(desks, rounds, sorted(slow))  # those that are slow, and those that were disturbed just then
        slowest = [max((times[at], page) for page, times in timed.items()) for at in range(len(desks))]
        for desk, (_, page) in zip(desks, slowest, strict=True):
            _say(f"  {name} at {desk.size:,}: {len(queries)} tried, slowest {page[1]}")
        worst, page = max((times[-1] / times[0], page) for page, times in timed.items())
        _say(f"  {name}, that which grows most from {desks[0].size:,} to {desks[-1].size:,}: {page[1]} {worst:.2f}")
        found[name] = [ms for ms, _ in slowest]
    return found


def _report(found: dict[int, Figures]) -> None:
    """Print the ratios beside the goals."""
    least, most = min(found), max(found)
    small, large = found[least], found[most]

    def ratio(name: str, other: str, of: int, *, at_most: float) -> None:
        value, line = large[name] / found[of][other], f"{name} at {most:,} over {other} at {of:,}"
        goal = f"  (goal: at most {at_most:g}{'' if value <= at_most else ', MISSED'})" if at_most < NONE else ""
        _say(f"  {line:<76}{value:>8.2f}{goal}")

    _say("Ratios:")
    for name, at_most in (
        ("queue page", 1.1),
        ("queue page, one filter", 1.1),
        ("queue page, any filters", 2),
        ("tip page", 1.1),
        ("first screen", NONE),  # counts end at 99, and of a thousand tips fewer than that are due
        ("stock list page", NONE),
    ):
        ratio(name, name, least, at_most=at_most)
    ratio("queue page", "stock list page", least, at_most=0.5)
    ratio(_desk.SEARCH, f"stock {_desk.SEARCH}", most, at_most=0.15)
    for size, figures in ((least, small), (most, large)):
        missed = "" if figures[OPENING] >= 0.3 else ", MISSED"
        line = f"opening over the bare decrypt rate at {size:,}"
        _say(f"  {line:<76}{figures[OPENING]:>8.2f}  (goal: at least 0.3{missed})")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
