"""A login that may change one column of a tip can lock its row for ever: that stops neither intake nor an alarm."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from reports.domain import database_roles, desk, maintenance
from reports.domain.errors import JobsFailed
from reports.domain.intake import arrivals, outbox
from reports.domain.maintenance import notices
from reports.models import Arrival, Entry, Tip

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no locks of rows"),
]
HELD, NEW = "a" * 64, "d" * 64


def put(lookup: str, *, urgent: bool = False) -> None:
    outbox.put(outbox.OutboxEntry(lookup, uuid.uuid4().hex, str(uuid.uuid4()), "2026-11-26", 1, urgent, b"sealed"))


def leave(lookup: str, number: int) -> None:
    facts = {"tag": uuid.uuid4().hex, "received": "2026-11-26", "key_index": 1, "sealed": b"sealed"}
    Arrival.objects.create(id=uuid.UUID(int=number), lookup=lookup, **facts)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Let a test that waits for a lock fail instead of hanging."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.fixture
def lock() -> Iterator[Callable[[], Any]]:
    """Return a function that locks all tips by another connection, which it returns; it lets go when it is closed."""
    other = connection.copy()

    def hold() -> Any:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM reports_tip FOR UPDATE")
            assert cursor.fetchall()
        return other

    yield hold
    other.close()


def test_a_new_tip_comes_in_and_a_follow_up_waits_for_the_lock(lock: Callable[[], Any]) -> None:
    put(HELD)
    assert outbox.drain() == 1
    other = lock()
    put(HELD)
    put(NEW, urgent=True)
    assert outbox.drain() == 1
    assert Tip.objects.get(lookup=NEW).urgent
    assert [name[:64] for name in outbox.waiting()] == [HELD], "it is kept"
    other.close()
    assert outbox.drain() == 1
    assert Entry.objects.filter(tip__lookup=HELD).count() == 2


def test_what_was_left_under_a_locked_tip_stops_nothing_that_was_left_behind_it(
    lock: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "BATCH", 1)
    put(HELD)
    outbox.drain()
    other = lock()
    for number, lookup in enumerate([HELD, HELD, NEW]):
        leave(lookup, number)
    assert outbox.drain() == 1
    assert Tip.objects.filter(lookup=NEW).exists()
    assert set(Arrival.objects.values_list("lookup", flat=True)) == {HELD}
    other.close()
    assert outbox.drain() == 2


def test_an_urgent_tip_rings_though_its_row_is_locked_before_its_alarm_began(lock: Callable[[], Any]) -> None:
    desk.save_profile(desk.Profile(duty_email="duty@example.org"))
    put(NEW, urgent=True)
    outbox.drain()
    lock()
    quarter = timezone.now().replace(minute=0, second=0, microsecond=0)
    rung = [notices.send_due(now=quarter + timedelta(minutes=minute)) for minute in (1, 2, 16, 17)]
    assert rung == [True, False, True, False]
    assert len(mail.outbox) == 2


def test_a_job_that_is_locked_out_fails_alone(lock: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    put(HELD)
    outbox.drain()
    lock()
    ran: list[str] = []

    def stuck(now: object) -> Iterator[str]:
        Tip.objects.update(unread=True)
        yield from ()

    def after(now: object) -> Iterator[str]:
        ran.append("after")
        yield from ()

    jobs = (maintenance.Job("drain", "draining", stuck), maintenance.Job("form", "telling", after))  # type: ignore[arg-type]
    monkeypatch.setattr(maintenance, "JOBS", jobs)
    monkeypatch.setattr(database_roles, "PATIENCE", 1)
    with pytest.raises(JobsFailed, match="draining"):
        list(maintenance.run_all())
    assert ran == ["after"]
    with pytest.raises(OperationalError) as failed, transaction.atomic():
        Tip.objects.update(unread=True)
    assert database_roles.is_locked_out(failed.value)
    assert not database_roles.is_locked_out(OperationalError("the server is gone"))


@pytest.fixture
def fresh() -> Iterator[Callable[[], str]]:
    """Return a function that asks on a new connection how long a statement waits for a lock."""

    def ask() -> str:
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                return str(cursor.fetchone()[0])
        finally:
            other.close()

    yield ask
    set_on_database("RESET lock_timeout")
    database_roles.limit_waiting()


def set_on_database(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])} {what}")


def test_nobody_waits_long_for_a_lock_and_a_time_that_an_administrator_set_stays(
    fresh: Callable[[], str], settings: Any
) -> None:
    assert fresh() == "10s", "migrating sets it"
    set_on_database("RESET lock_timeout")
    assert fresh() == "0", "the control: PostgreSQL itself lets everybody wait for ever"
    settings.SITE_ROLE = "public"
    database_roles.limit_waiting()
    assert fresh() == "0", "the desk's machine sets it"
    settings.SITE_ROLE = "all"
    set_on_database("SET lock_timeout = '3s'")
    database_roles.limit_waiting()
    assert fresh() == "3s"
