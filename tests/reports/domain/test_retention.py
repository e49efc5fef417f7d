"""Purging: gone from the rows, the outbox and SQLite's write-ahead log; the record keeps the reference."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection

from reports.domain import intake, outbox, retention, triage
from reports.models import AuditEvent, Entry, Note, Tip
from reports.sealing import receipts


def test_purge_takes_rows_notes_and_what_still_waits_in_the_outbox(officer: User, phrase: str) -> None:
    token, other = receipts.new_token(), receipts.new_token()
    intake.accept(token=token, answers={"what": "One."})
    outbox.drain()
    triage.note(tip=Tip.objects.get(), text="A note.", by=officer)
    for waiting in (token, other):
        intake.accept(token=waiting, answers={"what": "Two."})
    tip = Tip.objects.get()
    retention.purge(tip=tip, by=officer)
    assert (Tip.objects.count(), Entry.objects.count(), Note.objects.count()) == (0, 0, 0)
    assert [name.split(".")[0] for name in outbox.waiting()] == [receipts.lookup(other)]
    event = AuditEvent.objects.latest("seq")
    assert (event.act, event.subject, event.actor) == ("purged", tip.reference, "olu")


@pytest.mark.django_db(transaction=True)
def test_purge_checkpoints_the_write_ahead_log(officer: User, send: Callable[..., Tip]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps no such file; its own log is the operator's (docs/operations.md).")
    tip = send()
    statements: list[str] = []

    def watch(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        retention.purge(tip=tip, by=officer)
    assert statements[-1] == "PRAGMA wal_checkpoint(TRUNCATE)"
