"""docs/proofs.md: a line for each proof, as it ran last on each engine."""

from tests.system.proofs import __main__ as proofs
from tests.system.proofs.listed import PROOFS


def test_a_proof_that_is_run_again_replaces_its_own_line_and_keeps_the_others() -> None:
    row = ("flood", "the promise", "what came of it", "the goal", "caught")
    short = proofs._document([row, ("kill", *row[1:])], run="SQLite, short | 1 May, a1", before="")
    again = proofs._document([row], run="PostgreSQL, full | 2 May, b2", before=short)
    again = proofs._document([row], run="SQLite, full | 3 May, c3", before=again)
    assert [line.split(" | ")[:3] for line in again.splitlines() if line.startswith("| `")] == [
        ["| `kill`", "SQLite, short", "1 May, a1"],
        ["| `flood`", "PostgreSQL, full", "2 May, b2"],
        ["| `flood`", "SQLite, full", "3 May, c3"],
    ]


def test_every_proof_has_a_line_that_is_kept() -> None:
    kept = {line.split("`")[1] for line in proofs.DOCUMENT.read_text(encoding="utf-8").splitlines() if "| `" in line}
    assert {proof.name for proof in PROOFS if not proof.whole} <= kept
