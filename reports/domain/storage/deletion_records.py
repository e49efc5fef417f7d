"""Deletion records: what must not come back when an older backup is restored.

They lie outside the database, in one file of random names: of each deleted tip the ids of its entries, of each stopped
receipt its lookup. Each is kept for as long as a backup may be that still holds the thing itself: KEPT. A line says no
day, only after which backup it was written, and the lines are sorted: the file tells no order.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from core.file_names import is_name
from reports.domain import state_files
from reports.domain.errors import Refused
from reports.domain.storage import mirror

DELETED = "deleted"
STOPPED = "stopped"
KEPT = timedelta(
    days=35
)  # after the last backup that may hold it: every copy that is older has to be destroyed

_NAME = re.compile(r"[0-9a-f-]{32,64}")
_FORM = re.compile(
    rf"# after backup ([0-9]{{1,9}})\n((?:[0-9]{{1,9}} (?:deleted|stopped) {_NAME.pattern}\n)*)"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeletionRecords:
    """The number of the newest backup, and of each deletion record the backup before it, its kind and its name."""

    after: int
    lines: frozenset[tuple[int, str, str]] = frozenset()

    def names(self, kind: str) -> set[str]:
        """Return the ids of deleted entries (DELETED) or the lookups of stopped receipts (STOPPED)."""
        return {name for _, its_kind, name in self.lines if its_kind == kind}

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        rows = sorted(f"{after} {kind} {name}\n" for after, kind, name in self.lines)
        return f"# after backup {self.after}\n{''.join(rows)}".encode()


def path() -> Path:
    """Return the path of the file."""
    return state_files.folder() / "deletion_records"


def parsed(data: bytes, *, where: object) -> DeletionRecords:
    """Return the deletion records of a file's content; raises Refused, which says where the damaged file is."""
    match = _FORM.fullmatch(data.decode("ascii", errors="replace"))
    if not match:
        message = (
            f"The deletion records in {where} are damaged. Use a good copy. If there is none, delete this one. Tips "
            "that were deleted may then come back."
        )
        raise Refused(message)
    lines = set()
    for line in match[2].splitlines():
        after, kind, name = line.split(" ")
        lines.add((int(after), kind, name))
    return DeletionRecords(int(match[1]), frozenset(lines))


def standing() -> DeletionRecords | None:
    """Return the deletion records.

    None before the first backup and the first deletion. Raises Refused for a damaged file.
    """
    try:
        return parsed(path().read_bytes(), where=path())
    except FileNotFoundError:
        return None


def named(kind: str) -> set[str]:
    """Return the names of a kind that stand; none, logged, if the file cannot be read: nothing may wait for it."""
    try:
        known = standing()
    except (OSError, Refused):
        log.exception(
            "the deletion records cannot be read: what was deleted or closed may come back"
        )
        return set()
    return known.names(kind) if known else set()


def start_backup(*, number: int, oldest: int = 0) -> None:
    """Begin backup `number`; forget what no backup from `oldest` on can hold.

    One backup more is waited for: a machine may have learnt of a new one a moment too late. Raises Refused for a number
    that no file could be read with.
    """
    if not 0 <= number < 10**9:
        raise Refused(f"No backup can have the number {number}.")
    lines = (standing() or DeletionRecords(number)).lines
    old = {line for line in lines if line[0] < oldest - 1}
    if settings.OUTBOX_MIRROR and not mirror.discard(
        {name for _, kind, name in old if kind == DELETED}
    ):
        old = set()  # what was deleted while it was away lies there still
    with state_files.locked(".deletion_records-lock"):
        known = standing() or DeletionRecords(number)
        _write(known, DeletionRecords(max(number, known.after), known.lines - old))


def add_deleted(*, entries: Iterable[str], lookup: str) -> None:
    """Add the entries of a tip that was deleted permanently; they replace the record of its stopped receipt.

    They are added before the first backup too: they prove that the desk itself has deleted it.
    """
    _add({(DELETED, entry) for entry in entries}, without=(STOPPED, lookup), begins=True)


def add_stopped(*, lookup: str) -> None:
    """Add a stopped receipt."""
    _add({(STOPPED, lookup)})


def merge(other: DeletionRecords) -> None:
    """Add those of another machine, or of a backup."""
    with state_files.locked(".deletion_records-lock"):
        known = standing() or DeletionRecords(other.after)
        _write(known, DeletionRecords(max(known.after, other.after), known.lines | other.lines))


def _add(
    new: set[tuple[str, str]], *, without: tuple[str, str] | None = None, begins: bool = False
) -> None:
    """Add to the file. What it stands for is done, so a full disk costs the deletion record and not the deed.

    A name that is none of ours is left out: it would forge lines, or make the whole file unreadable.
    """
    ours = {row for row in new if is_name(row[1], _NAME)}
    if ours != new:
        log.error("a deletion record is left out: its row names nothing of ours")
    try:
        with state_files.locked(".deletion_records-lock"):
            known = standing()
            if known is None and begins:
                known = DeletionRecords(0)
            if known:
                lines = {line for line in known.lines if line[1:] != without}
                lines |= {(known.after, kind, name) for kind, name in ours}
                _write(known, DeletionRecords(known.after, frozenset(lines)))
    except (OSError, Refused):
        log.exception(
            "a deletion record could not be written: a restored backup would bring back what was deleted"
        )


def _write(known: DeletionRecords, new: DeletionRecords) -> None:
    if new != known or not path().exists():
        state_files.write(path(), new.to_bytes())
        mirror.copy(path().name, new.to_bytes())
