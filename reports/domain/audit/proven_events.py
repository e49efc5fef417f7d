"""The events by which tips go whose MAC an unlocked desk has found right, in a file outside the database.

Maintenance deletes tips and has no keys: it would take an invented MAC for a right one. So it believes a decision, and
what ends that something keeps a tip, only if a line of this file has the event's number and its hash. Someone who
writes to the database alone cannot add a line. If the file is lost, as by a restore, deletion waits until somebody
unlocks the desk.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

from reports.domain import state_files
from reports.domain.audit import audit_log, named_rows
from reports.domain.audit.audit_keys import AuditKeys
from reports.models import AuditAct, AuditEvent

ACTS = (AuditAct.MOVED, AuditAct.CLOCK_WAS_WRONG)
KEEPING = (
    "hold ",
    "closedpictures ",
    "safetydecision ",
    "urgentcall ",
)  # how the names of rows begin that can keep a tip
LINE = re.compile("([0-9]{1,18}) ([a-z-]{1,24}) ([0-9a-f]{64})")


class Proven(NamedTuple):
    """What the file says of one event."""

    seq: int
    act: str
    hash: str


def path() -> Path:
    """Return the path of the file."""
    return state_files.folder() / "proven-events"


def read() -> list[Proven]:
    """Return the file's lines, the oldest first; half a line, as of a machine that lost its power, is left out."""
    text = ""
    if path().exists():
        text = path().read_text(encoding="ascii", errors="replace")
    lines = []
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if match:
            lines.append(Proven(int(match[1]), match[2], match[3]))
    return lines


def prove(*, proof: "AuditKeys | None") -> None:
    """Try the MACs of what was signed since the file's last line, and add a line for each that is right.

    `proof` is the key file's; without it nothing is added. After a restore the log may lack the last line's event: then
    all are tried again.
    """
    if proof is None:
        return
    last = (read() or [Proven(0, "", "")])[-1]
    begin = 0
    if AuditEvent.objects.filter(seq=last.seq, hash=last.hash).exists():
        begin = last.seq
    signed = AuditEvent.objects.filter(seq__gt=begin).exclude(mac="").order_by("seq")
    right = named_rows.tried(proof)
    proven = [event for event in signed if lets_go(event) and is_intact(event) and right(event)]
    if proven:
        _append("".join(f"{event.seq} {event.act} {event.hash}\n" for event in proven))


def lets_go(event: AuditEvent) -> bool:
    """Return whether a tip can be deleted by what a signed event says."""
    return event.act in ACTS or names_what_keeps(event)


def names_what_keeps(event: AuditEvent) -> bool:
    """Return whether an event says that something keeps a tip, or does so no more."""
    names = event.rows if isinstance(event.rows, dict) else {}
    return any(name.startswith(KEEPING) for name in names)


def is_intact(event: AuditEvent) -> bool:
    """Return whether an event's hash is that of its columns."""
    return event.hash == audit_log.digest(event)


def _append(lines: str) -> None:
    """Add lines at the end, after the rest of a half one, and fsync them; two that do so at once repeat some."""
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, f"\n{lines}".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    state_files.sync(state_files.folder())
