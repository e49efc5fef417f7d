"""What was stored before anything was vouched for is taken over once; what comes to it later is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import audit, enquiries, triage
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.domain.vouching import taking_over
from reports.models import AuditAct, AuditEvent, Note, Tip, Voucher
from tests.reports.domain.vouching import desks

type Send = Callable[..., Tip]


def test_it_begins_with_a_mark_and_waits_a_day(officer: User, keys: Keys) -> None:
    now = timezone.now()
    assert not taking_over.step(by=officer, keys=keys, now=now)
    assert not taking_over.step(by=officer, keys=Keys((), since=0), now=now)  # they have no audit keys
    assert not AuditEvent.objects.filter(act="took-over").exists()  # an empty desk has nothing to take over
    enquiries.begin(by=officer, codename="quiet lantern")
    assert not taking_over.step(by=officer, keys=keys, now=now)
    assert AuditEvent.objects.get(act="took-over").detail == {"count": 0, "after": "", "done": False}
    assert not taking_over.step(by=officer, keys=keys, now=now + timedelta(hours=23))
    assert not taking_over.settled()
    assert taking_over.step(by=officer, keys=keys, now=now + timedelta(hours=25))
    assert taking_over.step(by=officer, keys=keys, now=now)
    assert taking_over.settled()
    assert AuditEvent.objects.filter(act="took-over").count() == 2


def test_what_a_desk_held_is_taken_over_in_steps_and_nothing_counts_before(
    unguarded: None, send: Send, officer: User, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    tips = [send(f"Tip {number}.") for number in range(3)]
    opening.open_new(by=officer, keys=keys)
    Voucher.objects.all().delete()
    for tip in tips:
        triage.note(tip=tip, text="A note.", by=officer)
    AuditEvent.objects.filter(act="vouched").delete()  # an earlier version never wrote one
    monkeypatch.setattr(taking_over, "AT_ONCE", 2)
    assert desks.on_pages(keys=keys) == []
    now = timezone.now()
    assert not taking_over.step(by=officer, keys=keys, now=now)
    later = now + timedelta(hours=25)
    steps = [taking_over.step(by=officer, keys=keys, now=later, seconds=-1) for _step in range(3)]
    assert (steps, Voucher.objects.count()) == ([False, False, True], 3)
    assert desks.on_pages(keys=keys) == []


def test_what_was_put_in_afterwards_is_named_and_never_taken_over(filled: None, officer: User, keys: Keys) -> None:
    enquiries.begin(by=officer, codename="loud drum")
    Note.objects.create(tip=Tip.objects.all()[0], author="somebody", key_index=1, sealed=b"sealed to the public key")
    assert taking_over.step(by=officer, keys=keys, now=timezone.now())
    said = " ".join(desks.verified(keys=keys).found)
    assert "a note was put in" in said
    assert "its summary was put in" in said


@pytest.mark.proof("changed")
def test_an_event_that_says_it_is_not_over_yet_is_not_believed(filled: None, officer: User, keys: Keys) -> None:
    """Whoever writes to the database puts a note in, and lets the record say that taking over goes on."""
    Note.objects.create(tip=Tip.objects.all()[0], author="lena", key_index=1, sealed=b"sealed to the public key")
    audit.record(by=None, act=AuditAct.TOOK_OVER, count=0, after="", done=False)
    assert taking_over.settled()
    assert taking_over.step(by=officer, keys=keys, now=timezone.now() + timedelta(days=3))
    audit.renew_head()
    assert "a note was put in" in " ".join(desks.on_pages(keys=keys))
    assert "a note was put in" in " ".join(desks.verified(keys=keys).found)
