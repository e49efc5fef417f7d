"""The record: who did what to which tip, each event chained by hash to the one before it.

Three things say that it is whole (`verifying.py` compares them): the chain itself; checkpoints, which a keyholder's
unlock or lock writes under a MAC with the ring's audit key; and the head, which is kept in a file as well.
"""

import fcntl
import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from reports.domain import desk
from reports.models import AuditAct, AuditEvent, Checkpoint

if TYPE_CHECKING:
    from django.contrib.auth.models import User

GENESIS = "0" * 64
ADVISORY_LOCK = 0x5374_6C74  # any number that nothing else in this database uses

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Vouchers:
    """What a keyholder proves the record with: the ring's audit keys, and the event up to which the ring knows it.

    `keys`, newest first, each with the first checkpoint that it may vouch for. `stood_at` is that event's number and
    hash, as the ring was last written.
    """

    keys: tuple[tuple[int, bytes], ...] = field(repr=False)
    stood_at: tuple[int, str] | None = None

    def key_for(self, number: int) -> bytes:
        """Return the key that checkpoint `number` must be under."""
        return next(key for first, key in self.keys if first <= number or first == 1)


@dataclass(frozen=True)
class Head:
    """The newest event, as the file outside the database has it, and how many checkpoints there were."""

    seq: int
    hash: str
    checkpoints: int = 0


def record(*, by: "User | None", act: AuditAct, subject: str = "", **detail: Any) -> AuditEvent:
    """Append one event (`by` None: the system itself) and return it; runs in the caller's transaction if there is one.

    Writers take turns: an advisory lock on PostgreSQL, SQLite's IMMEDIATE transaction there. `detail` is stored in
    clear, so it never holds a word of a tip.
    """
    with transaction.atomic():
        event = _append(by=by, act=act, subject=subject, detail=detail)
        transaction.on_commit(partial(_keep_head, event.seq, event.hash))
    return event


def record_each(*, by: "User | None", act: AuditAct, subjects: Sequence[str]) -> None:
    """Append one event for each subject, in one go; runs in the caller's transaction if there is one."""
    if not subjects:
        return
    with transaction.atomic():
        last = _last()
        events = []
        for subject in subjects:
            last = _event(last, by=by, act=act, subject=subject, detail={})
            events.append(last)
        AuditEvent.objects.bulk_create(events)
        transaction.on_commit(partial(_keep_head, events[-1].seq, events[-1].hash))


def checkpoint(*, by: "User | None", act: AuditAct, key: bytes, **detail: Any) -> Checkpoint:
    """Append one event and vouch for the whole record up to it with the ring's audit key (32 bytes)."""
    with transaction.atomic():
        event = _append(by=by, act=act, subject="", detail=detail)
        new = Checkpoint(number=stands()[0] + 1, seq=event.seq, hash=event.hash)
        new.mac = mac(new, key=key)
        new.save(force_insert=True)
        transaction.on_commit(partial(_keep_head, event.seq, event.hash, new.number))
    return new


def take_turn() -> None:
    """Let no other write the record until this transaction ends (SQLite: its IMMEDIATE transaction does that)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def stands() -> tuple[int, tuple[int, str] | None]:
    """Return how many checkpoints there are, and the newest event's number and hash; after `take_turn`."""
    last = AuditEvent.objects.order_by("-seq").values_list("seq", "hash").first()
    return Checkpoint.objects.order_by("-number").values_list("number", flat=True).first() or 0, last


def _append(*, by: "User | None", act: AuditAct, subject: str, detail: dict[str, Any]) -> AuditEvent:
    event = _event(_last(), by=by, act=act, subject=subject, detail=detail)
    event.save(force_insert=True)
    return event


def _last() -> AuditEvent | None:
    """Return the newest event, once it is this writer's turn."""
    take_turn()
    return AuditEvent.objects.order_by("-seq").only("seq", "hash").first()


def _event(
    last: AuditEvent | None, *, by: "User | None", act: AuditAct, subject: str, detail: dict[str, Any]
) -> AuditEvent:
    event = AuditEvent(
        seq=last.seq + 1 if last else 1,
        at=timezone.now(),
        actor=name_of(by),
        act=act,
        subject=subject[:60],
        detail=detail,
        previous=last.hash if last else GENESIS,
    )
    event.hash = digest(event)
    return event


def name_of(user: "User | None") -> str:
    """Return under which name somebody stands in the record; nobody in particular is the system."""
    return user.get_username()[:150] if user else "system"


def digest(event: AuditEvent) -> str:
    """Return the hash of an event: SHA-256, in hex, over canonical JSON of every other column."""
    at = event.at.astimezone(UTC).isoformat()
    row = [event.seq, at, event.actor, event.act, event.subject, event.detail, event.previous]
    return hashlib.sha256(json.dumps(row, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def mac(found: Checkpoint, *, key: bytes) -> str:
    """Return what a checkpoint's MAC must be: HMAC-SHA256, in hex, over its number, event and hash."""
    text = f"streetlight/1 checkpoint {found.number} {found.seq} {found.hash}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def head_path() -> Path:
    """Return where the head is kept outside the database."""
    return desk.folder() / "audit-head.json"


def head() -> Head | None:
    """Return the head as the file has it; None when there is no such file, or no sense in it."""
    try:
        found = Head(**json.loads(head_path().read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return None
    return found if isinstance(found.seq, int) and isinstance(found.checkpoints, int) else None


def _keep_head(seq: int, event_hash: str, checkpoints: int = 0) -> None:
    """Write the head, fsynced, unless the file already knows of more: events that went missing are not forgotten.

    The act is committed by now, so a disk that takes no file costs the head and not the act.
    """
    try:
        with open(desk.folder() / ".audit-lock", "w") as lock:  # noqa: PTH123 - flock wants the handle
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = head() or Head(0, GENESIS)
            newest = Head(seq, event_hash) if seq > known.seq else known
            kept = Head(newest.seq, newest.hash, max(known.checkpoints, checkpoints))
            if kept != known:
                desk.write(head_path(), json.dumps(asdict(kept)).encode())
    except OSError:
        log.exception("the record's head could not be written outside the database")
