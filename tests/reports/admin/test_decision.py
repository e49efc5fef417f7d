"""The working surface of a tip's page: one press saves what was changed of it, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from reports.domain import enquiries, triage
from reports.domain.handover import grading
from reports.domain.tips import recusal
from reports.domain.triage import NOTE_LENGTH
from reports.models import AuditEvent, Draft, Grading, Label, Link, Note, Status, Tip
from tests.conftest import make_user
from tests.factories import make_keyholder
from tests.reports.admin.conftest import sign_in
from tests.reports.admin.tip_page import address, press, sent

ADVICE = "Nothing of theirs was changed. Look at it, then decide."


def said(response) -> list[str]:
    return response.context["said"].lines


def acts(tip: Tip) -> list[str]:
    events = AuditEvent.objects.filter(subject=tip.reference).exclude(act="read").order_by("seq")
    return list(events.values_list("act", flat=True))


@pytest.fixture
def tip(send, unlocked) -> Tip:
    """Return a tip that the officer has begun to read."""
    sent_tip = send()
    unlocked.get(address(sent_tip))
    return Tip.objects.get(pk=sent_tip.pk)


@pytest.fixture
def labels(db) -> list[Label]:
    return [Label.objects.create(name=name) for name in ("market", "school", "vapes")]


def test_a_full_triage_is_one_press(unlocked, tip, officer, labels):
    enquiry = enquiries.begin(by=officer, codename="quiet lantern")
    whole = {"status": "needs_more", "assignee": officer.pk, "labels": [labels[0].pk, labels[2].pk], "note": "Seen."}
    whole |= {"enquiry": enquiry.pk, "information": "C", "handling": "P"}
    response = press(unlocked, tip, **whole)
    assert response.redirect_chain == [(f"{address(tip)}#said", 302)]
    parts = "given to olu, labelled “market”, labelled “vapes”, now part of “quiet lantern”, moved to “Needs more”"
    note = f"Your note on {tip.reference} is saved."
    assert said(response) == [f"{tip.reference}: {parts}, suggested grading saved. {note}"]
    row = Tip.objects.get()
    assert (row.status, row.assignee, set(row.labels.all())) == (Status.NEEDS_MORE, officer, {labels[0], labels[2]})
    assert Link.objects.get().tip == row
    assert acts(tip) == ["noted", "assigned", "labelled", "labelled", "graded", "linked", "moved", "moved"]


def test_press_without_a_change_writes_nothing(unlocked, tip, officer, labels):
    triage.assign(tip=tip, to=officer, by=officer)
    triage.label(tip=tip, label=labels[0], by=officer)
    before = acts(tip)
    response = press(unlocked, tip, note="  \n ")
    assert said(response) == [f"{tip.reference}: nothing was changed."]
    assert acts(tip) == before


@pytest.mark.parametrize(
    ("changed", "act"),
    [({"status": "no_action"}, "moved"), ({"note": "Seen."}, "noted"), ({"information": "B"}, "graded")],
)
def test_only_what_was_changed_is_saved(unlocked, tip, changed, act):
    press(unlocked, tip, **changed)
    assert acts(tip) == [act]


def test_labels_are_saved_as_differences(unlocked, tip, lead, labels):
    market, school, vapes = labels
    triage.label(tip=tip, label=market, by=lead)
    page = unlocked.get(address(tip))
    triage.label(tip=tip, label=school, by=lead)  # a colleague adds one, and takes the other off
    triage.unlabel(tip=tip, label=market, by=lead)
    press(unlocked, tip, on=page, labels=[market.pk, vapes.pk])
    assert set(tip.labels.all()) == {school, vapes}


def test_saving_and_reading_the_next_goes_straight_on(unlocked, tip, send):
    following = send()
    response = press(unlocked, tip, status="no_action", then="next")
    assert [where for where, _ in response.redirect_chain] == [
        f"/admin/next/?after={tip.reference}",
        address(following),
    ]
    assert f"{tip.reference}: moved to “No action now”." in response.content.decode()


def test_what_is_not_sent_stays_behind_as_a_draft_and_that_is_said(unlocked, tip, send):
    send()
    response = press(unlocked, tip, status="no_action", then="next", write__text="Is it by night?")
    assert f"{tip.reference}: what you typed there and did not send is kept as your draft." in response.content.decode()
    assert sent(unlocked.get(address(tip)))["write-text"] == ["Is it by night?"]


@pytest.mark.parametrize("ago", [(5, "just now"), (125, "2\xa0minutes ago")])
def test_all_but_the_note_is_refused_when_a_colleague_was_faster(unlocked, unguarded, tip, lead, ago):
    label, page = Label.objects.create(name="market"), unlocked.get(address(tip))
    triage.move(tip=Tip.objects.get(), to=Status.LINKED, by=lead)
    seconds, when = ago
    AuditEvent.objects.filter(act="moved").update(at=timezone.now() - timedelta(seconds=seconds))
    # From linked this move would be allowed: only the number of what the officer saw tells that they meant another.
    typed = {"status": "no_action", "save__labels": [label.pk], "note": "Mine."}
    response = press(unlocked, tip, on=page, **typed)
    told = f"lena moved it from “Being read” to “Part of an enquiry” {when}. {ADVICE}"
    assert said(response) == [f"Your note on {tip.reference} is saved.", told]
    assert "<title>Error: Tip" in response.content.decode()
    assert (Tip.objects.get().status, tip.labels.count(), Note.objects.count()) == (Status.LINKED, 0, 1)
    again = sent(response)
    assert (again["save-status"], again["save-labels"], again["save-note"]) == (
        ["no_action"],
        [str(label.pk)],
        [""],
    )
    press(unlocked, tip, on=response)  # they have looked
    assert (Tip.objects.get().status, tip.labels.count(), Note.objects.count()) == (Status.NO_ACTION, 1, 1)


def test_page_after_a_conflict_shows_what_stands_now_in_the_parts_that_were_left_alone(unlocked, tip, lead, labels):
    page = unlocked.get(address(tip))
    triage.assign(tip=tip, to=lead, by=lead)
    triage.label(tip=tip, label=labels[1], by=lead)
    press(unlocked, tip, on=page, assignee="", status="no_action", labels=[labels[0].pk])
    assert Tip.objects.get().assignee == lead, "nobody was given in this page: the box was left alone"
    triage.move(tip=Tip.objects.get(), to=Status.READING, by=lead)
    refused = press(unlocked, tip, on=page, status="spam", labels=[])
    assert f"lena moved it from “No action now” to “Being read” just now. {ADVICE}" in said(refused)
    fields = sent(refused)
    assert fields["save-assignee"] == [str(lead.pk)]
    assert set(fields["save-labels"]) == {str(labels[0].pk), str(labels[1].pk)}
    assert fields["save-status"] == ["spam"]


@pytest.mark.parametrize("as_of", ["", "x", "-1", "9" * 30])
def test_press_that_does_not_say_what_was_seen_is_taken_to_have_seen_nothing(unlocked, tip, lead, as_of):
    triage.assign(tip=tip, to=lead, by=lead)
    response = press(unlocked, tip, assignee="", as_of=as_of)
    assert said(response) == [f"lena gave it to lena just now. {ADVICE}"]
    assert sent(response)["save-assignee"] == [""], "what was chosen stays"
    assert Tip.objects.get().assignee == lead


@pytest.mark.parametrize("shown", ["", "x", "[]", '{"labels": 3}', '{"status": ["new"], "version": ["x"]}'])
def test_press_with_a_spoiled_memory_of_the_page_does_no_harm(unlocked, tip, labels, shown):
    press(unlocked, tip, shown=shown, labels=[labels[0].pk])
    assert (Tip.objects.get().status, set(tip.labels.all())) == (Status.READING, {labels[0]})


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"status": "new"}, "A tip that is “Being read” cannot be moved there."),
        ({"status": "rubbish"}, "Choose what becomes of the tip."),
        ({"assignee": "999999"}, "That person cannot be given a tip any more. Choose somebody else."),
        ({"save__labels": ["x"]}, "Choose a label."),
        ({"save__labels": ["999999"]}, "Choose a label."),
        ({"enquiry": "x"}, "Choose an enquiry, or type a codename for a new one."),
        ({"codename": "99"}, "A codename is one to four words of letters, up to 40 in all."),
        ({"information": "Z"}, "Choose a source, a letter and a handling code from the lists."),
        ({"handling": "C"}, "Write the conditions under which it may be shared."),
    ],
)
def test_what_cannot_be_saved_is_refused_with_all_the_rest_but_the_note(unlocked, tip, officer, changed, error):
    response = press(unlocked, tip, **{"assignee": officer.pk, "note": "Mine."} | changed)
    assert error in " ".join(said(response))
    row = Tip.objects.get()
    assert (row.status, row.assignee, Note.objects.count()) == (Status.READING, None, 1)
    assert acts(tip) == ["noted"]


def test_note_that_is_too_long_stays_in_its_box_and_nothing_is_saved(unlocked, tip):
    long = "x" * (NOTE_LENGTH + 1)
    response = press(unlocked, tip, note=long, status="no_action")
    page = response.content.decode()
    error = "A note has room for 20,000 characters; this one has 20,001."
    assert f'<p class="error" id="save-note_error" role="alert">{error}</p>' in page
    assert sent(response)["save-note"] == [long]
    assert acts(tip) == []


def test_grading_of_a_colleague_meanwhile_is_told_and_not_overwritten(unlocked, tip, lead):
    page = unlocked.get(address(tip))
    theirs = {"source": "1", "information": "A", "handling": "P", "conditions": ""}
    grading.grade(tip=tip, **theirs, seen=0, by=lead)
    response = press(unlocked, tip, on=page, information="E")
    assert said(response) == [f"lena suggested a grading (version 1) just now. {ADVICE}"]
    fields = sent(response)
    assert (fields["save-source"], fields["save-information"]) == (["1"], ["E"])
    assert Grading.objects.count() == 1
    press(unlocked, tip, on=response)
    assert Grading.objects.count() == 2


def test_who_may_not_grade_or_see_enquiries_saves_the_rest(unlocked, tip, officer):
    officer.groups.clear()
    rights = ("view_tip", "read_tip", "triage_tip")
    officer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    fields = sent(unlocked.get(address(tip)))
    assert not {"save-source", "save-enquiry", "save-codename"} & fields.keys()
    response = press(unlocked, tip, status="no_action", save__source="1", save__codename="loud drum")
    assert said(response) == [f"{tip.reference}: moved to “No action now”."]
    assert (Grading.objects.count(), Link.objects.count()) == (0, 0)


def test_who_may_only_read_has_no_working_surface(unlocked, tip, officer):
    officer.groups.clear()
    officer.user_permissions.set(Permission.objects.filter(codename__in=("view_tip", "read_tip")))
    assert "Save and read next" not in unlocked.get(address(tip)).content.decode()
    assert unlocked.post(address(tip, "save"), {"save-note": "A note."}).status_code == 403


def test_only_members_who_can_triage_are_offered(unlocked, tip, officer, lead):
    make_user("edie", "Editor")
    gone = make_user("gone", "Officer")
    gone.is_active = False
    gone.save()
    field = unlocked.get(address(tip)).context["sections"]["decision"]["form"].fields["assignee"]
    assert list(field.queryset) == [lead, officer]


def test_recused_member_saves_nothing(unlocked, tip, officer, lead):
    page = unlocked.get(address(tip))
    make_keyholder(lead)  # somebody else who can read it
    recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    assert press(unlocked, tip, on=page, note="A note.").status_code == 404
    assert (Note.objects.count(), Draft.objects.count()) == (0, 0)


def test_locked_desk_saves_a_draft_and_nothing_else(unlocked, tip, phrase, officer):
    page = unlocked.get(address(tip))
    unlocked.post("/admin/lock/")
    typed = {"note": "Half a thought about the van", "status": "no_action", "assignee": officer.pk}
    locked = press(unlocked, tip, on=page, **typed)
    assert "The desk has locked, so nothing was done yet." in locked.content.decode()
    assert "Half a thought" not in locked.content.decode()
    unlocked.post("/admin/unlock/", {"phrase": phrase})
    assert (Note.objects.count(), Tip.objects.get().status) == (0, Status.READING), "unlocking saves nothing"
    again = unlocked.get(address(tip))
    fields = sent(again)
    assert fields["save-note"] == ["Half a thought about the van"]
    assert (fields["save-status"], fields["save-assignee"]) == (["no_action"], [str(officer.pk)])
    assert said(press(unlocked, tip, on=again)) == [
        f"{tip.reference}: given to olu, moved to “No action now”. Your note on {tip.reference} is saved."
    ]
    assert Draft.objects.count() == 0


def test_member_without_a_key_is_asked_for_the_words_and_saves_nothing(send, lead):
    tip, client = send(), sign_in(lead)
    assert client.post(address(tip, "save"), {"save-note": "I have no key yet."}, follow=True).status_code == 200
    assert (Note.objects.count(), Draft.objects.count()) == (0, 0)


BOXES = {
    "save-note": "A half note.",
    "write-text": "A half message.",
    "sanitise-text": "A long text in our words.",
    "sanitise-removed": "How they know.",
    "disclose-whom": "The duty worker",
    "alone-reason": "One is a teacher.",
}
PRESSES = {
    "save": {"save-status": "no_action"},
    "save in vain": {"save-assignee": "999999"},
    "write": {"write-text": "Thank you.", "write-asks": "no"},
    "write in vain": {"write-text": "", "write-asks": "no"},
    "sanitise": {"sanitise-text": "A van."},
    "disclose": {"disclose-to": "children", "disclose-whom": "Them", "disclose-when": "now"},
    "disclose in vain": {"disclose-to": "children"},
    "acknowledge": {},
    "reveal": {"reveal-reason": "asked"},
    "reveal in vain": {},
    "recuse": {"ask": "1"},
}


@pytest.mark.parametrize("button", PRESSES)
def test_every_act_leaves_what_stands_in_the_other_boxes(unlocked, send, button):
    tip = send(contact="details", contact_details="07700 900123", danger="yes")
    page, act = unlocked.get(address(tip)), button.removesuffix(" in vain")
    own = {"save": "save-note", "write": "write-text"}.get(act, f"{act}-")
    others = {name: text for name, text in BOXES.items() if not name.startswith(own) and name in sent(page)}
    fields = sent(page) | {name: [text] for name, text in others.items()} | PRESSES[button]
    response = unlocked.post(address(tip, act), fields)
    kept = sent(response if b'class="tip-form"' in response.content else unlocked.get(address(tip)))
    assert {name: kept[name] for name in others} == {name: [text] for name, text in others.items()}
