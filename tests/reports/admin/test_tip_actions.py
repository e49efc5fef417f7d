from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain import triage
from reports.domain.keys import keyholders
from reports.domain.tips import opening
from reports.domain.triage import NOTE_LENGTH
from reports.models import AuditEvent, Note, Status, Tip
from tests.conftest import make_user
from tests.reports.admin.conftest import sign_in

LOCKED = "The desk has locked. Nothing is lost."


def address(tip: Tip, act: str = "change") -> str:
    return f"/admin/reports/tip/{tip.pk}/{act}/"


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def refusal(response) -> str:
    return response.context["refusal"]


def last(tip: Tip) -> tuple[str, str, dict]:
    return AuditEvent.objects.filter(subject=tip.reference).values_list("actor", "act", "detail").first()


@pytest.fixture
def tip(send, unlocked) -> Tip:
    """Return a tip that the officer has begun to read."""
    sent = send()
    unlocked.get(address(sent))
    return Tip.objects.get(pk=sent.pk)


def test_move_moves_and_says_so(unlocked, tip):
    response = unlocked.post(address(tip, "move"), {"to": "no_action"}, follow=True)
    assert response.redirect_chain == [(address(tip), 302)]
    assert said(response) == [f"{tip.reference}: moved to “No action now”."]
    assert Tip.objects.get().status == Status.NO_ACTION


def test_move_then_next_goes_straight_on(unlocked, tip, send):
    following = send()
    form = {"to": "no_action", "then": "next"}
    response = unlocked.post(address(tip, "move"), form, follow=True)
    assert response.redirect_chain == [(f"/admin/next/?after={tip.reference}", 302), (address(following), 302)]


@pytest.mark.parametrize("ago", [(5, "just now"), (125, "2\xa0minutes ago")])
def test_move_is_refused_when_a_colleague_has_moved_the_tip_meanwhile(unlocked, unguarded, tip, lead, ago):
    as_of = unlocked.get(address(tip)).context["as_of"]
    triage.move(tip=Tip.objects.get(), to=Status.LINKED, by=lead)
    seconds, when = ago
    AuditEvent.objects.filter(act="moved").update(at=timezone.now() - timedelta(seconds=seconds))
    # From linked this move would be allowed: only the number of what the officer saw tells that they meant another.
    response = unlocked.post(address(tip, "move"), {"to": "no_action", "as_of": as_of})
    told = f"lena moved it from “Being read” to “Part of an enquiry” {when}. "
    assert refusal(response) == f"{told}Nothing of theirs was changed. Look at it, then decide."
    assert Tip.objects.get().status == Status.LINKED
    again = {"to": "no_action", "as_of": unlocked.get(address(tip)).context["as_of"]}
    unlocked.post(address(tip, "move"), again)
    assert Tip.objects.get().status == Status.NO_ACTION


@pytest.mark.parametrize("as_of", ["", "x", "-1", "9" * 30])
def test_act_that_does_not_say_what_was_seen_is_taken_to_have_seen_nothing(unlocked, tip, lead, as_of):
    triage.assign(tip=tip, to=lead, by=lead)
    response = unlocked.post(address(tip, "assign"), {"to": "", "as_of": as_of})
    assert refusal(response) == "lena gave it to lena just now. Nothing of theirs was changed. Look at it, then decide."
    assert '<option value="" selected>Nobody</option>' in response.content.decode(), "what was chosen stays"
    assert Tip.objects.get().assignee == lead


def test_note_is_never_refused_for_what_a_colleague_did(unlocked, tip, lead):
    triage.note(tip=tip, text="Mine.", by=lead)
    triage.move(tip=Tip.objects.get(), to=Status.LINKED, by=lead)
    assert said(unlocked.post(address(tip, "note"), {"text": "And mine."}, follow=True)) == ["Your note is saved."]
    assert Note.objects.count() == 2


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("new", "A tip that is “Being read” cannot be moved there."),
        ("rubbish", "Choose where to move the tip."),
        ("", "Choose where to move the tip."),
    ],
)
def test_move_that_does_not_exist_is_refused(unlocked, tip, to, error):
    response = unlocked.post(address(tip, "move"), {"to": to})
    assert refusal(response) == error
    assert "<title>Error: Tip" in response.content.decode()
    assert Tip.objects.get().status == Status.READING


def test_assign_gives_a_tip_to_oneself_a_colleague_or_nobody(unlocked, tip, officer, lead):
    for who in (officer, lead, None):
        response = unlocked.post(address(tip, "assign"), {"to": who.pk if who else ""}, follow=True)
        name = who.get_username() if who else "nobody"
        assert said(response) == [f"{tip.reference}: given to {name}."]
        assert Tip.objects.get().assignee == who


def test_assign_offers_and_takes_only_members_who_can_triage(unlocked, tip, officer, lead):
    editor, gone = make_user("edie", "Editor"), make_user("gone", "Officer")
    gone.is_active = False
    gone.save()
    assert list(unlocked.get(address(tip)).context["side"][0]["assign"].fields["to"].queryset) == [lead, officer]
    for who in (editor.pk, gone.pk, 999_999, "x"):
        unlocked.post(address(tip, "assign"), {"to": who})
        assert Tip.objects.get().assignee is None


def test_acknowledge_needs_no_unlocked_desk_and_goes_back(signed_in, send):
    tip = send(danger="yes")
    response = signed_in.post(address(tip, "acknowledge"), {"next": "/admin/"}, follow=True)
    assert response.redirect_chain == [("/admin/", 302)]
    assert said(response) == [f"{tip.reference}: acknowledged. No more notices are sent for it."]
    assert Tip.objects.get().acknowledged_by == "olu"
    assert last(tip) == ("olu", "acknowledged", {})


def test_note_is_saved_sealed_and_shown_as_a_conversation(unlocked, tip, lead):
    triage.note(tip=tip, text="Seen the van too.", by=lead)
    response = unlocked.post(address(tip, "note"), {"text": "Which plate?"}, follow=True)
    assert said(response) == ["Your note is saved."]
    assert [(remark.note.author, remark.text) for remark in response.context["reading"].notes] == [
        ("lena", "Seen the van too."),
        ("olu", "Which plate?"),
    ]
    assert b"plate" not in bytes(Note.objects.get(author="olu").sealed)


def test_note_written_while_the_desk_locked_is_saved(unlocked, tip, keys):
    unlocked.post("/admin/lock/")
    response = unlocked.post(address(tip, "note"), {"text": "Half a thought about the van"}, follow=True)
    assert said(response)[-1] == "Your note is saved. The desk is locked: unlock it to read the notes."
    reading = opening.read(tip=tip, by=keyholders.Member.objects.get().user, keys=keys)
    assert [remark.text for remark in reading.notes] == ["Half a thought about the van"]


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize(
    ("text", "error"),
    [
        (" \n ", "Write something before you save the note."),
        ("x" * (NOTE_LENGTH + 1), "A note has room for 20,000 characters; this one has 20,001."),
    ],
)
def test_note_refused_stays_in_its_box_with_the_reason_beside_it(unlocked, tip, text, error, locked):
    if locked:
        unlocked.post("/admin/lock/")
    response = unlocked.post(address(tip, "note"), {"text": text})
    page = response.content.decode()
    assert f'<p class="error" id="note_text_error" role="alert">{error}</p>' in page
    assert f">\n{text}</textarea>" in page
    assert "<title>Error: Tip" in page
    assert Note.objects.count() == 0


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("move", {"to": "no_action", "then": "next"}),
        ("assign", {"to": "1"}),
        ("reveal", {"reason": "danger"}),
    ],
)
def test_act_on_a_locked_desk_keeps_what_was_chosen_and_asks_for_the_words(unlocked, tip, act, form):
    unlocked.post("/admin/lock/")
    response = unlocked.post(address(tip, act), form)
    page = response.content.decode()
    assert response.status_code == 200
    assert LOCKED in page
    assert f'<form class="panel lamp" method="post" action="{address(tip, act)}">' in page
    for name, value in form.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    tip.refresh_from_db()
    assert (tip.status, tip.assignee) == (Status.READING, None)


def test_act_on_a_locked_desk_is_done_once_the_words_are_right(unlocked, tip, phrase):
    unlocked.post("/admin/lock/")
    form = {"to": "no_action"}
    wrong = unlocked.post(address(tip, "move"), form | {"phrase": "wrong words"})
    assert wrong.context["phrase_form"].errors == {
        "phrase": ["These words do not open your key. Check each word and try again."]
    }
    assert LOCKED in wrong.content.decode()
    assert "wrong words" not in wrong.content.decode()
    assert unlocked.post(address(tip, "move"), form | {"phrase": phrase})["Location"] == address(tip)
    assert Tip.objects.get().status == Status.NO_ACTION


def test_reveal_shows_the_contact_after_recording_why(unlocked, send):
    tip = send(contact="details", contact_details="07700 900123", contact_safe="Text only")
    page = unlocked.get(address(tip)).content.decode()
    assert "The sender left contact details" in page
    assert "07700 900123" not in page
    response = unlocked.post(address(tip, "reveal"), {"reason": "danger"})
    assert "07700 900123" in response.content.decode()
    assert "Text only" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert last(tip) == ("olu", "revealed", {"reason": "danger"})
    assert "07700 900123" not in unlocked.get(address(tip)).content.decode()


@pytest.mark.parametrize("reason", ["", "because"])
def test_reveal_without_a_reason_shows_nothing(unlocked, send, reason):
    tip = send(contact="details", contact_details="07700 900123")
    page = unlocked.post(address(tip, "reveal"), {"reason": reason}).content.decode()
    assert '<p class="error" id="reveal_reason_error" role="alert">Choose why you need the contact details.</p>' in page
    assert "07700 900123" not in page
    assert not AuditEvent.objects.filter(act="revealed").exists()


def test_tip_without_contact_says_so_and_offers_no_reveal(unlocked, tip):
    page = unlocked.get(address(tip)).content.decode()
    assert "The sender left no contact details." in page
    assert address(tip, "reveal") not in page


def test_acts_by_get_do_nothing(unlocked, tip):
    for act in ("move", "assign", "acknowledge", "note", "reveal"):
        assert unlocked.get(address(tip, act)).status_code == 405


def test_acts_never_lead_away_from_the_desk(signed_in, send):
    tip = send(danger="yes")
    response = signed_in.post(address(tip, "acknowledge"), {"next": "https://example.org/"})
    assert response["Location"] == address(tip)


def test_member_without_a_key_can_acknowledge_and_note(send, lead):
    tip, client = send(danger="yes"), sign_in(lead)
    client.post(address(tip, "note"), {"text": "I have no key yet."})
    assert Note.objects.get().author == "lena"
