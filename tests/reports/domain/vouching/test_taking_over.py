"""What was stored before anything was vouched for is taken over once; what comes to it later is not."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import audit, enquiries
from reports.domain.keys.keyholders import Keys
from reports.domain.vouching import taking_over
from reports.models import AuditAct, Note, Tip
from tests.reports.domain.vouching import desks

type Send = Callable[..., Tip]


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
