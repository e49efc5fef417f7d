"""A whole tip (form, check, receipt) beside a bare function that takes it: as many bytes each way and one safe file."""

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import _compare
from tests.bench._site import ANSWERS, Site


def main(arguments: list[str]) -> None:
    """Measure both by turns and print p50, p99 and their ratio."""
    parser = argparse.ArgumentParser(prog="./dev bench submit", description=__doc__)
    parser.add_argument("--turns", type=int, default=60, help="of each server")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="streetlight-bench-") as folder, ExitStack() as stack:
        site = Site(Path(folder))
        ours = stack.enter_context(site.serving())
        form = ours.get("/report/")
        check = ours.post("/report/check/", form.form("/report/check/").fields | ANSWERS)
        receipt = ours.post("/report/receipt/", check.form("/report/receipt/").fields)
        lengths = ",".join(page.headers["content-length"] for page in (form, check, receipt))
        floor = stack.enter_context(site.serving("bench._floor:bare", BENCH_LENGTHS=lengths))
        tips: list[float] = []
        floors: list[float] = []
        ours.begin("whole tip")
        floor.begin("floor")
        for _ in range(options.turns):
            floors += [floor.seconds("floor") for _ in range(_compare.TURN)]
            tips += [ours.seconds("whole tip") for _ in range(_compare.TURN)]
    _compare.report({"whole tip": {"floor": floors, "ours": tips}})
    cuts = statistics.quantiles(tips, n=100)
    _compare.say(f"p99 {cuts[98] * 1000:.1f} ms, {cuts[98] / cuts[49]:.1f} times p50")
