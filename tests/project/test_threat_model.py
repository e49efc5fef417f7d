"""Every attack that the threat model names has an answer, and something that shows it."""

import re

from tests.project.test_docs import ROOT, exists, node_ids, section
from tests.system.proofs.__main__ import marked

TABLE = section(ROOT / "docs" / "threat-model.md", "Who attacks, and what stands in the way")


def unshown(table: str) -> list[str]:
    """Return the attackers of a table whose line does not end with tests and proofs that there are."""
    missing = []
    for line in table.splitlines()[2:]:
        who, *_, shown = (cell.strip() for cell in line.split("|")[1:-1])
        tests, proofs = node_ids(shown), re.findall(r"`\./dev prove ([\w -]+)`", shown)
        named = len(tests) + len(proofs)
        known = marked().keys() >= set(proofs) and all(map(exists, tests))
        if not named or not known or shown.count("`") != 2 * named:
            missing.append(who)
    return missing


def test_every_attack_has_something_that_shows_its_answer() -> None:
    rows = "\n".join(line for line in TABLE.splitlines() if line.startswith("|"))
    assert rows.startswith("| Who | Wants | What protects | What shows it |")
    assert rows.count("\n") > 20
    assert unshown(rows) == []


def test_an_attack_that_nothing_shows_is_found() -> None:
    here = "`tests/project/test_threat_model.py::test_an_attack_that_nothing_shows_is_found`"
    row = "| Who |\n|---|\n| A thief | gold | a door | {} |"
    for shown in ("", "a lock", "`./dev prove nothing`", here.replace("nothing_shows", "none_shows"), f"{here} `x`"):
        assert unshown(row.format(shown)) == ["A thief"]
    assert unshown(row.format(f"`./dev prove kill`, {here}")) == []
