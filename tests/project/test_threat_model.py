"""Every attack in the threat model has something that shows its answer."""

import re

from tests.project.test_docs import ROOT, exists, node_ids, section
from tests.system.proofs.__main__ import marked

THREAT_MODEL = ROOT / "docs" / "threat-model.md"


def test_every_attack_ends_with_tests_and_proofs_that_there_are():
    table = section(THREAT_MODEL, "Who attacks, and what stops them")
    titles, _, *rows = [line for line in table.splitlines() if line.startswith("|")]
    assert titles == "| Who | Wants | What protects | What shows it |"
    assert len(rows) > 20
    for row in rows:
        who, *_, shown = (cell.strip() for cell in row.split("|")[1:-1])
        tests, proofs = node_ids(shown), re.findall(r"`\./dev prove ([\w -]+)`", shown)
        assert len(tests) + len(proofs) == shown.count("`") / 2 > 0, who
        assert marked().keys() >= set(proofs), who
        assert all(map(exists, tests)), who
