"""The record: who did what to which tip, each event chained by hash to the one before it."""

import hashlib
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from reports.models import AuditEvent

if TYPE_CHECKING:
    from django.contrib.auth.models import User

GENESIS = "0" * 64
ADVISORY_LOCK = 0x5374_6C74  # any number that nothing else in this database uses


def record(*, by: "User | None", act: str, subject: str = "", **detail: Any) -> AuditEvent:
    """Append one event (`by` None: the system itself) and return it; runs in the caller's transaction if there is one.

    Writers take turns: an advisory lock on PostgreSQL, SQLite's IMMEDIATE transaction there. `detail` is stored in
    clear, so it never holds a word of a tip.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        last = AuditEvent.objects.order_by("-seq").values("seq", "hash").first() or {"seq": 0, "hash": GENESIS}
        event = AuditEvent(
            seq=last["seq"] + 1,
            at=timezone.now(),
            actor=by.get_username()[:150] if by else "system",
            act=act,
            subject=subject[:60],
            detail=detail,
            previous=last["hash"],
        )
        event.hash = digest(event)
        event.save(force_insert=True)
    return event


def digest(event: AuditEvent) -> str:
    """Return the hash of an event: SHA-256, in hex, over canonical JSON of every other column."""
    at = event.at.astimezone(UTC).isoformat()
    row = [event.seq, at, event.actor, event.act, event.subject, event.detail, event.previous]
    return hashlib.sha256(json.dumps(row, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken() -> int | None:
    """Return the number of the first event that was changed, removed or put in, or None when the chain is whole."""
    previous, expected = GENESIS, 1
    for event in AuditEvent.objects.order_by("seq").iterator():
        if event.seq != expected or event.previous != previous or event.hash != digest(event):
            return expected
        previous, expected = event.hash, expected + 1
    return None
