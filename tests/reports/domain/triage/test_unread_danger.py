"""Nothing is closed, silenced or deleted while something about danger lies unread under it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain.audit import proven_events
from reports.domain.errors import DangerOpen
from reports.domain.referrals import urgent_calls
from reports.domain.retention import schedule
from reports.domain.tips import opening
from reports.domain.tips.metadata import monday
from reports.domain.triage import alarm, safety, triaging, undoing
from reports.models import AuditAct, AuditEvent, Link, SafetyDecision, Status, Tip
from reports.sealing import receipts
from tests.factories import NO_DANGER
from tests.reports.handing import newest_keys
from tests.reports.telling import tell

CALL = {
    "whom": "PC Doe",
    "when": "21:40",
    "reference": "",
    "ground": "life",
    "danger": "A man has a knife.",
}
CLOSED = sorted(set(Status) - {Status.NEW, Status.READING, Status.NEEDS_MORE})


@pytest.fixture
def token(passphrase):
    """Return the receipt of somebody who has told us of danger, and can tell more."""
    token = receipts.new_token()
    tell("They wait outside.", token=token, danger="yes", police="yes")
    return token


@pytest.fixture
def read(token, caseworker, keys):
    """Return a function by which the caseworker reads all of the tip; they have done so once."""

    def read():
        opening.open_new(by=caseworker, keys=keys)
        opening.read(tip=Tip.objects.get(), by=caseworker, keys=keys)
        return Tip.objects.get()

    read()
    return read


def begin():
    """Run the alarm once and return the tip as it stands then."""
    alarm.start(now=timezone.now())
    return Tip.objects.get()


def test_a_recorded_call_ends_the_reminder_of_what_was_read_and_of_nothing_unread(
    read, token, caseworker
):
    urgent_calls.add(tip=Tip.objects.get(), to="999", **CALL, by=caseworker, keys=newest_keys())
    assert Tip.objects.get().acknowledged_by == "olu"
    assert begin().status == "passed_on"
    tell("They have a knife now.", token=token, danger="yes")
    urgent_calls.add(tip=begin(), to="999", **CALL, by=caseworker, keys=newest_keys())
    tip = Tip.objects.get()
    assert (tip.status, tip.acknowledged_at) == ("passed_on", None)
    assert begin().status == "reading"
    assert Tip.objects.urgent_waiting().exists()


@pytest.mark.parametrize("danger", ["yes", "no"])
def test_danger_that_comes_to_a_closed_tip_has_it_read_again(read, enquiry, token, danger):
    link = Link.objects.create(
        tip=Tip.objects.get(), enquiry=enquiry, week=monday(timezone.localdate())
    )
    wakes, before = danger == "yes", AuditEvent.objects.filter(act=AuditAct.MOVED).count()
    closed = {"decided": link.week, "acknowledged_by": "olu", "acknowledged_at": timezone.now()}
    for status in CLOSED:
        Tip.objects.update(status=status, **closed)
        tell(f"They have a knife now: {status}.", token=token, danger=danger)
        tip = begin()
        assert (tip.status, tip.decided is None) == (
            ("reading", True) if wakes else (status, False)
        )
        assert Tip.objects.urgent_waiting().exists() is wakes
    assert Link.objects.standing().get() == link
    events = AuditEvent.objects.filter(act=AuditAct.MOVED)[before:]
    assert [event.by_program for event in events] == [True] * (len(CLOSED) if wakes else 0)


def test_taking_care_of_it_on_a_locked_desk_has_it_read_again(read, token, caseworker):
    triaging.move(
        tip=Tip.objects.get(), to="no_action", by=caseworker, danger=NO_DANGER, keys=newest_keys()
    )
    tell("They have a knife now.", token=token, danger="yes")
    triaging.acknowledge(tip=Tip.objects.get(), by=caseworker)  # before the alarm runs
    tip = Tip.objects.get()
    assert (tip.status, tip.decided, tip.acknowledged_by) == ("reading", None, "olu")
    Tip.objects.update(acknowledged_at=timezone.now() - alarm.TAKEN_FOR)
    alarm.lapse(now=timezone.now())
    assert Tip.objects.get().acknowledged_at is None


def test_a_reply_has_spam_read_again_and_it_is_not_deleted_before(read, token, caseworker):
    triaging.move(
        tip=Tip.objects.get(), to="spam", by=caseworker, danger=NO_DANGER, keys=newest_keys()
    )
    SafetyDecision.objects.all().delete()
    later = timezone.localdate() + timedelta(days=30)
    assert Tip.objects.get() in schedule.due(by=later)  # the control
    Tip.objects.update(answered=True, unread=True)  # as a reply does
    assert not schedule.due(by=later).exists()
    assert (begin().status, Tip.objects.unread().count()) == ("reading", 1)


@pytest.mark.parametrize(
    ("to", "speaks"), [("999", True), ("children", True), ("safeguarding", True), ("other", False)]
)
def test_a_call_speaks_for_what_had_come_by_then(read, token, caseworker, to, speaks):
    tip = Tip.objects.get()
    call = urgent_calls.add(tip=tip, to=to, **CALL, by=caseworker, keys=newest_keys())
    assert call.position == (1 if speaks else 0)
    Tip.objects.update(status="reading", decided=None)
    assert safety.is_asked(tip=tip) is not speaks
    tell("They have a knife now.", token=token, danger="yes")
    assert safety.is_asked(tip=tip)
    tip = read()
    with pytest.raises(DangerOpen):
        triaging.move(tip=tip, to="no_action", by=caseworker, keys=newest_keys())


def test_a_decision_about_danger_keeps_its_tip_until_a_team_lead_has_looked(
    read, caseworker, team_lead
):
    triaging.move(
        tip=Tip.objects.get(), to="spam", by=caseworker, danger=NO_DANGER, keys=newest_keys()
    )
    later = timezone.localdate() + timedelta(days=30)
    assert schedule.delete_due(today=later) == 0
    safety.mark_reviewed(decision=SafetyDecision.objects.get(), by=team_lead, keys=newest_keys())
    proven_events.prove(proof=newest_keys().audit_keys)
    assert schedule.delete_due(today=later) == 1


def test_undo_closes_no_urgent_tip_and_reads_again_what_has_something_unread(read, caseworker):
    triaging.move(
        tip=Tip.objects.get(), to="no_action", by=caseworker, danger=NO_DANGER, keys=newest_keys()
    )
    urgent_calls.add(
        tip=Tip.objects.get(), to="safeguarding", **CALL, by=caseworker, keys=newest_keys()
    )
    press = undoing.new_press()
    triaging.move(tip=Tip.objects.get(), to="reading", by=caseworker, press=press)
    assert undoing.of_tip(tip=Tip.objects.get())  # the control
    Tip.objects.update(unread=True)
    done = undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert (done.number, [str(refusal) for _reference, refusal in done.refused]) == (
        0,
        [
            "This tip is or may be about danger, or someone under 18. Open it and decide it on its own page."
        ],
    )
    for unread, after in ((False, "needs_more"), (True, "reading")):
        Tip.objects.update(status="needs_more", decided=None, unread=False, urgent=False)
        press = undoing.new_press()
        triaging.move(
            tip=Tip.objects.get(), to="no_action", by=caseworker, press=press, keys=newest_keys()
        )
        Tip.objects.update(unread=unread)
        assert undoing.undo(press=press, by=caseworker, keys=newest_keys()).number == 1
        assert Tip.objects.get().status == after
