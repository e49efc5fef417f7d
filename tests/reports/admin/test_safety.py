"""What was done about the danger: asked beside every button that closes an urgent tip, and listed for Team leads."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.domain import enquiries, handover, triage
from reports.domain.handover import departure, urgent_calls
from reports.domain.people import accounts
from reports.domain.tips import opening, recusal
from reports.domain.triage import safety
from reports.domain.triage.safety import Danger
from reports.models import AuditAct, AuditEvent, Enquiry, Link, Note, SafetyDecision, Tip
from tests.factories import let_in
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import keyholder, make_ready, own_key, sign
from tests.reports.unrecorded import record_broken

ASKED = "This tip speaks of danger, or of someone under 18. Say what was done about it before you close it."
LEGEND = "What was done about the danger?"
LIST = "/admin/reports/tip/danger/"
CALL = {"to": "children", "whom": "The team", "when": "now", "reference": "", "ground": "child", "danger": "Yes."}
ANSWER = {"danger_choice": "none", "danger_text": "Read twice: nobody is in danger."}


@pytest.fixture
def tip(send, unlocked) -> Tip:
    """Return an urgent tip that the officer has begun to read."""
    urgent = send("A child is made to carry packets.", danger="yes")
    unlocked.get(address(urgent))
    return Tip.objects.get(pk=urgent.pk)


def html(response) -> str:
    return response.content.decode()


def stored(keys) -> list[dict[str, str]]:
    return [safety.content(row, keys=keys) for row in SafetyDecision.objects.all()]


def test_fields_stand_on_the_page_of_an_urgent_tip_that_is_open_and_of_no_other(unlocked, tip, send, officer):
    assert LEGEND in html(unlocked.get(address(tip)))
    plain = send()
    unlocked.get(address(plain))
    assert LEGEND not in html(unlocked.get(address(plain)))
    urgent_calls.record(tip=tip, **CALL, by=officer)
    assert LEGEND not in html(unlocked.get(address(tip)))


@pytest.mark.parametrize(
    "way", [{"status": "no_action"}, {"status": "spam"}, {"codename": "loud drum"}, {"enquiry": "quiet lantern"}]
)
def test_press_that_closes_an_urgent_tip_asks_beside_the_field_and_loses_nothing(unlocked, tip, officer, keys, way):
    enquiry = enquiries.begin(by=officer, codename="quiet lantern")
    way = {name: enquiry.pk if name == "enquiry" else value for name, value in way.items()}
    refused = press(unlocked, tip, **way, note="Mine.", danger_text="Nobody is.")
    page = html(refused)
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
    assert Tip.objects.get().status in ("no_action", "spam", "linked")
    assert stored(keys) == [{"choice": "No danger after reading", "text": "Nobody is."}]
    assert LEGEND not in html(unlocked.get(address(tip)))


def test_press_without_a_word_says_plainly_what_is_missing(unlocked, tip):
    page = html(press(unlocked, tip, status="no_action"))
    assert ASKED in page
    assert "<title>Error: Tip" in page
    assert Tip.objects.get().status == "reading"


def test_press_with_a_choice_and_no_sentence_asks_for_the_sentence(unlocked, tip):
    refused = press(unlocked, tip, status="no_action", danger_choice="safeguarding")
    assert 'id="save-danger_text_error"' in html(refused)
    assert sent(refused)["save-danger_choice"] == ["safeguarding"]
    assert "Choose what was done" in html(press(unlocked, tip, status="no_action", danger_choice="x", danger_text="y"))
    assert not SafetyDecision.objects.exists()


def test_what_was_typed_while_the_tip_stays_open_is_a_draft_till_it_is_closed(unlocked, tip, keys):
    press(unlocked, tip, status="needs_more", danger_choice="police", danger_text="They are on their way.")
    assert (Tip.objects.get().status, SafetyDecision.objects.count()) == ("needs_more", 0)
    again = unlocked.get(address(tip))
    assert sent(again)["save-danger_text"] == ["They are on their way."]
    press(unlocked, tip, on=again, status="no_action")
    assert stored(keys) == [{"choice": "We called 999 or 101", "text": "They are on their way."}]
    assert "They are on their way." not in sent(unlocked.get(address(tip))).get("save-danger_text", [])


def test_tips_page_shows_it_to_the_team_and_a_locked_desk_does_not(unlocked, tip):
    press(unlocked, tip, status="no_action", **ANSWER)
    page = html(unlocked.get(address(tip)))
    assert "No danger after reading" in page
    assert ANSWER["danger_text"] in page
    assert "A Team lead will look at it." in page
    assert "Mark as looked at" not in page
    unlocked.post("/admin/lock/")
    assert ANSWER["danger_text"] not in html(unlocked.get(address(tip)))


def test_bulk_closes_no_urgent_tip_that_was_taken(unlocked, tip, officer):
    triage.acknowledge(tip=tip, by=officer)
    form = {"tip": [tip.pk], "do": "move", "move": "no_action", "as_of": AuditEvent.objects.latest("seq").seq}
    response = unlocked.post("/admin/reports/tip/bulk/", form | ANSWER, follow=True)
    assert "Open it and decide it by itself." in html(response)
    assert Tip.objects.get().status == "reading"


def test_enquirys_page_asks_once_it_knows_the_tip(unlocked, tip, officer, keys):
    enquiry = enquiries.begin(by=officer, codename="quiet lantern")
    page = f"/admin/reports/enquiry/{enquiry.pk}/"
    assert LEGEND not in html(unlocked.get(f"{page}change/"))
    refused = html(unlocked.post(f"{page}link/", {"tip": tip.reference}))
    assert ASKED in refused
    assert LEGEND in refused
    assert "These tips speak of danger" not in refused  # which is of a pack's page
    assert f'value="{tip.reference}"' in refused
    half = html(unlocked.post(f"{page}link/", {"tip": tip.reference, "danger_text": "Told at noon."}))
    assert 'value="Told at noon."' in half
    typo = html(unlocked.post(f"{page}link/", {"tip": "K7QX-0000", "danger_text": "Told at noon."}))
    assert 'value="Told at noon."' in typo
    typed = {"tip": tip.reference, "danger_choice": "safeguarding", "danger_text": "Told at noon."}
    assert LEGEND not in html(unlocked.post(f"{page}link/", typed, follow=True))
    assert Tip.objects.get().status == "linked"
    assert stored(keys) == [{"choice": "We told the safeguarding contact", "text": "Told at noon."}]


def test_page_of_related_tips_asks_beside_each_tip_that_needs_it(unlocked, send, officer, keys):
    car = "A grey car, AB12 CDE."
    tip, other, plain = send(car), send(f"{car} A child is in it.", danger="yes"), send(f"{car} It is fast.")
    opening.open_new(by=officer, keys=keys)
    for one in (tip, other, plain):
        unlocked.get(address(one))
    enquiry = enquiries.begin_with(tip=Tip.objects.get(pk=tip.pk), codename="quiet lantern", by=officer)
    here, link = address(tip, "related"), address(tip, "link")
    page = html(unlocked.get(here))
    assert page.count(LEGEND) == 1
    assert f'name="{other.reference}-danger_choice"' in page
    named = {f"{other.reference}-other": other.reference, f"{other.reference}-enquiry": enquiry.pk, "next": here}
    refused = html(unlocked.post(link, named | {f"{other.reference}-danger_text": "Told at noon."}))
    assert f'id="{other.reference}-danger_choice_error"' in refused
    assert 'value="Told at noon."' in refused
    assert not Link.objects.filter(tip=other).exists()
    typed = {f"{other.reference}-danger_choice": "other", f"{other.reference}-danger_text": "Told at noon."}
    unlocked.post(link, named | typed)
    assert Link.objects.filter(tip=other).exists()
    assert stored(keys) == [{"choice": "Something else", "text": "Told at noon."}]


@pytest.fixture
def left(tip, send, officer, lead, keys):
    """Return a pack with an urgent tip and another, which has left."""
    plain = send(police="yes")
    for one in (tip, plain):
        make_ready(one, by=officer, keys=keys)
    pack = handover.draft(tips=[tip, plain], by=officer)
    handover.name_danger(pack=pack, ground="life", reason="A knife.", by=officer)
    keyholder(lead)
    for member in (officer, lead):
        sign(pack, by=member, keys=keys)
    departure.export(pack=pack, kind="json", partner=None, by=officer, keys=keys, own=own_key(officer))
    return pack


def test_packs_page_asks_before_it_is_confirmed(unlocked, left, tip, keys):
    page = f"/admin/reports/pack/{left.pk}/"
    shown = html(unlocked.get(f"{page}change/"))
    assert f"{tip.reference} speaks of danger, or of someone under 18." in shown
    said = {"reference": "URN 1", "who": "PC Doe"}
    refused = html(unlocked.post(f"{page}confirm/", said))
    assert 'id="confirm_danger_choice_error"' in refused
    assert 'value="URN 1"' in refused
    assert set(Tip.objects.values_list("status", flat=True)) == {"reading"}
    unlocked.post(f"{page}confirm/", said | {"danger_choice": "police", "danger_text": "They have it."})
    assert set(Tip.objects.values_list("status", flat=True)) == {"passed_on"}
    assert stored(keys) == [{"choice": "We called 999 or 101", "text": "They have it."}]
    assert LEGEND not in html(unlocked.get(f"{page}change/"))


@pytest.fixture
def leading(lead, officer, phrase, unlock):
    """Return the browser of a Team lead with an unlocked desk, and their words."""
    officer.groups.set([])
    officer.groups.add(*lead.groups.all())  # who lets them in
    words = let_in(lead, by=officer, phrase=phrase)
    officer.groups.set([])
    officer.groups.add(accounts.Group.objects.get(name="Officer"))
    client = sign_in(lead)
    assert client.post("/admin/unlock/", {"phrase": words}).status_code == 302
    return client


@pytest.fixture
def closed(tip, officer) -> SafetyDecision:
    """Return the decision of an officer who closed an urgent tip."""
    triage.move(tip=tip, to="no_action", by=officer, danger=Danger("safeguarding", "The contact knows since noon."))
    return SafetyDecision.objects.get()


def tiles(client) -> dict[str, int]:
    return {tile.name: tile.waits.number for tile in client.get("/admin/").context["tiles"]}


def test_team_lead_finds_it_on_the_first_screen_reads_it_and_marks_it(leading, closed, tip):
    assert tiles(leading)["danger"] == 1
    assert LIST in html(leading.get("/admin/"))
    page = html(leading.get(LIST))
    assert "We told the safeguarding contact" in page
    assert "The contact knows since noon." in page
    event = AuditEvent.objects.filter(act="glimpsed").latest("seq")
    assert (event.actor, event.subject) == ("lena", tip.reference)
    response = leading.post(address(tip, "look"), {"decision": closed.pk, "next": LIST}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "you have looked at what was done about the danger" in html(response)
    assert "Nothing waits for you." in html(response)
    assert "danger" not in tiles(leading)
    assert SafetyDecision.objects.get().looked_by == "lena"
    assert "lena looked at it on" in html(leading.get(address(tip)))


def test_team_lead_marks_it_on_the_tips_page_as_well(leading, closed, tip):
    assert "Mark as looked at" in html(leading.get(address(tip)))
    page = html(leading.post(address(tip, "look"), {"decision": closed.pk}, follow=True))
    assert "you have looked at what was done about the danger" in page
    assert "There is no such decision." in html(leading.post(address(tip, "look"), {"decision": "x"}))


def test_locked_desk_names_the_tip_says_nothing_and_marks_nothing(leading, closed, tip):
    leading.post("/admin/lock/")
    page = html(leading.get(LIST))
    assert tip.reference in page
    assert "The contact knows" not in page
    assert "Mark as looked at" not in page
    leading.post(address(tip, "look"), {"decision": closed.pk})
    assert SafetyDecision.objects.get().looked_on is None


def test_list_that_cannot_be_recorded_shows_nothing(leading, closed):
    with record_broken():
        response = leading.get(LIST)
    assert response.status_code == 503
    assert "The contact knows" not in html(response)
    assert "The contact knows" in html(leading.get(LIST))  # the control


def test_list_is_for_team_leads_without_tips_that_are_hidden_from_them(unlocked, leading, closed, tip, lead):
    assert unlocked.get(LIST).status_code == 403
    assert unlocked.post(address(tip, "look"), {"decision": closed.pk}).status_code == 403
    assert "danger" not in tiles(unlocked)
    recusal.Recusal.objects.create(tip=tip, user=lead, key_index=1, sealed=b"")
    assert tip.reference not in html(leading.get(LIST))
    assert "danger" not in tiles(leading)
    assert leading.post(address(tip, "look"), {"decision": closed.pk}).status_code == 404


def test_new_team_lead_is_told_from_when_they_may_mark_it(leading, closed, tip, lead, officer):
    accounts.record(user=lead, by=officer, act=AuditAct.JOINED)
    assert "so you can mark these from" in html(leading.get(LIST))
    assert "second person from" in html(leading.post(address(tip, "look"), {"decision": closed.pk}))
    assert SafetyDecision.objects.get().looked_on is None


def test_lone_team_lead_finds_their_own_on_the_next_day(leading, tip, lead):
    triage.move(tip=tip, to="no_action", by=lead, danger=Danger("none", "Read twice."))
    assert "Nothing waits for you." in html(leading.get(LIST))
    SafetyDecision.objects.update(since=timezone.localdate() - timedelta(days=1))
    assert "Read twice." in html(leading.get(LIST))
    leading.post(address(tip, "look"), {"decision": SafetyDecision.objects.get().pk})
    assert SafetyDecision.objects.get().looked_by == "lena"


def test_list_needs_as_many_queries_for_three_as_for_one(leading, closed, send, officer):
    leading.post("/admin/lock/")
    counts = []
    for more in (0, 2):
        for _ in range(more):
            safety.add(tip=send(), kind="wrote", choice="", text="They wait outside.", by=officer)
        leading.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            assert leading.get(LIST).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert Enquiry.objects.count() == 0
