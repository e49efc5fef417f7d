"""The audit log: who did what to which tip, each event chained by hash to the one before.

`verification.py` proves that it is whole: by the chain, by checkpoints, which an unlocked desk writes under a MAC with
the key file's audit key, and by the head, a file outside the database that names the newest checkpoint. Events name
what an unlocked desk writes or deletes that lets something out, hides it, deletes it or keeps it, under the same key
(`named_rows.py`): `findings.py` tells what has changed since.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import named_rows
from reports.domain.audit.audit_keys import checkpoint_mac
from reports.domain.audit.named_rows import Named
from reports.models import AuditAct, AuditEvent, Checkpoint

GENESIS = "0" * 64
ADVISORY_LOCK = 0x5374_6C74  # any number that nothing else in this database uses

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Head:
    """The newest checkpoint, as a file outside the database names it: its number, its event and that event's hash."""

    number: int
    seq: int
    hash: str


def record(
    *, by: User | None, act: AuditAct, subject: str = "", rows: Named | None = None, **detail: Any
) -> AuditEvent:
    """Append one event (`by` None: the system) and return it; joins the caller's transaction, if any.

    Writers take turns: by an advisory lock on PostgreSQL, by IMMEDIATE transactions on SQLite. `detail` is stored in
    clear, so it must not hold a word of a tip. Raises Refused where it has to name `rows` and the desk is locked.
    """
    with transaction.atomic():
        last = _last()
        names = named_rows.names({subject: rows}) if rows else None
        event = _event(last, by=by, act=act, subject=subject, detail=detail, names=names)
        event.save(force_insert=True)
        return event


def take_away(events: Iterable[AuditEvent], *, by: User) -> list[AuditEvent]:
    """Return these events, to be taken away as a table, after recording how many they are."""
    taken = list(events)
    record(by=by, act=AuditAct.EXPORTED_RECORD, count=len(taken))
    return taken


def record_each(
    *,
    by: User | None,
    act: AuditAct,
    subjects: Sequence[str],
    details: Mapping[str, dict[str, Any]] | None = None,
    rows: Mapping[str, Named] | None = None,
) -> None:
    """Append one event for each subject, with its detail and rows where it has any; joins the caller's transaction."""
    if not subjects:
        return
    with transaction.atomic():
        last = _last()
        events = list[AuditEvent]()
        names = named_rows.names(rows) if rows else None
        for subject in subjects:
            detail = (details or {}).get(subject, {})
            last = _event(last, by=by, act=act, subject=subject, detail=detail, names=names)
            events.append(last)
        AuditEvent.objects.bulk_create(events)


def checkpoint(*, by: User | None, act: AuditAct, key: bytes, **detail: Any) -> Checkpoint:
    """Append one event, and a checkpoint that proves the log up to it with the key file's audit key (32 bytes)."""
    with transaction.atomic():
        event = record(by=by, act=act, **detail)
        return _add_checkpoint(stands()[0] + 1, event.seq, event.hash, key=key)


def prove(*, key: bytes) -> None:
    """Write a checkpoint for the newest event, with the key file's audit key, unless it has one."""
    with transaction.atomic():
        take_turn()
        checkpoints, last = stands()
        if last and not Checkpoint.objects.filter(seq=last[0]).exists():
            _add_checkpoint(checkpoints + 1, *last, key=key)


def take_turn() -> None:
    """Lock the log for writing until the transaction ends; on SQLite an IMMEDIATE transaction already does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def stands() -> tuple[int, tuple[int, str] | None]:
    """Return the number of checkpoints, and the newest event's number and hash; call `take_turn` first."""
    last = AuditEvent.objects.order_by("-seq").values_list("seq", "hash").first()
    return Checkpoint.objects.order_by("-number").values_list(
        "number", flat=True
    ).first() or 0, last


def _last() -> AuditEvent | None:
    """Return the newest event, after taking the lock."""
    take_turn()
    return AuditEvent.objects.order_by("-seq").only("seq", "hash").first()


def _event(
    last: AuditEvent | None,
    *,
    by: User | None,
    act: AuditAct,
    subject: str,
    detail: dict[str, Any],
    names: tuple[dict[str, dict[str, str]], bytes] | None,
) -> AuditEvent:
    event = AuditEvent(
        seq=last.seq + 1 if last else 1,
        at=timezone.now(),
        actor=name_of(by),
        by_program=by is None,
        act=act,
        subject=subject[:60],
        detail=detail,
        previous=last.hash if last else GENESIS,
    )
    if names:
        event.rows = names[0].get(subject, {})
        event.mac = named_rows.mac(event, key=names[1])
    event.hash = digest(event)
    return event


def name_of(user: User | None) -> str:
    """Return a user's name in the log; of the program's own events the column `by_program` says that they are."""
    if user:
        return user.get_username()[:150]
    return "system"


def digest(event: AuditEvent) -> str:
    """Return the hash of an event: SHA-256, in hex, over canonical JSON of every other column."""
    at = event.at.astimezone(UTC).isoformat()
    who = [event.actor, event.by_program]
    row = [
        event.seq,
        at,
        *who,
        event.act,
        event.subject,
        event.detail,
        event.rows,
        event.mac,
        event.previous,
    ]
    return hashlib.sha256(
        json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def head_path() -> Path:
    """Return the path of the head's file."""
    return state_files.folder() / "audit-head.json"


def head() -> Head | None:
    """Return the head from its file, without the database; None if the file is missing or damaged."""
    try:
        newest = Head(**json.loads(head_path().read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return None
    return newest if isinstance(newest.number, int) and isinstance(newest.seq, int) else None


def stands_in_log(known: Head) -> bool:
    """Return whether the log still has the checkpoint that the file names."""
    return Checkpoint.objects.filter(**asdict(known)).exists()


def renew_head() -> None:
    """Write the head's file from the log as it is, whatever it knew; a restore adds an event for that."""
    newest = Checkpoint.objects.order_by("-number").first()
    if newest is None:
        head_path().unlink(missing_ok=True)
    else:
        _write_head(newest)


def _add_checkpoint(number: int, seq: int, event_hash: str, *, key: bytes) -> Checkpoint:
    """Store a checkpoint, and once it is committed name it in the head's file; the caller has the turn."""
    new = Checkpoint(number=number, seq=seq, hash=event_hash)
    new.mac = checkpoint_mac(new, key=key)
    new.save(force_insert=True)
    transaction.on_commit(partial(_keep_head, new))
    return new


def _keep_head(newest: Checkpoint) -> None:
    """Write the head, fsynced, unless the file names a checkpoint that the log has lost: it must not forget that one.

    The checkpoint is already committed, so a full disk costs the head alone.
    """
    known = head()
    try:
        if known is None or stands_in_log(known):
            _write_head(newest)
    except OSError:
        log.exception("the audit log's head could not be written outside the database")


def _write_head(newest: Checkpoint) -> None:
    head = Head(newest.number, newest.seq, newest.hash)
    state_files.write(head_path(), json.dumps(asdict(head)).encode())
