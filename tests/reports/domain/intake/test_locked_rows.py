"""A login that may change one column of a tip can lock its row for ever: that stops neither intake nor an alarm."""

import uuid

import pytest
from django.db import OperationalError, connection, transaction

from reports.domain.errors import JobsFailed
from reports.domain.intake import outbox
from reports.domain.maintenance import jobs
from reports.domain.storage import database_roles
from reports.models import Entry, Tip

pytestmark = [
    pytest.mark.engine,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no locks of rows"),
]
HELD, NEW = "a" * 64, "d" * 64


def put(lookup, *, urgent=False):
    outbox.put(
        outbox.OutboxEntry(
            lookup, uuid.uuid4().hex, str(uuid.uuid4()), "2026-11-26", 1, urgent, b"sealed"
        )
    )


@pytest.fixture(autouse=True)
def patience():
    """Let a test that waits for a lock fail instead of hanging."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.fixture
def lock():
    """Return a function that locks all tips by another connection, which it returns; a rollback lets go of them."""
    other = connection.copy()

    def hold():
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM reports_tip FOR UPDATE")
            assert cursor.fetchall()
        return other

    yield hold
    other.close()


def test_a_new_tip_comes_in_and_a_follow_up_waits_for_the_lock(lock):
    put(HELD)
    assert outbox.drain() == 1
    other = lock()
    put(HELD)
    put(NEW, urgent=True)
    assert outbox.drain() == 1
    assert Tip.objects.get(lookup=NEW).urgent
    assert [name[:64] for name in outbox.waiting()] == [HELD], "it is kept"
    other.rollback()
    assert outbox.drain() == 1
    assert Entry.objects.filter(tip__lookup=HELD).count() == 2


def test_a_job_that_is_locked_out_fails_alone(lock, monkeypatch):
    put(HELD)
    outbox.drain()
    lock()
    ran = []

    def stuck(now):
        Tip.objects.update(unread=True)

    def after(now):
        ran.append("after")

    both = (jobs.Job("draining", stuck), jobs.Job("telling", after))
    monkeypatch.setattr(jobs, "JOBS", both)
    monkeypatch.setattr(database_roles, "PATIENCE", 1)
    with pytest.raises(JobsFailed, match="draining"):
        jobs.run_all()
    assert ran == ["after"]
    with pytest.raises(OperationalError) as failed, transaction.atomic():
        Tip.objects.update(unread=True)
    assert database_roles.is_locked_out(failed.value)
    assert not database_roles.is_locked_out(OperationalError("the server is gone"))
