"""Deleting for good: the rows, what still lies in the outbox, and what SQLite keeps in its write-ahead log."""

from typing import TYPE_CHECKING

from django.db import connection, transaction

from reports.domain import audit, outbox
from reports.models import Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def purge(*, tip: Tip, by: "User | None") -> None:
    """Delete a tip with all that came under its receipt; the record keeps the reference only.

    The outbox is locked meanwhile, so that nothing of this receipt can be drained between the two deletions.
    """
    with outbox.locked(wait=True):
        outbox.forget(tip.lookup)
        with transaction.atomic():
            audit.record(by=by, act="purged", subject=tip.reference)
            Tip.objects.filter(pk=tip.pk).delete()
            transaction.on_commit(_empty_write_ahead_log)


def _empty_write_ahead_log() -> None:
    """Make SQLite forget deleted pages: they stay readable in its write-ahead log until a checkpoint."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
