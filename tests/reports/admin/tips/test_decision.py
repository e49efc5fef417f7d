"""The working surface of a tip's page: one press saves what was changed of it, and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from reports.domain import enquiries
from reports.domain.triage import triaging
from reports.models import AuditEvent, Draft, Grading, Label, Link, Note, Status, Tip
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import newest_keys

ADVICE = "We did not make your change. Look at it, then decide."


def said(response):
    return response.context["feedback"]["lines"]


def acts(tip):
    events = AuditEvent.objects.filter(subject=tip.reference).exclude(act="read").order_by("seq")
    return list(events.values_list("act", flat=True))


@pytest.fixture
def tip(send, unlocked):
    """Return a tip that the caseworker has begun to read."""
    sent_tip = send()
    unlocked.get(address(sent_tip))
    return Tip.objects.get(pk=sent_tip.pk)


@pytest.fixture
def labels(db):
    return [Label.objects.create(name=name) for name in ("market", "school", "vapes")]


def test_a_full_triage_is_one_press(unlocked, tip, caseworker, labels):
    enquiry = enquiries.begin(by=caseworker, codename="quiet lantern")
    whole = {"status": "no_action", "assignee": caseworker.pk, "note": "Seen."}
    whole |= {f"label-{labels[0].pk}": "on", f"label-{labels[2].pk}": "on"}
    whole |= {"enquiry": enquiry.pk}
    response = press(unlocked, tip, **whole)
    assert response.redirect_chain == [(f"{address(tip)}#said", 302)]
    parts = (
        "assigned to olu, labelled “market”, labelled “vapes”, now part of “quiet "
        "lantern”, moved to “No action now”"
    )
    note = f"Your note on {tip.reference} is saved."
    assert said(response) == [f"{tip.reference}: {parts}. {note}"]
    row = Tip.objects.get()
    assert (row.status, row.assignee, set(row.labels.all())) == (
        Status.NO_ACTION,
        caseworker,
        {labels[0], labels[2]},
    )
    assert Link.objects.get().tip == row
    assert acts(tip) == ["noted", "assigned", "labelled", "labelled", "linked", "moved", "moved"]


def test_a_day_to_look_at_it_again_is_saved_changed_and_taken_off_with_the_rest(unlocked, tip):
    today = timezone.localdate()
    day = today + timedelta(days=7)
    response = press(
        unlocked, tip, look_again=day.isoformat(), status="no_action", note="Ask again."
    )
    on = f"{day:%-d %b %Y}"
    moved = f"{tip.reference}: moved to “No action now”, to look at again on {on}."
    assert said(response) == [f"{moved} Your note on {tip.reference} is saved."]
    assert f"look again on {on}" in response.text
    assert f'value="{day.isoformat()}"' in response.text
    assert "Undo" in response.text  # of the status: the day stays
    assert AuditEvent.objects.get(act="look-again").detail["day"] == day.isoformat()
    assert said(press(unlocked, tip)) == [f"{tip.reference}: nothing was changed."]
    assert said(press(unlocked, tip, look_again="")) == [
        f"{tip.reference}: no longer to look at again."
    ]
    assert Tip.objects.get().look_again is None
    assert "set the day to look at it again: none" in unlocked.get(address(tip)).text


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("2026-01-05", "Choose a day that is not over yet."),
        ("soon", "Type the day like this: 2027-03-28."),
    ],
)
def test_a_day_that_is_over_or_none_is_refused_and_stays_typed(unlocked, tip, typed, refusal):
    response = press(unlocked, tip, look_again=typed, note="Kept.")
    assert refusal in response.text
    assert f'name="save-look_again" value="{typed}"' in response.text
    assert (Tip.objects.get().look_again, Note.objects.count()) == (None, 1)


def test_a_tip_that_is_linked_can_be_part_of_its_enquiry_again(unlocked, tip, caseworker):
    def offered():
        form = unlocked.get(address(tip)).context["sections"]["decision"]["form"]
        return [radio.data["value"] for radio in form["status"]]

    enquiry = enquiries.begin(by=caseworker, codename="quiet lantern")
    assert "linked" not in offered(), "the control: it is linked to none"
    press(unlocked, tip, enquiry=enquiry.pk)
    press(unlocked, tip, status="no_action")
    assert "linked" in offered()
    refused = press(unlocked, tip, status="linked", **{f"linked-{enquiry.pk}": []})
    assert said(refused) == ["Choose an enquiry, or type a codename for a new one."]
    press(unlocked, tip, status="linked", **{f"linked-{enquiry.pk}": "on"})
    assert Tip.objects.get().status == Status.LINKED
    press(unlocked, tip, status="no_action")
    enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=newest_keys())
    assert "linked" not in offered()


def test_press_without_a_change_writes_nothing(unlocked, tip, caseworker, labels):
    triaging.assign(tip=tip, to=caseworker, by=caseworker)
    triaging.label(tip=tip, label=labels[0], by=caseworker)
    before = acts(tip)
    response = press(unlocked, tip, note="  \n ")
    assert said(response) == [f"{tip.reference}: nothing was changed."]
    assert acts(tip) == before


def test_saving_and_reading_the_next_goes_straight_on_and_says_what_stays_behind(
    unlocked, tip, send
):
    following = send()
    response = press(unlocked, tip, status="no_action", then="next", write__text="Is it by night?")
    assert [where for where, _ in response.redirect_chain] == [
        f"/admin/next/?after={tip.reference}",
        address(following),
    ]
    assert f"{tip.reference}: moved to “No action now”." in response.text
    assert (
        f"{tip.reference}: we kept what you typed and did not send as your draft." in response.text
    )


def test_what_was_saved_is_said_above_the_next_tip_and_not_where_that_is_decided(
    unlocked, tip, send, caseworker
):
    following = send()
    response = press(unlocked, tip, assignee=caseworker.pk, then="next")
    assert response.context["tip"] == following
    assert [str(message) for message in response.context["messages"]] == [
        f"{tip.reference}: assigned to olu."
    ]
    assert response.context["feedback"] is None


def leave(client, page, **pressed):
    """Press a button of the page that asks to whom a tip is left, with what it has hidden in it."""
    return client.post(page.request["PATH_INFO"], sent(page) | pressed, follow=True)


@pytest.mark.parametrize(("whom", "has_it"), [("me", "olu"), ("nobody", None)])
def test_reading_on_from_an_undecided_tip_asks_who_has_it_and_only_there(
    unlocked, tip, send, whom, has_it
):
    following = send("The next.")
    page, typed = unlocked.get(address(tip)), {"then": "next"}
    for _click in range(2):  # an impatient one presses what was there before
        asks = press(unlocked, tip, on=page, **typed)
        assert asks.redirect_chain[-1] == (address(tip, "leave"), 302)
    assert "Leave it to whom?" in asks.text
    assert "Choose whom you leave the tip to." in leave(unlocked, asks).text
    assert Tip.objects.filter(assignee=None, decided=None).count() == 2
    assert Tip.objects.get(pk=following.pk).unread
    response = leave(unlocked, asks, **{"leave-whom": whom})
    assert response.redirect_chain[-1] == (address(following), 302)
    assert Tip.objects.values_list("assignee__username", flat=True).get(pk=tip.pk) == has_it


def test_a_tip_that_somebody_has_is_left_without_a_question_and_stays_theirs(
    unlocked, unguarded, tip, team_lead
):
    asks = unlocked.get(address(tip, "leave"))
    triaging.assign(tip=tip, to=team_lead, by=team_lead)
    response = leave(unlocked, asks, **{"leave-whom": "me"})
    assert "lena assigned it from nobody to lena" in response.text
    assert Tip.objects.get().assignee == team_lead
    assert press(unlocked, tip, then="next").redirect_chain[0] == (
        f"/admin/next/?after={tip.reference}",
        302,
    )


def test_a_second_click_leads_to_the_same_next_tip_which_nobody_may_have_seen(unlocked, tip, send):
    following = {send("One.").pk, send("Two.").pk}
    clicks = [unlocked.get("/admin/next/", {"after": tip.reference}) for _click in range(2)]
    first = unlocked.get(clicks[0]["Location"]).context["tip"]
    assert clicks[1]["Location"] == clicks[0]["Location"]
    assert unlocked.get("/admin/next/", {"after": tip.reference})["Location"] == address(first)
    (other,) = following - {first.pk}
    assert unlocked.get("/admin/next/", {"after": first.reference})["Location"] == address(
        Tip.objects.get(pk=other)
    )


def test_all_but_the_note_is_refused_when_a_colleague_was_faster(
    unlocked, unguarded, tip, team_lead
):
    label, page = Label.objects.create(name="market"), unlocked.get(address(tip))
    triaging.move(tip=Tip.objects.get(), to=Status.LINKED, by=team_lead)
    AuditEvent.objects.filter(act="moved").update(at=timezone.now() - timedelta(seconds=125))
    # From linked this move would be allowed: only the number of what the caseworker saw tells that they meant another.
    typed = {"status": "no_action", f"label-{label.pk}": "on", "note": "Mine."}
    response = press(unlocked, tip, on=page, **typed)
    told = f"lena moved it from “Undecided” to “In an enquiry” 2\xa0minutes ago. {ADVICE}"
    assert said(response) == [f"Your note on {tip.reference} is saved.", told]
    assert "<title>Error: Tip" in response.text
    assert (Tip.objects.get().status, tip.labels.count(), Note.objects.count()) == (
        Status.LINKED,
        0,
        1,
    )
    again = sent(response)
    assert (again["save-status"], again[f"save-label-{label.pk}"], again["save-note"]) == (
        ["no_action"],
        ["on"],
        [""],
    )
    press(unlocked, tip, on=response)  # they have looked
    assert (Tip.objects.get().status, tip.labels.count(), Note.objects.count()) == (
        Status.NO_ACTION,
        1,
        1,
    )


def test_what_the_same_member_did_in_another_tab_is_told(unlocked, tip):
    page = unlocked.get(address(tip))
    press(unlocked, tip, status="no_action")
    told = f"olu moved it from “Undecided” to “No action now” just now. {ADVICE}"
    response = press(unlocked, tip, on=page, status="spam")
    assert said(response) == [told]
    assert Tip.objects.get().status == Status.NO_ACTION


REFUSED = [
    ({"status": "new"}, "You cannot do this while the status is “Undecided”."),
    ({"assignee": "999999"}, "You can no longer assign tips to this person. Choose someone else."),
    ({"enquiry": "x"}, "Choose an enquiry, or type a codename for a new one."),
    ({"codename": "99"}, "Use 1 to 4 words, with up to 40 letters in all."),
]


def test_what_cannot_be_saved_is_refused_with_all_the_rest_but_the_note(unlocked, tip, caseworker):
    for number, (changed, error) in enumerate(REFUSED, 1):
        response = press(unlocked, tip, **{"assignee": caseworker.pk, "note": "Mine."} | changed)
        assert error in " ".join(said(response))
        row = Tip.objects.get()
        assert (row.status, row.assignee, Note.objects.count()) == (Status.READING, None, number), (
            changed
        )
        Draft.objects.all().delete()
    assert set(acts(tip)) == {"noted"}


def test_who_may_not_grade_or_see_enquiries_saves_the_rest(unlocked, tip, caseworker):
    caseworker.groups.clear()
    rights = ("view_tip", "read_tip", "triage_tip")
    caseworker.user_permissions.set(Permission.objects.filter(codename__in=rights))
    fields = sent(unlocked.get(address(tip)))
    assert not {"save-source", "save-enquiry", "save-codename"} & fields.keys()
    response = press(
        unlocked, tip, status="no_action", save__source="1", save__codename="loud drum"
    )
    assert said(response) == [f"{tip.reference}: moved to “No action now”."]
    assert (Grading.objects.count(), Link.objects.count()) == (0, 0)


@pytest.mark.promise("work")
def test_locked_desk_saves_a_draft_and_nothing_else(unlocked, tip, passphrase, caseworker):
    """A locked desk does nothing by itself once it is unlocked: it keeps a draft."""
    page = unlocked.get(address(tip))
    unlocked.post("/admin/lock/")
    typed = {
        "note": "Half a thought about the van",
        "status": "no_action",
        "assignee": caseworker.pk,
    }
    locked = press(unlocked, tip, on=page, **typed)
    assert "The desk is locked, so nothing was saved yet." in locked.text
    assert "Half a thought" not in locked.text
    unlocked.post("/admin/unlock/", {"passphrase": passphrase})
    assert (Note.objects.count(), Tip.objects.get().status) == (0, Status.READING), (
        "unlocking saves nothing"
    )
    again = unlocked.get(address(tip))
    fields = sent(again)
    assert fields["save-note"] == ["Half a thought about the van"]
    assert (fields["save-status"], fields["save-assignee"]) == (["no_action"], [str(caseworker.pk)])
    assert said(press(unlocked, tip, on=again)) == [
        f"{tip.reference}: assigned to olu, moved to “No action now”. Your note on {tip.reference} is saved."
    ]
    assert Draft.objects.count() == 0


def test_possibly_malicious_is_a_tick_beside_the_status_which_stays(unlocked, tip):
    response = press(unlocked, tip, malicious="on")
    assert "Choose why it may be malicious." in response.text
    assert not Tip.objects.get().malicious
    response = press(unlocked, tip, malicious="on", why_malicious="feud")
    assert "Possibly malicious: a feud with the person it is about." in response.text
    assert said(response) == [f"{tip.reference}: marked as possibly malicious."]
    row = Tip.objects.get()
    assert (row.status, row.malicious) == (Status.READING, True)
    assert "We tell its sender no result and count it nowhere." in response.text
    assert "Undecided, possibly malicious" in response.text
    assert "marked it as possibly malicious" in response.text
    for status in ("no_action", "reading"):
        response = press(unlocked, tip, status=status)
        assert Tip.objects.get().malicious, "a status takes no mark off"
    response = press(unlocked, tip, on=response, malicious=[])
    assert said(response) == [f"{tip.reference}: no longer marked as possibly malicious."]
    assert not Tip.objects.get().malicious


def test_a_refused_choice_is_no_draft_once_the_rest_is_saved(unlocked, tip, caseworker, team_lead):
    triaging.assign(tip=tip, to=caseworker, by=caseworker)
    page = unlocked.get(address(tip))
    triaging.assign(tip=tip, to=team_lead, by=caseworker)
    refused = press(unlocked, tip, on=page, assignee="", note="Seen.")
    assert any(ADVICE in line for line in said(refused)) or ADVICE in refused.text
    assert "You were writing" not in unlocked.get("/admin/").text
    assert unlocked.get(address(tip)).context["draft"].typed == {}


def test_enter_in_a_box_of_another_group_says_that_it_waits_there(unlocked, tip):
    page = press(unlocked, tip, call__whom="Operator 7")
    assert said(page) == [
        f"{tip.reference}: nothing is saved yet. What you typed waits in its box: press the button below it."
    ]
    assert 'value="Operator 7"' in page.text


def test_giving_oneself_what_another_has_is_said_before_and_logged_with_both_names(
    let_in, send, caseworker, team_lead
):
    lead, tip = let_in(team_lead), send(danger="yes")
    triaging.acknowledge(tip=tip, by=caseworker)
    warns = "olu said “I have it”. If you give this tip to yourself, olu no longer has it."
    page = lead.get(address(tip))
    assert warns in " ".join(page.text.split())
    done = press(lead, tip, on=page, assignee=team_lead.pk)
    assert "assigned it from olu to lena" in done.text
    assert warns not in " ".join(done.text.split())
    assert Tip.objects.get().acknowledged_by == "lena"


def test_why_passed_to_the_police_is_not_offered_is_said(unlocked, tip):
    why = "“Passed to the police” follows once they confirm a police referral, or you record a call to them."
    assert why in unlocked.get(address(tip)).text
    assert why not in press(unlocked, tip, status="no_action").text
