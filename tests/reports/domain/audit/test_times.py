"""Times are compared with the newest signed event before: a wrong clock is one finding, and stops no deletion."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import audit_log, proven_events, times, triggers
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.retention import schedule
from reports.domain.tips import tampering
from reports.domain.triage import triaging
from reports.models import AuditAct, AuditEvent, Tip
from tests.reports.domain.audit.appended import append
from tests.reports.domain.audit.tampering import take_down
from tests.reports.handing import keyholder

type Send = Callable[..., Tip]

YEAR = timedelta(days=365)


@pytest.fixture
def decide(send, caseworker, keys, monkeypatch):
    """Return a function by which a member marks a new tip as spam."""
    monkeypatch.setattr(state_files, "empty_write_ahead_log", lambda: None)

    def mark_as_spam():
        tip = send()
        triaging.move(tip=tip, to="spam", by=caseworker, keys=keys)
        return tip

    return mark_as_spam


def found(keys):
    """Return what the whole check finds."""
    audit_log.renew_head()
    return tampering.verify(keys=keys)[0].findings


def deletes(tip, keys):
    """Return whether the desk deletes a tip once that is due."""
    proven_events.prove(proof=keys.audit_keys)
    Tip.objects.exclude(pk=tip.pk).update(status="reading", decided=None)
    return schedule.delete_due(today=timezone.localdate() + timedelta(days=30)) == 1


def test_a_future_event_that_is_put_in_is_one_finding_and_deletion_goes_on(
    decide, caseworker, keys
):
    decide()
    put_in = append("read", "2222-2222", actor="lena", at=timezone.now() + YEAR)
    one = f"Event {put_in.seq} has a time that does not fit the events around it."
    assert found(keys) == (one,)
    for _again in range(3):
        audit_log.record(by=caseworker, act=AuditAct.SIGNED_OUT)
        tip = decide()
    assert found(keys) == (one,)
    assert deletes(tip, keys)


def test_a_clock_ahead_that_is_put_right_is_one_finding_and_deletion_goes_on(
    decide, caseworker, keys
):
    decide()
    with time_machine.travel(timezone.now() + YEAR, tick=True):
        decide()
        decide()
        audit_log.record(by=caseworker, act=AuditAct.SIGNED_OUT)
    first = audit_log.record(by=caseworker, act=AuditAct.SIGNED_OUT)
    audit_log.record(by=caseworker, act=AuditAct.SIGNED_OUT)
    tip = decide()
    last = AuditEvent.objects.order_by("-seq")[0]
    decide()
    assert found(keys) == (
        f"Events {first.seq} to {last.seq} have times that do not fit the events around them.",
    )
    assert deletes(tip, keys)


def test_a_restore_with_a_clock_that_is_behind_is_one_finding_and_deletion_goes_on(
    decide, caseworker, keys
):
    decide()
    with time_machine.travel(timezone.now() - timedelta(hours=5), tick=True):
        restored = audit_log.record(by=None, act=AuditAct.RESTORED, backup=3, known=7, key_file=2)
    tip = decide()
    assert found(keys) == (
        f"Event {restored.seq} has a time that does not fit the events around it.",
    )
    assert deletes(tip, keys)


def test_ten_minutes_are_allowed(decide, caseworker, keys):
    decide()
    signed = AuditEvent.objects.exclude(mac="").order_by("-seq")[0]
    for minutes, findings in ((9, 0), (11, 1)):
        append("read", "2222-2222", actor="lena", at=signed.at - timedelta(minutes=minutes))
        assert len(found(keys)) == findings


def test_a_team_lead_says_that_the_clock_was_wrong(decide, caseworker, team_lead, keys):
    decide()
    put_in = append("read", "2222-2222", actor="lena", at=timezone.now() - YEAR)
    span = {"first": put_in.seq, "last": put_in.seq, "keys": keys}
    with pytest.raises(Refused, match="Only a team lead can do that"):
        times.say_clock_was_wrong(**span, by=caseworker)
    with pytest.raises(Refused, match="has changed since then"):
        times.say_clock_was_wrong(**span | {"last": put_in.seq + 1}, by=team_lead)
    with pytest.raises(Refused, match="The desk is locked"):
        times.say_clock_was_wrong(**span | {"keys": None}, by=team_lead)
    append("clock-was-wrong", "", actor="lena", mac="0" * 64, first=1, last=put_in.seq)
    assert f"Event {put_in.seq} has a time that does not fit the events around it." in found(keys)
    take_down()
    AuditEvent.objects.order_by("-seq")[0].delete()
    triggers.put_up()
    times.say_clock_was_wrong(**span, by=team_lead)
    assert found(keys) == ()
    append("read", "2222-2222", actor="lena", at=timezone.now() - YEAR)
    assert len(found(keys)) == 1, "it is said of what was found, and of nothing later"


def test_an_unsigned_decision_older_than_a_signed_event_waits_for_a_team_lead(
    send, caseworker, team_lead, keys, monkeypatch
):
    monkeypatch.setattr(state_files, "empty_write_ahead_log", lambda: None)
    keyholder(team_lead)
    audit_log.record(by=caseworker, act=AuditAct.CONFIRMED_ROWS, rows=Named(keys=keys))
    then = timezone.now() - timedelta(hours=2)
    tip = send()
    event = append("moved", tip.reference, actor="lena", at=then, before="reading", after="spam")
    assert times.is_made_older(event)
    times.say_clock_was_wrong(first=event.seq, last=event.seq, by=team_lead, keys=keys)
    assert times.is_made_older(event), (
        "maintenance believes it once an unlocked desk has tried its MAC"
    )
    proven_events.prove(proof=keys.audit_keys)
    assert not times.is_made_older(event)
