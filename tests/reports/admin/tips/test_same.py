"""How many tips name the same house, plate or number: a request of its own, for who has read the tip."""

import pytest

from reports.domain.tips import opening
from reports.models import AuditEvent, Recusal
from tests.reports.admin.tip_page import address


@pytest.fixture
def tips(send, caseworker, keys):
    """Return three opened tips, of which two name the same house."""
    rows = [
        send(what)
        for what in ("At 22 Ashfield Cres.", "22 ashfield crescent, again", "A grey car.")
    ]
    opening.open_new(by=caseworker, keys=keys)
    return rows


def test_counts_have_a_page_of_their_own_to_which_the_tips_page_links(unlocked, tips):
    tip, other, _car = tips
    link = f'<a href="{address(tip, "same")}" data-counts>'
    page = unlocked.get(address(tip)).text
    assert link in page
    assert "names the same house" not in page
    events = AuditEvent.objects.count()
    counts = unlocked.get(address(tip, "same")).text
    assert (
        "<p>1 other tip names the same house: 1 this week, 0 in the two weeks before.</p>" in counts
    )
    assert 'id="counts"' in counts
    assert other.reference not in counts
    assert AuditEvent.objects.count() == events


def test_counts_leave_out_what_the_member_may_not_see(unlocked, tips, caseworker):
    tip, other, car = tips
    Recusal.objects.create(tip=other, user=caseworker, key_index=1, sealed=b"")
    for each in (tip, car):
        unlocked.get(address(each))
    assert "No other tip names the same house." in unlocked.get(address(tip, "same")).text
    assert "names no house, number plate or phone number" in unlocked.get(address(car, "same")).text


def test_counts_are_for_who_has_read_the_tip(unlocked, tips):
    assert unlocked.get(address(tips[0], "same")).url == address(tips[0])


def test_a_locked_desk_has_no_counts(signed_in, send):
    tip = send("At 22 Ashfield Cres.")
    assert "data-counts" not in signed_in.get(address(tip)).text
    assert "/unlock/" in signed_in.get(address(tip, "same")).url
