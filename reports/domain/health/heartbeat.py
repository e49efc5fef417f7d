"""The heartbeat: when each job and mail last succeeded, and what is wrong, as maintenance writes it each minute.

It is a file, so that it can be read while the database is down; other machines read the causes in the table of nodes.
Its instants are whole minutes of the run that wrote them: how long a run took would tell how much came in.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from reports.domain import desk

LATE = timedelta(minutes=10)  # since the last run, after which maintenance counts as late: it is due every minute


@dataclass
class Heartbeat:
    """What maintenance wrote at the end of its last run; instants as ISO texts, "" for never."""

    at: str = ""
    trusted: str = ""  # the last run whose clock was believed
    jobs: dict[str, str] = field(default_factory=dict)  # when each last succeeded
    mail: dict[str, str] = field(
        default_factory=dict
    )  # when one was last `sent`, `refused`, the server `reached` or not
    certificate: dict[str, str] = field(default_factory=dict)  # when it was last `asked` for, and when it `ends`
    causes: dict[str, str] = field(default_factory=dict)  # what is wrong, and since when
    told: dict[str, str] = field(default_factory=dict)  # on which day each cause was last mailed


def read() -> Heartbeat:
    """Return the last heartbeat; an empty one before the first, or when the file is damaged."""
    try:
        beat = Heartbeat(**json.loads(_path().read_text(encoding="ascii")))
        groups = (beat.jobs, beat.mail, beat.certificate, beat.causes)
        instants = [beat.at, beat.trusted, *(at for group in groups for at in group.values())]
    except (OSError, ValueError, TypeError, AttributeError):
        return Heartbeat()
    return beat if all(map(_is_sound, instants)) else Heartbeat()


@contextmanager
def changing() -> Iterator[Heartbeat]:
    """Lend the heartbeat, and write it afterwards if anything in it is new."""
    beat = read()
    was = asdict(beat)
    yield beat
    if asdict(beat) != was:
        desk.write(_path(), json.dumps(asdict(beat), indent=1).encode())


def stamp(now: datetime) -> str:
    """Return an instant as the heartbeat holds it: to the minute."""
    return now.astimezone(UTC).replace(second=0, microsecond=0).isoformat()


def instant(text: str) -> datetime | None:
    """Return the instant that `stamp` wrote; None for never."""
    return datetime.fromisoformat(text) if text else None


def is_late(*, now: datetime) -> bool:
    """Return whether maintenance has not come to its end for LATE, or has never run on a desk that is there as long."""
    last = instant(read().at) or _founded()
    return last is not None and abs(now - last) > LATE


def _founded() -> datetime | None:
    """Return since when there has been a desk to look after; None if there is none."""
    try:
        written = (settings.STATE_DIR / "desk" / "desk.pub").stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(written, UTC)


def _is_sound(text: str) -> bool:
    try:
        return not text or datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _path() -> Path:
    path: Path = settings.STATE_DIR / "heartbeat.json"
    return path
