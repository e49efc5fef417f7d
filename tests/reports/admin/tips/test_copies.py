"""A copy's page says how many others say the same, and one press decides them with it."""

import re
from collections.abc import Callable

import pytest
from django.db import DatabaseError

from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.tips import opening
from reports.domain.triage import triaging
from reports.models import AuditEvent, Label, Link, SafetyDecision, Status, Tip
from tests.reports.admin.tip_page import address, press, sent
from tests.reports.handing import newest_keys
from tests.reports.unrecorded import record_broken

QUEUE = "/admin/reports/tip/"
SAME = "They deal by the garages."
type Send = Callable[..., Tip]


@pytest.fixture
def other(send):
    """Return a tip that says something else."""
    return send("A grey van.")


@pytest.fixture
def copies(send, other, caseworker, keys):
    """Return three opened tips that say the same; an urgent one says it too, and `other` stands beside them."""
    tips = [send(SAME), send(SAME.upper()), send(SAME)]
    send(SAME, danger="yes")
    while opening.left():
        opening.open_new(by=caseworker, keys=keys)
    return tips


def ticked(tips):
    """Return what the box sends."""
    return " ".join(tip.reference for tip in tips)


def others(copies):
    return list(Tip.objects.filter(pk__in=[tip.pk for tip in copies[1:]]))


def test_the_page_counts_copies_again_after_reading_and_none_on_a_locked_desk(
    signed_in, unlock, copies, other
):
    assert "say the same" not in signed_in.get(address(copies[0])).text
    unlock(signed_in)
    for _reading in range(2):
        text = signed_in.get(address(copies[0])).text
        assert "3 other unread tips say the same" in text
        assert "(1 of them is urgent: decide it on its own page)" in text
        assert "Decide 2 copies with this tip" in text
    assert "say the same" not in signed_in.get(address(other)).text


@pytest.mark.parametrize("status", [Status.NO_ACTION, Status.SPAM])
def test_one_press_decides_them_with_their_labels_and_can_be_undone(unlocked, copies, status):
    label = Label.objects.create(name="market")
    chosen = {
        "status": status,
        "malicious": "on",
        "why_malicious": "competitor",
        f"label-{label.pk}": "on",
        "copies": ticked(copies[1:]),
        "then": "next",
    }
    response = press(unlocked, copies[0], **chosen)
    assert "2 copies decided too." in response.text
    stages = [(tip.status, tip.malicious, [*tip.labels.all()]) for tip in others(copies)]
    assert stages == [(status, True, [label])] * 2
    assert {tip.unread for tip in others(copies)} == {status == Status.SPAM}
    read = AuditEvent.objects.filter(act="read", subject__in=ticked(copies[1:]).split())
    assert read.count() == (0 if status == Status.SPAM else 2)
    urgent = Tip.objects.get(urgent=True)
    assert (urgent.status, response.redirect_chain[-1][0]) == (Status.READING, address(urgent)), (
        "the next one to read"
    )
    moved = AuditEvent.objects.get(act="moved", subject=copies[0].reference)
    unlocked.post(f"{QUEUE}undo/{moved.detail['press']}/")
    before = Status.NEW if status == Status.SPAM else Status.READING
    assert [(tip.status, tip.decided, tip.labels.count()) for tip in others(copies)] == [
        (before, None, 0)
    ] * 2


@pytest.mark.promise(
    "work",
    control="tests/reports/domain/triage/test_undoing.py::test_a_link_and_a_decision_about_danger_are_put_back_unless_looked_at",
)
def test_one_undo_puts_back_a_whole_press_and_says_what_stays(unlocked, copies, other, caseworker):
    """One Undo puts back all that a press did, with its copies, link and decision about danger, and names what
    stays.
    """
    tip, enquiry = Tip.objects.get(urgent=True), enquiries.begin(by=caseworker)
    unlocked.get(address(tip))
    columns = ("status", "decided", "acknowledged_by", "assignee")
    same = Tip.objects.exclude(pk=other.pk).order_by("pk")
    before = list(same.values_list(*columns))
    chosen = {
        "status": Status.NO_ACTION,
        "enquiry": enquiry.pk,
        "danger_choice": "none",
        "danger_text": "Nobody.",
    }
    chosen |= {"copies": ticked(copies), "note": "Seen."}
    page = press(unlocked, tip, **chosen)
    assert "3 copies decided too." in page.text
    assert Tip.objects.filter(status=Status.NO_ACTION).count() == 4
    (action,) = set(re.findall(r'action="(/admin/reports/tip/undo/[^"]+)"', page.text))
    assert "Undo for 4 tips" in " ".join(page.text.split())
    undone = unlocked.post(action, sent(page) | {"tip": tip.pk}, follow=True)
    says = "4 tips are as they were before. We left these as they are: the note."
    assert says in undone.text
    after = [
        ("reading", *row[1:]) if row[0] == "new" else row for row in before
    ]  # a copy was read with it
    assert list(same.all().values_list(*columns)) == after
    assert not Link.objects.standing().exists()
    assert not SafetyDecision.objects.exists()


def test_more_copies_than_a_page_are_decided_a_page_at_a_time(unlocked, copies, monkeypatch):
    monkeypatch.setattr("reports.admin.tips.tip_page.PAGE", 1)
    first = press(unlocked, copies[0], status="no_action", copies=copies[1].reference)
    assert "Decide 1 copy with this tip" in first.text
    assert (
        "1 copy decided too."
        in press(unlocked, copies[0], on=first, copies=copies[2].reference).text
    )
    assert [tip.status for tip in others(copies)] == [Status.NO_ACTION] * 2
    assert "no longer exist" not in first.text


def test_the_box_needs_a_status_that_closes_and_a_refusal_keeps_the_tick(unlocked, copies):
    response = press(unlocked, copies[0], copies=ticked(copies[1:]), status="reading")
    assert "Choose a status that closes the tip. The others will get the same one." in response.text
    box = response.text.split('id="save-copies"')[1].split(">")[0]
    assert "checked" in box
    assert [tip.status for tip in others(copies)] == [Status.NEW] * 2


@pytest.mark.promise(
    "work", control="test_one_press_decides_them_with_their_labels_and_can_be_undone"
)
def test_a_forged_copy_an_urgent_one_and_a_reference_of_no_copy_stay_as_they_are(
    unlocked, copies, other
):
    """A press that decides copies compares each text again, and leaves urgent ones."""
    urgent = Tip.objects.get(urgent=True)
    response = press(unlocked, copies[0], status="spam", copies=ticked([other]))
    assert "0 copies decided too." in response.text
    Tip.objects.filter(pk=other.pk).update(alike=Tip.objects.get(pk=copies[1].pk).alike)
    response = press(unlocked, copies[0], copies=ticked([other, urgent, copies[1]]))
    assert "1 copy decided too." in response.text
    assert f"{other.reference}: This tip does not say the same." in response.text
    assert f"{urgent.reference}: This tip cannot be spam. It is urgent." in response.text
    assert set(
        Tip.objects.filter(pk__in=[other.pk, urgent.pk]).values_list("status", "decided")
    ) == {("new", None)}


def test_read_next_skips_copies_of_decided_tips_while_there_is_something_else(
    unlocked, copies, other, send
):
    Tip.objects.filter(urgent=True).delete()
    more = [send("A blue van."), send("A red van.")]
    response = press(unlocked, copies[0], status="no_action", then="next")
    seen = []
    while response.redirect_chain and response.redirect_chain[-1][0] != QUEUE:
        tip = Tip.objects.get(pk=response.redirect_chain[-1][0].split("/")[-3])
        seen.append(tip)
        response = unlocked.get("/admin/next/", {"after": tip.reference}, follow=True)
    assert len(seen) == 5
    assert {*more, other} == {*seen[:3]}
    assert {*seen[3:]} == {*copies[1:]}


def test_the_list_of_copies_does_not_repeat_how_many_there_are_in_each_line(unlocked, copies):
    assert "unread tips say the same" in unlocked.get(QUEUE).text
    assert "unread tips say the same" not in unlocked.get(QUEUE, {"same": copies[1].reference}).text


def test_no_copy_is_read_or_decided_that_cannot_be_recorded(copies, caseworker, keys):
    first = copies[0]
    opening.read(tip=first, by=caseworker, keys=keys)
    triaging.move(tip=first, to=Status.NO_ACTION, by=caseworker, keys=newest_keys())
    others = {
        "references": ticked(copies[1:]).split(),
        "put_on": [],
        "seen": staleness.now(),
        "press": "8" * 16,
    }
    with record_broken(), pytest.raises(DatabaseError):
        decision.save_copies(tip=first, by=caseworker, keys=keys, **others)
    rows = Tip.objects.filter(reference__in=others["references"])
    assert set(rows.values_list("status", "unread")) == {(Status.NEW, True)}
    assert decision.save_copies(tip=first, by=caseworker, keys=keys, **others) == (2, []), (
        "the control"
    )
