"""docs/proofs.md: a line for each proof, as it ran last on each engine."""

from tests.system.proofs import __main__ as proofs

ELSEWHERE = {"containers", "failover", "install"}  # they take what few machines have


def test_a_proof_that_is_run_again_replaces_its_own_line_and_keeps_the_others() -> None:
    cells = ("the promise", "what came of it", "the goal", "caught")
    before = proofs._document({"flood": cells, "kill": cells}, run="SQLite, short | 1 May, a1", before="")
    again = proofs._document({"flood": cells}, run="PostgreSQL, full | 2 May, b2", before=before)
    again = proofs._document({"flood": cells}, run="SQLite, full | 3 May, c3", before=again)
    assert [line.split(" | ")[:3] for line in proofs._lines(again)] == [
        ["| `flood`", "PostgreSQL, full", "2 May, b2"],
        ["| `flood`", "SQLite, full", "3 May, c3"],
        ["| `kill`", "SQLite, short", "1 May, a1"],
    ]
    kept = {proofs._key(line)[0] for line in proofs._lines(proofs.DOCUMENT.read_text(encoding="utf-8"))}
    assert kept <= proofs.marked().keys()
    assert proofs.marked().keys() - kept <= ELSEWHERE, "a proof without a line"
