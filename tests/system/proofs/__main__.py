"""`./dev prove [NAME ...]`: run the proofs, and print promise, figure, goal and control; --full at their whole size.

--postgres on PostgreSQL; what is about one engine runs on it alone. --write keeps each one's line in docs/proofs.md.
"""

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.system.proofs.listed import PROOFS, Proof

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "proofs.md"
HEAD = """# Proofs

Written by `./dev prove --write`: each line says how and when it ran last. Each promise is attacked; the control is the
same attack on a build that was weakened on purpose, and must be caught.

| Proof | Run | On | Promise | Measured | Goal | Control |
|---|---|---|---|---|---|---|"""


class Results:
    """What each test came to, and the figures that it told, by its address without parameters."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.outcomes: dict[str, set[str]] = defaultdict(set)
        self.figures: dict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of each part of a test, and its figures."""
        test = report.nodeid.partition("[")[0]
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[test].add(report.outcome)
            self.figures[test] += [str(value) for name, value in report.user_properties if name == "figure"]

    def of(self, tests: Iterable[str]) -> str:
        """Return "failed" if one of these did, "skipped" if one was, "passed" if all did that were run.

        Those that repeat another at its whole size are run with --full alone.
        """
        outcomes = set[str]().union(*(self.outcomes[test] for test in self._of(tests)))
        return next((one for one in ("failed", "skipped", "passed") if one in outcomes), "not run")

    def _of(self, tests: Iterable[str]) -> list[str]:
        """Return the tests that were run of these, of which some may be whole files."""
        return [run for test in tests for run in self.outcomes if run == test or run.startswith(f"{test}::")]

    def row(self, proof: Proof) -> tuple[str, str, str, str, str]:
        """Return a proof's line: name, promise, what was measured, goal, control."""
        figures = [figure for test in self._of(proof.tests) for figure in self.figures[test]]
        control = {"passed": "caught", "failed": "NOT CAUGHT"}.get(self.of(proof.controls), self.of(proof.controls))
        held = self.of(proof.tests)
        measured = "; ".join([*figures, *([] if held == "passed" and figures else [held])])
        return proof.name, proof.promise, measured, proof.goal, control if proof.controls else "–"


def main() -> int:
    """Run the named proofs, or all, and print their table; return 1 if a promise or a control failed."""
    parser = argparse.ArgumentParser(prog="./dev prove", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(proof.name for proof in PROOFS)}")
    parser.add_argument("--full", action="store_true", help="at the size that the promise names, which takes longer")
    parser.add_argument("--write", action="store_true", help="keep what came of these in docs/proofs.md")
    options = parser.parse_args()
    if unknown := set(options.names) - {proof.name for proof in PROOFS}:
        parser.error(f"there is no proof named {', '.join(sorted(unknown))}")
    engine = "PostgreSQL" if "TEST_POSTGRES" in os.environ else "SQLite"
    possible = [proof for proof in PROOFS if options.full >= proof.whole and proof.engine in ("", engine)]
    asked = [proof for proof in possible if proof.name in options.names or not options.names]
    if not asked:
        parser.error("these run with --full alone, or on the other engine")
    results = Results()
    tests = [test for proof in asked for test in (*proof.tests, *proof.controls)]
    pytest.main([*tests, *(["--whole", "--full"] if options.full else []), "-p", "no:cacheprovider"], plugins=[results])
    rows = [results.row(proof) for proof in asked]
    for name, promise, measured, goal, control in rows:
        sys.stdout.write(f"\n{name}: {promise}.\n    {measured}\n    goal: {goal}; control: {control}\n")
    if options.write:
        run = _run(full=options.full, engine=engine)
        DOCUMENT.write_text(_document(rows, run=run, before=DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    held = all(
        results.of(tests) == "passed" for proof in asked for tests in (proof.tests, proof.controls or proof.tests)
    )
    return 0 if held else 1


def _run(*, full: bool, engine: str) -> str:
    """Return what a line says of its run: engine and size, which with the name make it one, then day and version."""
    version = _git("describe", "--always", "--tags")
    if _git("status", "--porcelain", "--", f":!{DOCUMENT.relative_to(ROOT)}"):  # it is being written line by line
        version += ", changed"
    return f"{engine}, {'full' if full else 'short'} | {datetime.now(tz=UTC):%d %B %Y}, {version}"


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _document(rows: list[tuple[str, str, str, str, str]], *, run: str, before: str) -> str:
    """Return the document with these rows in place of what it said of them on the same engine; the others stay."""
    lines = {_key(line): line for line in before.splitlines() if line.startswith("| `")}
    for name, promise, measured, goal, control in rows:
        line = f"| `{name}` | {run} | {promise} | {measured} | {goal} | {control} |"
        lines[_key(line)] = line
    order = [proof.name for proof in PROOFS]
    kept = sorted((key for key in lines if key[0] in order), key=lambda key: (order.index(key[0]), key[1]))
    return "\n".join([HEAD, *(lines[key] for key in kept)]) + "\n"


def _key(line: str) -> tuple[str, str]:
    """Return the name of a line's proof, and the engine that it ran on."""
    name, run = line.split(" | ", 2)[:2]
    return name.strip("| `"), run.partition(",")[0]


if __name__ == "__main__":
    sys.exit(main())
