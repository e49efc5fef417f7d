"""The only way in: an envelope is received once it lies, whole and fsynced, in the outbox folder.

Receiving needs no database. `drain` moves what lies here into it, exactly once for each (lookup, tag).
An entry is one file, `<lookup>.<tag>`: a line of JSON (the clear facts), then the sealed bytes.
"""

import fcntl
import json
import logging
import os
import random
import secrets
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils.translation import gettext as _

from reports.domain import desk
from reports.domain.errors import NotReceived
from reports.models import Entry, Tip

BATCH = 200  # entries a transaction
UNFINISHED_AFTER = 3600  # seconds after which a file that was never renamed is rubbish
PAUSE = 0.2  # seconds between a receipt and its drain, so that a busy minute drains in batches
ROOM = 1024 * 1024  # bytes that must be free for the outbox to call itself writable

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """One sealed envelope on its way, with the few facts about it that are stored in clear."""

    lookup: str
    tag: str
    id: str
    received: str  # ISO day
    key: int
    urgent: bool
    sealed: bytes
    answer: bool = False  # it was sent from a mailbox

    @property
    def name(self) -> str:
        """Return the file's name: the same content under the same receipt has the same name."""
        return f"{self.lookup}.{self.tag}"

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        facts = asdict(self)
        sealed: bytes = facts.pop("sealed")
        return json.dumps(facts).encode() + b"\n" + sealed

    @classmethod
    def from_bytes(cls, data: bytes) -> "Arrival":
        """Return the arrival that `to_bytes` wrote; raises ValueError, KeyError or TypeError for anything else."""
        facts, _, sealed = data.partition(b"\n")
        arrival = cls(**json.loads(facts), sealed=sealed)
        uuid.UUID(arrival.id)
        date.fromisoformat(arrival.received)
        return arrival

    def to_entry(self, tip: Tip, *, position: int) -> Entry:
        """Return the row that this arrival becomes."""
        return Entry(
            id=self.id,
            tip=tip,
            tag=self.tag,
            position=position,
            received=self.received,
            key_index=self.key,
            sealed=self.sealed,
        )


def folder() -> Path:
    """Return the outbox's folder, made (0700) when missing."""
    path: Path = settings.STATE_DIR / "outbox"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def put(arrival: Arrival) -> None:
    """Store an arrival durably; when this returns, it is received. Raises NotReceived, and then nothing was said.

    The same content sent twice is one file. Order: write, fsync, rename, fsync the folder.
    """
    unfinished = None
    try:
        home = folder()
        if not (home / arrival.name).exists():
            unfinished = home / f".{secrets.token_hex(8)}"
            with open(unfinished, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(arrival.to_bytes())
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(home / arrival.name)
        desk.sync(home)
    except OSError as error:
        if unfinished:
            unfinished.unlink(missing_ok=True)
        raise NotReceived(_("The report could not be stored.")) from error


def writable() -> bool:
    """Return whether an arrival could be stored now."""
    try:
        space = os.statvfs(folder())
    except OSError:
        return False
    return os.access(folder(), os.W_OK) and space.f_bavail * space.f_frsize >= ROOM


def waiting() -> list[str]:
    """Return the names of arrivals that are not in the database yet."""
    return [entry.name for entry in os.scandir(folder()) if not entry.name.startswith(".")]


@contextmanager
def locked(*, wait: bool) -> Iterator[bool]:
    """Hold the node's drain lock; yield whether it was had (always, with `wait`)."""
    with open(folder() / ".lock", "w") as lock:  # noqa: PTH123 - flock wants the handle
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def drain() -> int:
    """Move all arrivals into the database and return how many files were cleared.

    One drainer a node: when another is at work, this returns 0 at once. A file is unlinked only after its
    transaction has committed; what is drained twice is stored once. Within a drain the order is random.
    """
    with locked(wait=False) as had:
        if not had:
            return 0
        names = waiting()
        random.SystemRandom().shuffle(names)
        _clear_unfinished()
        return sum(_drain_batch(names[start : start + BATCH]) for start in range(0, len(names), BATCH))


def _drain_batch(names: list[str]) -> int:
    """Store one batch in one transaction, then unlink its files."""
    arrivals = [arrival for name in names if (arrival := _read(name))]
    with transaction.atomic():
        _store(arrivals)
    for arrival in arrivals:
        (folder() / arrival.name).unlink(missing_ok=True)
    return len(arrivals)


def _store(arrivals: list[Arrival]) -> None:
    """Add what is not stored yet: a tip for each new lookup, an entry for each new tag."""
    tips = _tips(arrivals)
    lookups = set(tips)
    stored = set(Entry.objects.filter(tip__lookup__in=lookups).values_list("tip__lookup", "tag"))
    new = [arrival for arrival in arrivals if (arrival.lookup, arrival.tag) not in stored]
    positions = Counter(lookup for lookup, _ in stored)
    entries = []
    for arrival in new:
        positions[arrival.lookup] += 1
        entries.append(arrival.to_entry(tips[arrival.lookup], position=positions[arrival.lookup]))
    Entry.objects.bulk_create(entries, ignore_conflicts=True)
    Tip.objects.filter(lookup__in={arrival.lookup for arrival in new}).update(unread=True)
    answered = {arrival.lookup for arrival in new if arrival.answer}
    Tip.objects.filter(lookup__in=answered).update(answered=True)
    # A follow-up that says "danger" wakes the desk again, whoever acknowledged the tip before.
    urgent = {arrival.lookup for arrival in new if arrival.urgent}
    Tip.objects.filter(lookup__in=urgent).update(urgent=True, acknowledged_at=None, acknowledged_by="")


def _tips(arrivals: list[Arrival]) -> dict[str, Tip]:
    """Return the tip of each lookup, made where it is new; a reference that is taken already is drawn again."""
    days = {arrival.lookup: arrival.received for arrival in arrivals}
    tips: dict[str, Tip] = {}
    while missing := set(days) - set(tips):
        tips |= {tip.lookup: tip for tip in Tip.objects.filter(lookup__in=missing)}
        fresh = [Tip(lookup=lookup, received=day) for lookup, day in days.items() if lookup not in tips]
        Tip.objects.bulk_create(fresh, ignore_conflicts=True)
    return tips


def _read(name: str) -> Arrival | None:
    """Return the arrival in a file; one that cannot be read is kept aside, never deleted."""
    path = folder() / name
    try:
        arrival = Arrival.from_bytes(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        path.rename(folder() / f".damaged-{name}")
        log.exception("an outbox file is damaged; it is kept as .damaged-*")
        return None
    return arrival if arrival.name == name else None


def damaged() -> int:
    """Return how many files were kept aside because they could not be read."""
    return sum(1 for _ in folder().glob(".damaged-*"))


def _clear_unfinished() -> None:
    """Remove files whose writing never ended: nobody was told that they were received."""
    for entry in os.scandir(folder()):
        partial = entry.name.startswith(".") and not entry.name.startswith((".lock", ".damaged-"))
        with suppress(FileNotFoundError):  # It was being written, and has its name now.
            if partial and entry.stat().st_mtime < time.time() - UNFINISHED_AFTER:
                Path(entry.path).unlink()


def forget(lookup: str) -> None:
    """Unlink what still lies here for a lookup that is being purged; the caller holds the drain lock."""
    for pattern in (f"{lookup}.*", f".damaged-{lookup}.*"):
        for path in folder().glob(pattern):
            path.unlink(missing_ok=True)


def waits_for(lookup: str) -> bool:
    """Return whether something for a lookup waits here."""
    return any(name.startswith(f"{lookup}.") for name in os.listdir(folder()))  # noqa: PTH208 - asked for every look


class _Drainer:
    """One thread a process that drains after receipts, so that no sender waits for a database."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Ask for a drain soon; returns at once."""
        self._wanted.set()
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="drainer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            time.sleep(PAUSE)
            self._wanted.clear()
            try:
                drain()
            except Exception:  # the entries stay and the next receipt or `tend` tries again
                log.warning("drain failed; entries wait in the outbox", exc_info=True)
            finally:
                close_old_connections()


wake = _Drainer().wake
