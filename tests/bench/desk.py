"""What the desk's pages cost as the store grows: the same pages of a small and of a large desk, by turns.

The tips on top of the queue are alike at every size, so the same page is compared.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import _compare
from tests.bench._site import DESK, Site


def main(arguments: list[str]) -> None:
    """Measure the pages at each size and print p50 and ratios."""
    parser = argparse.ArgumentParser(prog="./dev bench desk", description=__doc__)
    parser.add_argument("--sizes", default="1000,100000", help="tips, with commas between")
    parser.add_argument("--turns", type=int, default=30, help="of each size")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder, ExitStack() as stack:
        desks = {}
        for size in map(int, options.sizes.split(",")):
            _compare.say(f"Making a desk with {size:,} tips ...")
            desks[f"{size:,}"] = stack.enter_context(Site(Path(folder) / str(size), tips=size).serving())
        _compare.report(_compare.alternate(desks, DESK, rounds=options.turns))
    _compare.say("Goal: queue and tip page at most 1.1.")
