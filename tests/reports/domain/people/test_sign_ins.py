"""Sign-ins on the record, and failures: for names that we know, and never more than one of a kind an hour."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.utils import timezone

from reports.domain.people import sign_ins
from reports.models import AuditEvent


def fail(name, times, *, at, address="192.0.2.1"):
    """Keep failures as axes does."""
    kept = {
        "username": name,
        "ip_address": address,
        "user_agent": "",
        "failures_since_start": times,
    }
    made = AccessAttempt.objects.create(**kept)
    AccessAttempt.objects.filter(pk=made.pk).update(attempt_time=at)


def acts():
    """Return what stands on the record."""
    return list(AuditEvent.objects.order_by("seq").values_list("actor", "act", "subject", "detail"))


def test_failures_are_counted_for_known_names_alone(caseworker):
    now = timezone.now()
    fail("olu", 2, at=now)
    fail("olu in 0011", 1, at=now, address="192.0.2.2")  # in a browser that they have used
    fail("unknown 0123456789abcdef", 9, at=now)
    sign_ins.record_failures(now=now)
    assert acts() == [("system", "wrong-password", "olu", {"count": 3})]


def test_a_stranger_who_never_stops_makes_one_event_an_hour(caseworker, time_machine):
    begin = timezone.now()
    for minute in range(0, 180, 5):
        now = begin + timedelta(minutes=minute)
        time_machine.move_to(now)
        AccessAttempt.objects.all().delete()
        fail("olu", 5, at=now)
        sign_ins.record_failures(now=now)
    assert len(acts()) == 3


@pytest.mark.parametrize("times", [1, 3])
def test_a_wrong_code_after_the_right_password_is_told_once_an_hour(caseworker, times):
    for _ in range(times):
        sign_ins.wrong_code(user=caseworker)
    assert acts() == [("system", "wrong-code", "olu", {})]
