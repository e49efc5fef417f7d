"""People and keys: who waits for access and who has lost it are two different things."""

import pytest

from reports.domain.keys import keyholders
from reports.models import Member
from tests.factories import CHEAP, make_user
from tests.reports.admin.conftest import sign_in

PEOPLE = "/admin/people/"


@pytest.fixture
def boss(officer, lead, phrase):
    """Return the browser of a lead with access to the desk."""
    officer.groups.set(lead.groups.all())
    return sign_in(officer)


def part_of(page: str, name: str) -> str:
    """Return what the page says of one person."""
    people = [part.split("</li>")[0] for part in page.split('<li class="panel">')]
    return next(part for part in people if f"{name}\n" in part.split("</h2>")[0])


def test_who_has_just_lost_access_is_shown_as_that_with_no_button_to_give_it_back(boss, officer, phrase):
    nia = make_user("nia", "Officer")
    keyholders.enrol(user=nia, costs=CHEAP)
    waits = part_of(boss.get(PEOPLE).text, "nia")
    assert "Waits for access" in waits
    assert 'class="button small"' in waits
    keyholders.grant(member=Member.objects.get(user=nia), by=officer, phrase=phrase)
    keyholders.revoke(member=Member.objects.get(user=nia), by=officer, phrase=phrase)
    lost = part_of(boss.get(PEOPLE).text, "nia")
    assert "Waits for access" not in lost
    assert "Access taken away" in lost
    assert "by olu" in lost
    assert f"/people/{nia.pk}/revoke/" not in lost
    assert 'class="button small"' not in lost.split("</ul>")[0]
    assert lost.index("<details>") < lost.index(f"/people/{nia.pk}/grant/"), "folded away, with a warning"
    keyholders.forget(member=Member.objects.get(user=nia), by=officer, phrase=phrase)
    keyholders.enrol(user=nia, costs=CHEAP)
    assert "Waits for access" in part_of(boss.get(PEOPLE).text, "nia"), "with new words"
