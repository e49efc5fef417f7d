"""The heartbeat: when maintenance last ran, how mail went, and which system checks fail, as it writes each minute.

It is a file, so that it can be read while the database is down; other machines read the causes in the table of nodes.
Where the state folder takes no file, as on a full disk, it lies in memory (RUN_DIR) until there is room again.
Its instants are whole minutes of the run that wrote them: how long a run took would tell how much came in.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from reports.domain import state_files
from reports.domain.errors import Refused
from reports.domain.people import session_files

LATE = timedelta(
    minutes=10
)  # without an end: it is due every minute, and its unit ends what takes longer than five

log = logging.getLogger(__name__)


@dataclass
class Heartbeat:
    """What maintenance wrote at the end of its last run; instants as ISO texts, "" for never."""

    at: str = ""
    trusted: str = ""  # the last run whose clock was believed
    failed: list[str] = field(
        default_factory=list
    )  # the jobs of that run that failed, by their names
    # When the server was last `reached` or not, a notice `refused`, or `unsure` whether it was taken; the `urgent` one
    # that the database could not note.
    mail: dict[str, str] = field(default_factory=dict)
    mail_error: str = ""  # what the server, or the way to it, said when a mail was last not taken
    backup_failed: str = ""  # when its unit last did
    causes: dict[str, str] = field(
        default_factory=dict
    )  # the ids of the checks that fail, and since when
    mailed: dict[str, str] = field(default_factory=dict)  # on which day each was last mailed


def read() -> Heartbeat:
    """Return the last heartbeat; an empty one before the first, or when the file is damaged."""
    beats = filter(None, (_read(path) for path in (_in_memory(), _path()) if path))
    return max(
        beats, key=lambda beat: beat.at, default=Heartbeat()
    )  # of two that are as old, the one in memory


def _read(path: Path) -> Heartbeat | None:
    try:
        beat = Heartbeat(**json.loads(path.read_text(encoding="ascii")))
        instants = [
            beat.at,
            beat.trusted,
            beat.backup_failed,
            *beat.mail.values(),
            *beat.causes.values(),
        ]
        is_sound = all(datetime.fromisoformat(text).tzinfo for text in instants if text != "")
        "".join(
            [beat.mail_error, *beat.failed, *beat.mailed.values()]
        )  # TypeError unless they are texts
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return beat if is_sound else None


@contextmanager
def changing() -> Iterator[Heartbeat]:
    """Lend the heartbeat, and write it afterwards if anything in it is new; raises OSError if it can write nowhere."""
    beat = read()
    was = asdict(beat)
    yield beat
    if asdict(beat) != was:
        _write(json.dumps(asdict(beat), indent=1).encode())


def stamp(now: datetime) -> str:
    """Return an instant as the heartbeat holds it: to the minute."""
    return now.astimezone(UTC).replace(second=0, microsecond=0).isoformat()


def instant(text: str) -> datetime | None:
    """Return the instant that `stamp` wrote; None for never."""
    if text:
        return datetime.fromisoformat(text)
    return None


def is_late(*, now: datetime) -> bool:
    """Return whether maintenance has not come to its end for LATE, or never on a desk that is there as long."""
    ended = instant(read().at) or _founded()
    return ended is not None and abs(now - ended) > LATE


def _founded() -> datetime | None:
    """Return since when there has been a desk to look after; None if there is none."""
    try:
        written = (settings.STATE_DIR / "desk" / "desk.pub").stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(written, UTC)


def _write(data: bytes) -> None:
    memory = _in_memory()
    try:
        state_files.write(_path(), data)
    except OSError:
        if memory is None:
            raise
        log.exception("the heartbeat cannot be written to the state folder; it is kept in memory")
        state_files.write(memory, data)
        return
    if memory:
        memory.unlink(missing_ok=True)


def _path() -> Path:
    path: Path = settings.STATE_DIR / "heartbeat.json"
    return path


def _in_memory() -> Path | None:
    """Return where it lies while the state folder takes no file; None where there is no such folder of our own."""
    try:
        return session_files.folder() / "heartbeat.json"
    except Refused:
        return None
