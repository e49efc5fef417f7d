"""docs/proofs.md: a line for each proof, as it ran last on each engine."""

import ast

from tests.system.proofs import __main__ as proofs

ELSEWHERE = {"containers", "failover", "install"}  # they take what few machines have


def test_a_proof_that_is_run_again_replaces_its_own_line_and_keeps_the_others():
    held = "held; control caught"
    before = proofs._document(
        {"flood": held, "kill": held}, run="SQLite, short | 1 May, a1", before=""
    )
    again = proofs._document({"flood": held}, run="PostgreSQL, full | 2 May, b2", before=before)
    again = proofs._document({"flood": held}, run="SQLite, full | 3 May, b2", before=again)
    assert [*proofs._lines(again)] == [
        "| `flood` | PostgreSQL, full | 2 May, b2 | held; control caught |",
        "| `flood` | SQLite, full | 3 May, b2 | held; control caught |",
        "| `kill` | SQLite, short | 1 May, a1 | held; control caught; not run since |",
    ]
    assert again.startswith(proofs.DOCUMENT.read_text(encoding="utf-8").partition("\n| `")[0]), (
        "HEAD is the document's"
    )
    kept = {
        proofs._key(line)[0] for line in proofs._lines(proofs.DOCUMENT.read_text(encoding="utf-8"))
    }
    assert kept <= proofs.marked().keys()
    assert proofs.marked().keys() - kept <= ELSEWHERE, "a proof without a line"


def test_each_proof_has_one_goal_on_a_test_that_says_its_promise():
    """Else `./dev prove` cannot begin, or prints a proof without a promise."""
    goals = dict.fromkeys(proofs.marked(), 0)
    for path in {path for paths in proofs.marked().values() for path in paths}:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        marks = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_proof(node)]
        assert [len(mark.args) for mark in marks] == [1] * len(marks), path.name
        for test in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for mark in (
                one for one in test.decorator_list if isinstance(one, ast.Call) and _is_proof(one)
            ):
                goals[ast.literal_eval(mark.args[0])] += bool(
                    _goal(mark) and ast.get_docstring(test)
                )
    assert {name: count for name, count in goals.items() if count != 1} == {}


def _is_proof(call):
    return isinstance(call.func, ast.Attribute) and call.func.attr == "proof"


def _goal(mark):
    return any(keyword.arg == "goal" for keyword in mark.keywords)
