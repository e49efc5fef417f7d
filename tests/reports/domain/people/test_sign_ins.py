"""Sign-ins on the record, and failures: for names that we know, and never more than one of a kind an hour."""

from datetime import datetime, timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.domain.people import sign_ins
from reports.models import AuditEvent


def fail(name: str, times: int, *, at: datetime, address: str = "192.0.2.1") -> None:
    """Keep failures as axes does."""
    kept = {"username": name, "ip_address": address, "user_agent": "", "failures_since_start": times}
    made = AccessAttempt.objects.create(**kept)
    AccessAttempt.objects.filter(pk=made.pk).update(attempt_time=at)


def acts() -> list[tuple[str, str, str, dict[str, int]]]:
    """Return what stands on the record."""
    return list(AuditEvent.objects.order_by("seq").values_list("actor", "act", "subject", "detail"))


def test_failures_are_counted_for_known_names_alone(officer: User) -> None:
    now = timezone.now()
    fail("olu", 2, at=now)
    fail("olu in 0011", 1, at=now, address="192.0.2.2")  # in a browser that they have used
    fail("unknown 0123456789abcdef", 9, at=now)
    assert sign_ins.record_failures(now=now) == 1
    assert acts() == [("system", "wrong-password", "olu", {"count": 3})]


def test_names_that_strangers_make_up_are_not_looked_up(officer: User) -> None:
    """However many they try in an hour: a database takes only so many parameters, and the minute's run has a bound."""
    now = timezone.now()
    Client().post("/admin/login/", {"username": "nobody-of-the-desk", "password": "guess", "code": ""})
    assert AccessAttempt.objects.get().username.startswith("unknown ")
    with CaptureQueriesContext(connection) as asked:
        assert sign_ins.record_failures(now=now) == 0
        fail("olu", 1, at=now)
        assert sign_ins.record_failures(now=timezone.now()) == 1, "the control"
    users = [query["sql"] for query in asked.captured_queries if 'FROM "auth_user"' in query["sql"]]
    assert len(users) == 1
    assert "unknown" not in users[0]


def test_a_pause_is_an_event_of_its_own(officer: User) -> None:
    now = timezone.now()
    fail("olu", 3, at=now)
    fail("olu", 2, at=now, address="192.0.2.2")
    sign_ins.record_failures(now=now)
    assert [act for _who, act, *_rest in acts()] == ["wrong-password"], "three and two, from two places, pause nobody"
    fail("olu in 0011", 5, at=now)
    sign_ins.record_failures(now=now)
    assert acts()[1:] == [("system", "sign-in-paused", "olu", {})]


def test_a_stranger_who_never_stops_makes_two_events_an_hour(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = timezone.now()
    for minute in range(0, 180, 5):
        now = begin + timedelta(minutes=minute)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        AccessAttempt.objects.all().delete()
        fail("olu", 5, at=now)
        sign_ins.record_failures(now=now)
    assert len(acts()) == 2 * 3


def test_old_failures_are_not_told_again(officer: User) -> None:
    now = timezone.now()
    fail("olu", 5, at=now - timedelta(hours=2))
    assert sign_ins.record_failures(now=now) == 0


@pytest.mark.parametrize("times", [1, 3])
def test_a_wrong_code_after_the_right_password_is_told_once_an_hour(officer: User, times: int) -> None:
    for _ in range(times):
        sign_ins.wrong_code(user=officer)
    assert acts() == [("system", "wrong-code", "olu", {})]
