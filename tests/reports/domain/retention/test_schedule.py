"""What is deleted and when; what keeps a tip; and that what is deleted is gone, here and in old backups."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import DatabaseError
from django.db.models import ProtectedError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reports.domain import enquiries
from reports.domain.audit import audit_log
from reports.domain.errors import Refused, Swapped
from reports.domain.intake import outbox, receiving
from reports.domain.retention import schedule
from reports.domain.tips import opening, recusal
from reports.domain.triage import triaging
from reports.models import AuditEvent, Entry, Hold, Note, Recusal, Status, Tip
from reports.sealing import receipts
from tests.factories import make_user
from tests.reports import forging, telling
from tests.reports.handing import newest_keys
from tests.reports.purging import decide, purge, unlock_again
from tests.reports.unrecorded import record_broken

type Send = Callable[..., Tip]

MONDAY = date(2026, 3, 2)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def put(tip, **facts):
    """Set a tip's facts as they would stand after a decision; it has been read."""
    if isinstance(decided := facts.get("decided"), date):
        decide(tip, status=str(facts["status"]), week=decided)
    Tip.objects.filter(pk=tip.pk).update(**{"unread": False, **facts})
    tip.refresh_from_db()
    return tip


def days_late(status, days, weekday):
    """Return how many days after its time a tip goes that was decided on this weekday; below 0: early."""
    decided = MONDAY + timedelta(days=weekday)
    week = decided - timedelta(days=decided.weekday())
    due = schedule.due_on(Tip(status=status, decided=week, confirmed=week, unread=False))
    assert due is not None
    return (due - decided).days - days


@pytest.mark.promise(
    "deleting",
    control="test_control_a_schedule_that_is_early_or_late_is_caught",
    name="deleted-in-time",
)
@pytest.mark.parametrize(
    ("status", "days"), [("spam", 7), ("no_action", 90), ("not_for_us", 90), ("passed_on", 30)]
)
@pytest.mark.parametrize("weekday", range(7))
def test_nothing_is_deleted_early_and_at_the_most_six_days_late(status, days, weekday):
    """Once it is decided, it is deleted on its day or at most six days later, unless something named below keeps it."""
    assert 0 <= days_late(status, days, weekday) <= 6


@pytest.mark.parametrize(("last_day", "weekday", "late"), [(0, 6, -6), (5, 6, -1), (7, 0, 7)])
def test_control_a_schedule_that_is_early_or_late_is_caught(monkeypatch, last_day, weekday, late):
    monkeypatch.setattr(schedule, "LAST_DAY", timedelta(days=last_day))
    assert days_late("spam", 7, weekday) == late


@pytest.mark.parametrize("status", ["new", "reading", "needs_more", "linked"])
def test_what_is_not_decided_or_linked_is_kept(status):
    assert (
        schedule.due_on(Tip(status=status, decided=MONDAY, confirmed=MONDAY, unread=False)) is None
    )


def test_what_was_passed_on_is_kept_from_the_later_of_decision_and_confirmation():
    later = Tip(
        status="passed_on", decided=MONDAY + timedelta(days=70), confirmed=MONDAY, unread=False
    )
    assert schedule.due_on(later) == MONDAY + timedelta(days=70 + 6 + 30)


class TestQuery(TestCase):
    """The query that deletes and the day that is shown are one rule."""

    @given(
        status=st.sampled_from(Status),
        decided=st.none() | days,
        confirmed=st.none() | days,
        unread=st.booleans(),
        new_answer=st.booleans(),
        today=days,
    )
    def test_query_and_day_agree(self, today, **facts):
        tip = Tip.objects.create(lookup="a" * 64, received=MONDAY, **facts)  # type: ignore[misc]
        due = schedule.due_on(tip)
        assert schedule.due(by=today).filter(pk=tip.pk).exists() == (
            due is not None and due <= today
        )


def test_tend_deletes_what_is_due_and_nothing_else(send):
    due = put(send("One."), status="spam", decided=MONDAY)
    kept = put(send("Two."), status="spam", decided=MONDAY + timedelta(days=7))
    day = MONDAY + timedelta(days=13)
    assert schedule.delete_due(today=day - timedelta(days=1)) == 0
    assert schedule.delete_due(today=day) == 1
    assert list(Tip.objects.all()) == [kept]
    assert AuditEvent.objects.latest("seq").subject == due.reference


def old(*, today):
    """Return what team leads are shown."""
    return list(Tip.objects.filter(schedule.is_to_review(today=today)))


def test_tend_works_in_bounded_steps(send):
    for _ in range(5):
        put(send(), status="spam", decided=MONDAY)
    day = MONDAY + timedelta(days=13)
    assert [schedule.delete_due(today=day, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_later_parts_without_words_keep_a_tip_thirty_days_and_with_words_for_good(
    opened, caseworker, keys
):
    tip = opened()
    opening.read(tip=tip, by=caseworker, keys=keys)
    tip = put(tip, status="no_action", decided=MONDAY)
    forging.leave(tip.lookup, kind="photos", pictures=[])
    forging.leave(tip.lookup, kind="tip", answers="not what our form makes")
    outbox.drain()
    opening.open_new(by=caseworker, keys=keys)
    tip.refresh_from_db()
    assert (tip.unread, tip.parts_read) == (True, 1)
    assert list(tip.entries.filter(position__gt=1).values_list("broken", flat=True)) == [True, True]
    due = schedule.due_on(tip)
    assert due == max(tip.entries.values_list("received", flat=True)) + timedelta(days=30 + 6)
    assert not schedule.due(by=due - timedelta(days=1)).exists()
    assert schedule.due(by=due).get() == tip
    forging.leave(tip.lookup, kind="tip", answers={"what": "They are back."})
    outbox.drain()
    assert not schedule.due(by=due).exists(), "nobody knows yet what it says"
    opening.open_new(by=caseworker, keys=keys)
    assert not schedule.due(by=due + timedelta(days=900)).exists()
    assert schedule.due_on(tip) is None


@pytest.mark.promise("deleting", name="deleted-in-time")
def test_follow_up_that_nobody_has_decided_on_keeps_a_tip(send, caseworker, passphrase):
    """What the sender added, and nobody has read or decided on, keeps a tip."""
    token = receipts.new_token()
    telling.tell("One.", token=token)
    tip = put(Tip.objects.get(), status="no_action", decided=MONDAY, parts_read=1)
    day = MONDAY + timedelta(days=96)
    receiving.accept(token=token, answers={"what": "One more thing."})
    assert schedule.delete_due(today=day) == 0  # it waits in the outbox
    outbox.drain()
    assert schedule.delete_due(today=day) == 0  # it waits to be read
    assert Entry.objects.filter(tip=tip).count() == 2
    put(tip)
    assert schedule.delete_due(today=day) == 0  # it waits for a decision
    assert old(today=MONDAY + timedelta(days=200)) == [tip], "and team leads are shown it"
    put(tip, new_answer=False)
    assert schedule.delete_due(today=day) == 1  # the control


@pytest.mark.promise("deleting", name="deleted-in-time")
def test_hold_keeps_a_tip_from_schedule_purge_and_database(send, team_lead):
    """A legal hold keeps a tip, whatever is called."""
    tip = put(send(), status="spam", decided=MONDAY)
    day = MONDAY + timedelta(days=13)
    schedule.hold(tip=tip, by=team_lead, reason="A court asked.", keys=newest_keys())
    assert schedule.delete_due(today=day) == 0
    for delete in (tip.delete, lambda: purge(tip=tip)):
        with pytest.raises(ProtectedError):
            delete()
    with pytest.raises(Refused, match="already"):
        schedule.hold(tip=tip, by=team_lead, reason="Twice.", keys=newest_keys())
    schedule.release(tip=tip, by=team_lead, keys=newest_keys())
    unlock_again()
    assert schedule.delete_due(today=day) == 1
    acts = AuditEvent.objects.filter(subject=tip.reference).order_by("seq")
    assert list(acts.values_list("act", "actor")) == [
        ("moved", "system"),
        ("held", "lena"),
        ("released", "lena"),
        ("purged", "system"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda tip: Hold.objects.filter(tip=tip).delete(),
        lambda tip: Recusal.objects.filter(tip=tip).delete(),
        lambda tip: Tip.objects.filter(pk=tip.pk).update(decided=MONDAY - timedelta(days=8)),
        lambda tip: Tip.objects.filter(pk=tip.pk).update(status="no_action"),
    ],
    ids=["hold taken away", "conflict of interest taken away", "made older", "decided by nobody"],
)
def test_what_somebody_makes_due_in_the_database_is_kept_and_maintenance_fails(
    send, team_lead, change
):
    other, tip = (put(send(), status="spam", decided=MONDAY) for _ in range(2))
    recusal.recuse(
        tip=tip, by=make_user("rosa", "Caseworker"), reason="My cousin.", keys=newest_keys()
    )
    schedule.hold(tip=tip, by=team_lead, reason="A court asked.", keys=newest_keys())
    change(tip)
    if Hold.objects.exists():
        schedule.release(tip=tip, by=team_lead, keys=newest_keys())
    unlock_again()
    day = MONDAY + timedelta(days=100)
    assert set(schedule.due(by=day)) == {tip, other}
    with pytest.raises(Swapped, match="do not match the audit log: 1"):
        schedule.delete_due(today=day)
    assert list(Tip.objects.all()) == [tip]


def test_tip_that_was_kept_since_it_was_looked_up_is_not_deleted(send, team_lead):
    tip = put(send(), status="spam", decided=MONDAY)
    schedule.hold(tip=tip, by=team_lead, reason="A court asked.", keys=newest_keys())
    assert not schedule._delete_due(tip.pk, tip.lookup, MONDAY + timedelta(days=13))
    assert Tip.objects.exists()


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"status": "new"}, True),
        ({"status": "needs_more", "decided": None}, True),
        ({"status": "linked", "decided": MONDAY}, True),
        ({"status": "passed_on", "decided": MONDAY}, True),
        ({"status": "passed_on", "decided": MONDAY, "confirmed": MONDAY}, False),
        ({"status": "no_action", "decided": MONDAY}, False),
        ({"status": "linked", "decided": MONDAY + timedelta(days=1)}, False),
        ({"status": "new", "received": MONDAY + timedelta(days=1)}, False),
    ],
)
def test_team_leads_are_shown_what_is_kept_for_six_months(send, facts, shown):
    tip = put(send(), **{"received": MONDAY, **facts})
    assert (tip in old(today=MONDAY + schedule.REVIEW)) is shown


def test_still_needed_asks_again_after_six_months(send, team_lead):
    tip = put(send(), status="linked", decided=MONDAY)
    schedule.still_needed(tip=tip, by=team_lead)
    tip.refresh_from_db()
    assert tip.reviewed is not None
    assert tip not in old(today=tip.reviewed + schedule.REVIEW - timedelta(days=1))
    assert tip in old(today=tip.reviewed + schedule.REVIEW)


def test_purge_takes_rows_notes_and_what_still_waits_in_the_outbox(caseworker, passphrase):
    token, other = receipts.new_token(), receipts.new_token()
    telling.tell("One.", token=token)
    triaging.note(tip=Tip.objects.get(), text="A note.", by=caseworker)
    for waiting in (token, other):
        receiving.accept(token=waiting, answers={"what": "Two."})
    tip = Tip.objects.get()
    damaged = outbox.folder() / f".damaged-{tip.lookup}.{'0' * 32}"
    damaged.write_text("half")
    purge(tip=tip)
    assert (Tip.objects.count(), Entry.objects.count(), Note.objects.count()) == (0, 0, 0)
    assert [name.split(".")[0] for name in outbox.waiting()] == [receipts.lookup(other)]
    assert not damaged.exists()
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.subject, event.actor) == ("purged", tip.reference, "system")


def test_purge_that_cannot_be_recorded_deletes_nothing(send):
    tip = put(send(), status="spam", decided=MONDAY)
    with record_broken(), pytest.raises(DatabaseError):
        schedule.delete_due(today=MONDAY + timedelta(days=13))
    assert list(Tip.objects.all()) == [tip]


LATER = MONDAY + timedelta(days=400)


def linked(send, caseworker, enquiry, status):
    """Return a tip of the enquiry that was decided otherwise since."""
    tip = send()
    enquiries.link(tip=tip, enquiry=enquiry, by=caseworker)
    return put(tip, status=status, decided=MONDAY, confirmed=MONDAY)


@pytest.mark.parametrize("status", [status for status, rule in schedule.SCHEDULE.items() if rule])
def test_enquiry_that_is_not_closed_keeps_its_tips(send, caseworker, enquiry, status):
    tip = linked(send, caseworker, enquiry, status)
    assert (schedule.kept_by_enquiry(tip), tip not in schedule.due(by=LATER)) == (True, True)
    enquiries.move(enquiry=enquiry, to="paused", by=caseworker, keys=newest_keys())
    assert tip not in schedule.due(by=LATER)
    enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=newest_keys())
    assert not schedule.kept_by_enquiry(tip)
    assert tip in schedule.due(by=LATER)
    enquiries.move(enquiry=enquiry, to="open", by=caseworker, keys=newest_keys())
    assert tip not in schedule.due(by=LATER), "spam of an enquiry that is opened again is kept too"


def test_link_that_was_taken_back_keeps_nothing(send, caseworker, enquiry):
    tip = linked(send, caseworker, enquiry, "no_action")
    assert schedule.delete_due(today=LATER) == 0
    enquiries.unlink(tip=tip, enquiry=enquiry, by=caseworker)
    assert schedule.delete_due(today=LATER) == 1


def test_team_leads_look_at_what_an_enquiry_keeps_every_six_months(send, caseworker, enquiry):
    tip = linked(send, caseworker, enquiry, "no_action")
    assert tip in old(today=MONDAY + schedule.REVIEW)
    assert tip not in old(today=MONDAY + schedule.REVIEW - timedelta(days=1))


def test_unopened_danger_keeps_a_tip_and_so_does_a_decision_that_was_taken_back(send):
    spam, read_again = (
        put(send(), status="spam", decided=MONDAY),
        put(send(), status="no_action", decided=MONDAY),
    )
    day = MONDAY + timedelta(days=200)
    Entry.objects.filter(tip=spam).update(alarm_at=timezone.now(), opened=False)
    audit_log.record(
        by=None, act="moved", subject=read_again.reference, before="no_action", after="reading"
    )
    with pytest.raises(Swapped, match="do not match the audit log: 1"):
        schedule.delete_due(today=day)
    assert Tip.objects.count() == 2
    Entry.objects.update(alarm_at=None)
    with pytest.raises(Swapped):
        schedule.delete_due(today=day)
    assert list(Tip.objects.all()) == [read_again]
