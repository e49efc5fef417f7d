"""No mail is plain: each goes through the translations."""

import pytest
from django.template.loader import render_to_string

from reports.domain.health.faults import FAULTS
from tests.languages import pseudo
from tests.languages.plain import outside


@pytest.mark.parametrize("becomes", ["", "unwatched", "closed"])
@pytest.mark.parametrize("name", ["unread", "urgent", "weekly", "ill", "server"])
def test_mail_is_translated(name: str, becomes: str, strange: None) -> None:
    known = {"origin": "https://zz.example", "becomes": becomes, "days": 2, "mark": "0a1b2 c3d4e", "due": True}
    known |= {"command": "/zz/manage", "manage": "/zz/manage", "causes": list(FAULTS.values()), "unit": "zz.service"}
    text = render_to_string(f"emails/{name}.txt", known)
    assert text.count(pseudo.OPEN) >= 2
    assert outside(text) == ([], 0)
