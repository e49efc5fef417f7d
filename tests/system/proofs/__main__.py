"""`./dev prove [NAME ...]`: run the proofs, and print promise, figure, goal and control; --full at their whole size.

A proof is what tests say of themselves with the mark `proof` and its name: the docstring of one of them says what is
promised, and its mark the goal that the figures must reach. Those with control=True weaken the promise on purpose, and
must catch it.

--postgres on PostgreSQL; what is about one engine runs on it alone. --write keeps each one's line in docs/proofs.md.
"""

import argparse
import inspect
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.project.promises import sentence

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "proofs.md"
HEAD = """# Proofs

A proof attacks a promise; its control is the same attack on a build that was weakened on purpose, and must be caught.
`./dev prove` runs them and prints promise, goal and figures.

A result holds for the commit in its line. Until a full run on the newest version, every line says “not run since”.
`containers`, `failover` and `install` have no line: no result of theirs was ever written down.

| Proof | Run | On | Result |
|---|---|---|---|"""
MARK = re.compile(r'mark\.proof\(\s*"([^"]+)"')
NOT_SINCE = "; not run since |"
ENGINE = "PostgreSQL" if "TEST_POSTGRES" in os.environ else "SQLite"


def marked():
    """Return the names of all proofs, each with the files that have a part of it."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in MARK.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(path)
    return dict(sorted(found.items()))


@dataclass
class Proof:
    """A promise, the goal that its figures must reach, the engine that it is about, and what its tests came to."""

    promise: str = ""
    goal: str = ""
    engine: str = ""
    figures: list[str] = field(default_factory=list)
    outcomes: dict[bool, set[str]] = field(
        default_factory=lambda: {False: set(), True: set()}
    )  # of tests, of controls

    def came_to(self, *, control):
        """Return "failed" if one did, "skipped" if one was, "passed" if all did that were run."""
        outcomes = self.outcomes[control]
        return next(
            (one for one in ("failed", "skipped", "passed") if one in outcomes),
            "–" if control else "not run",
        )

    @property
    def held(self):
        """Return whether the promise held, and each control was caught."""
        return self.came_to(control=False) == "passed" and self.came_to(control=True) in (
            "passed",
            "–",
        )

    @property
    def measured(self):
        """Return the figures, and what the promise came to where it did not hold or has none."""
        promise = self.came_to(control=False)
        told = [] if promise == "passed" and self.figures else [promise]
        return "; ".join([*self.figures, *told])

    @property
    def control(self):
        """Return whether the weakened build was caught."""
        said = {
            "passed": "control caught",
            "failed": "control NOT CAUGHT",
            "skipped": "control skipped",
        }
        return said.get(self.came_to(control=True), "no control")

    @property
    def result(self):
        """Return what a line of the document says of it: what the promise came to, and the control."""
        parts = self.outcomes[False]
        if "failed" in parts:
            promise = "FAILED"
        elif "passed" not in parts:
            promise = "skipped" if parts else "not run"
        elif "skipped" in parts:
            promise = "held, one part skipped"
        else:
            promise = "held"
        return f"{promise}; {self.control}"


class Proofs:
    """The part of a run of pytest that belongs to proofs of these names, and what it came to."""

    def __init__(self, names):
        """Begin with nothing told."""
        self.found = {name: Proof() for name in names}
        self._parts = {}  # by test: its proofs, and whether it is a control

    @pytest.hookimpl(trylast=True)  # when what was not asked for is left out already
    def pytest_collection_modifyitems(self, items):
        """Keep the tests that belong to one of the proofs, and learn what is promised."""
        for item in items:
            parts = {}
            for mark in item.iter_markers("proof"):
                (name,) = mark.args
                if (proof := self.found.get(name)) is None:
                    continue
                parts[name] = parts.get(name, False) or mark.kwargs.get("control", False)
                proof.engine = mark.kwargs.get("engine", proof.engine)
                if "goal" in mark.kwargs:
                    proof.promise = sentence(inspect.getdoc(item.function))  # type: ignore[attr-defined]
                    proof.goal = mark.kwargs["goal"]
            self._parts[item.nodeid] = parts
        left = {
            name
            for name, proof in self.found.items()
            if proof.goal and proof.engine in ("", ENGINE)
        }
        self.found = {name: proof for name, proof in self.found.items() if name in left}
        items[:] = [item for item in items if left.intersection(self._parts[item.nodeid])]

    def pytest_runtest_logreport(self, report):
        """Keep the outcome of each part of a test, and its figures."""
        if report.when != "call" and report.outcome == "passed":
            return
        for name, control in self._parts[report.nodeid].items():
            if name in self.found:
                self.found[name].outcomes[control].add(report.outcome)
                told = [str(value) for what, value in report.user_properties if what == "figure"]
                self.found[name].figures += [] if control else told


def main():
    """Run the named proofs, or all, and print their table; return 1 if a promise or a control failed."""
    files = marked()
    parser = argparse.ArgumentParser(prog="./dev prove", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(files)}")
    parser.add_argument(
        "--full", action="store_true", help="at the size that the promise names, which takes longer"
    )
    parser.add_argument(
        "--write", action="store_true", help="keep what came of these in docs/proofs.md"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - files.keys():
        parser.error(f"there is no proof named {', '.join(sorted(unknown))}")
    proofs = Proofs(options.names or [*files])
    paths = sorted({str(path) for name in proofs.found for path in files[name]})
    pytest.main(
        [*paths, *(["--whole", "--full"] if options.full else []), "-p", "no:cacheprovider"],
        plugins=[proofs],
    )
    if not proofs.found:
        parser.error("these run with --full alone, or on the other engine")
    for name, proof in proofs.found.items():
        sys.stdout.write(
            f"\n{name}: {proof.promise}.\n    {proof.measured}\n    goal: {proof.goal}; {proof.control}\n"
        )
    if options.write:
        results = {name: proof.result for name, proof in proofs.found.items()}
        before = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(
            _document(results, run=_run(full=options.full), before=before), encoding="utf-8"
        )
    return 0 if all(proof.held for proof in proofs.found.values()) else 1


def _run(*, full):
    """Return what a line says of its run: engine and size, which with the name make it one, then day and version."""
    version = _git("describe", "--always", "--tags")
    if _git(
        "status", "--porcelain", "--", f":!{DOCUMENT.relative_to(ROOT)}"
    ):  # it is being written line by line
        version += ", changed"
    return f"{ENGINE}, {'full' if full else 'short'} | {datetime.now(tz=UTC):%d %B %Y}, {version}"


def _git(*command):
    return subprocess.run(
        ["git", *command], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def _document(results, *, run, before):
    """Return the document with these results in place of what it said of them on the same engine; the others stay."""
    lines = {_key(line): _not_since(line, run) for line in _lines(before)}
    for name, result in results.items():
        line = f"| `{name}` | {run} | {result} |"
        lines[_key(line)] = line
    kept = [lines[key] for key in sorted(lines) if key[0] in marked()]
    return "\n".join([HEAD, *kept]) + "\n"


def _not_since(line, run):
    """Return the line of an earlier run, which says that it is of another version if it is."""
    if line.endswith(NOT_SINCE) or _version(line) == _version(f"| | {run} |"):
        return line
    return line.removesuffix(" |") + NOT_SINCE


def _version(line):
    """Return the version that a line's proof ran on."""
    return line.split(" | ")[2].removesuffix(" |").partition(", ")[2]


def _lines(text):
    """Yield the lines of proofs."""
    yield from (line for line in text.splitlines() if line.startswith("| `"))


def _key(line):
    """Return the name of a line's proof, and the engine that it ran on."""
    name, run = line.split(" | ", 2)[:2]
    return name.strip("| `"), run.partition(",")[0]


if __name__ == "__main__":
    sys.exit(main())
