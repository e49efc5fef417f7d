"""What was done about the danger: asked beside every button that closes an urgent tip, and listed for Team leads."""

import pytest

from reports.domain import enquiries
from reports.domain.referrals import police_referrals
from reports.domain.triage import safety, triaging
from reports.domain.triage.safety import Danger
from reports.models import AuditEvent, Link, Note, SafetyDecision, Tip
from tests.reports.admin.conftest import tiles
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import approve, export, keyholder, make_ready, newest_keys

LEGEND = "What was done about the danger?"
LIST = "/admin/reports/tip/danger/"


@pytest.fixture
def tip(send, unlocked):
    """Return an urgent tip that the caseworker has begun to read."""
    urgent = send("A child is made to carry packets.", danger="yes")
    unlocked.get(address(urgent))
    return Tip.objects.get(pk=urgent.pk)


def stored(keys):
    return [safety.content(row, keys=keys) for row in SafetyDecision.objects.all()]


@pytest.mark.parametrize(
    "way", [{"status": "no_action"}, {"codename": "loud drum"}, {"enquiry": "quiet lantern"}]
)
def test_press_that_closes_an_urgent_tip_asks_beside_the_field_and_loses_nothing(
    unlocked, tip, caseworker, keys, way
):
    enquiry = enquiries.begin(by=caseworker, codename="quiet lantern")
    way = {name: enquiry.pk if name == "enquiry" else value for name, value in way.items()}
    refused = press(unlocked, tip, **way, note="Mine.", danger_text="Nobody is.")
    page = refused.text
    assert "Choose what was done about the danger." in page
    assert 'id="save-danger_choice_error"' in page
    fields = sent(refused)
    assert fields["save-danger_text"] == ["Nobody is."]
    for name, value in way.items():
        assert fields[f"save-{name}"] == [str(value)]
    row = Tip.objects.get()
    assert (row.status, SafetyDecision.objects.count(), Link.objects.count()) == ("reading", 0, 0)
    assert Note.objects.count() == 1, "the note is saved whatever else is refused"
    press(unlocked, tip, on=refused, danger_choice="none")
    assert Tip.objects.get().status in ("no_action", "linked")
    assert stored(keys) == [{"choice": "No danger after reading", "text": "Nobody is."}]
    assert LEGEND not in unlocked.get(address(tip)).text


@pytest.fixture
def left(tip, send, caseworker, team_lead, keys):
    """Return a referral with an urgent tip and another, which has left."""
    plain = send(police="yes")
    for one in (tip, plain):
        make_ready(one, by=caseworker, keys=keys)
    referral = police_referrals.draft(tips=[tip, plain], by=caseworker, keys=keys)
    police_referrals.name_danger(
        referral=referral, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    keyholder(team_lead)
    for member in (caseworker, team_lead):
        approve(referral, by=member, keys=keys)
    export(referral, by=caseworker, keys=keys)
    return referral


def test_referrals_page_asks_before_it_is_confirmed(unlocked, left, tip, keys, passphrase):
    page = f"/admin/reports/referral/{left.pk}/"
    shown = unlocked.get(f"{page}change/").text
    assert f"{tip.reference} is or may be about danger, or someone under 18." in shown
    said = {"reference": "URN 1", "who": "PC Doe", "sure": "on", "passphrase": passphrase}
    refused = unlocked.post(f"{page}confirm/", said).text
    assert 'id="confirm_danger_choice_error"' in refused
    assert 'value="URN 1"' in refused
    assert set(Tip.objects.values_list("status", flat=True)) == {"reading"}
    unlocked.post(
        f"{page}confirm/", said | {"danger_choice": "police", "danger_text": "They have it."}
    )
    assert set(Tip.objects.values_list("status", flat=True)) == {"passed_on"}
    assert stored(keys) == [{"choice": "We called 999 or 101", "text": "They have it."}]
    assert LEGEND not in unlocked.get(f"{page}change/").text


def test_team_lead_finds_it_on_the_first_screen_reads_it_and_marks_it(
    team_lead, let_in, tip, caseworker
):
    triaging.move(
        tip=tip,
        to="no_action",
        by=caseworker,
        danger=Danger("safeguarding", "The contact knows since noon."),
        keys=newest_keys(),
    )
    leading, closed = let_in(team_lead), SafetyDecision.objects.get()
    assert tiles(leading)["danger"] == 1
    assert LIST in leading.get("/admin/").text
    page = leading.get(LIST).text
    assert "We told the safeguarding contact" in page
    assert "The contact knows since noon." in page
    event = AuditEvent.objects.filter(act="glimpsed").latest("seq")
    assert (event.actor, event.subject) == ("lena", tip.reference)
    response = leading.post(address(tip, f"{closed.pk}/look"), {"next": LIST}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "you have looked at the decision about danger" in response.text
    assert "There is nothing for you to look at." in response.text
    assert "danger" not in tiles(leading)
    assert SafetyDecision.objects.get().looked_by == "lena"
    page = leading.get(address(tip)).text
    assert "lena looked at it on" in page
    assert "The contact knows since noon." in page
