"""An article from the edition and rendered by Django, beside a bare function that only gives as many bytes."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import _compare
from tests.bench._site import STORY, Site


def main(arguments: list[str]) -> None:
    """Measure the three by turns and print p50 and ratios."""
    parser = argparse.ArgumentParser(prog="./dev bench news", description=__doc__)
    parser.add_argument("--turns", type=int, default=200, help="of each server")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder, ExitStack() as stack:
        site = Site(Path(folder))
        edition = stack.enter_context(site.serving())
        page = edition.get(STORY)
        if "x-edition" not in page.headers:
            raise SystemExit("the article does not come from an edition")
        length = page.headers["content-length"]
        sides = {
            "bare": stack.enter_context(site.serving("bench._floor:bare", BENCH_LENGTHS=length)),
            "edition": edition,
            "rendered": stack.enter_context(site.serving("bench._floor:rendered")),
        }
        _compare.report(_compare.alternate(sides, ["article"], rounds=options.turns))
