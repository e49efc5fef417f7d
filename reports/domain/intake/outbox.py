"""The only way in: an envelope is received once it lies, whole and fsynced, in the outbox folder.

Receiving needs no database. `drain` moves what lies here into it, exactly once for each (lookup, tag); a public
machine leaves it there as arrivals, which the desk's machine takes in.
An entry is one file, `<lookup>.<tag>`: a line of JSON (the clear facts), then the sealed bytes.
"""

import fcntl
import logging
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, transaction
from django.db.models import Q
from django.utils import timezone

from core.file_names import is_name, placed
from reports.domain import state_files
from reports.domain.errors import NotReceived
from reports.domain.intake import arrivals
from reports.domain.intake.outbox_entry import OutboxEntry
from reports.domain.storage import database_roles, deletion_records, lost_database, mirror
from reports.models import Entry, Tip, new_reference
from reports.models.tips import TipQuerySet

__all__ = ["OutboxEntry"]  # whoever puts one in takes it from here

BATCH = 200  # entries a transaction ...
BATCH_BYTES = (
    64 * 1024 * 1024
)  # ... and what these may hold together: a single one with five pictures has 40 MiB
PAUSE = 0.2  # seconds between a receipt and its drain, so that a busy minute drains in batches
RETRY = 2.0  # seconds after a drain that failed, most often because the database does not answer
TAKING_IN = 20  # seconds after which a run takes no more from public machines: the next one goes on
ROOM = 1024 * 1024  # bytes that must be free for the outbox to call itself writable

log = logging.getLogger(__name__)


def folder() -> Path:
    """Return the outbox's folder, made (0700) when missing."""
    path: Path = settings.STATE_DIR / "outbox"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def put(entry: OutboxEntry) -> None:
    """Store an entry durably; when this returns, it is received. Raises NotReceived if no disk holds it.

    The same content sent twice is one file. Order: write, fsync, rename, fsync the folder; then the same in the mirror.
    """
    name = entry.name
    data = entry.to_bytes()
    durable = [_put(name, data), mirror.put(name, data)]
    if not any(durable):
        raise NotReceived("The tip could not be stored.")


def _put(name: str, data: bytes) -> bool:
    try:
        mirror.write(folder(), name, data)
    except OSError:
        log.exception("the outbox could not store what was sent")
        return False
    return True


def writable() -> bool:
    """Return whether an entry could be stored now, here or in the mirror."""
    return _works() or mirror.works()


def stores() -> dict[Path, bool]:
    """Return the outbox's folder, and the mirror's if there is one, and whether each could store an entry just now."""
    works = {settings.STATE_DIR / "outbox": _works()}
    if settings.OUTBOX_MIRROR:
        works[settings.OUTBOX_MIRROR] = mirror.works()
    return works


def _works() -> bool:
    """Return whether there is room, and something can be written as an entry is."""
    try:
        space = os.statvfs(folder())
        with state_files.unfinished(folder(), bytes(4096)):
            state_files.sync(folder())
    except OSError:
        log.exception("the outbox cannot store anything")
        return False
    return space.f_bavail * space.f_frsize >= ROOM


def waiting() -> list[str]:
    """Return the names of entries that are not in the database yet, whether they can be read or not."""
    return [entry.name for entry in os.scandir(folder()) if not entry.name.startswith(".")]


@contextmanager
def locked(*, wait: bool) -> Iterator[bool]:
    """Hold this machine's drain lock; yield True if the lock was acquired (always, with `wait`)."""
    with open(folder() / ".lock", "w") as lock:  # noqa: PTH123 - flock wants the handle
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            _forget_times()


def drain(*, wait: bool = False) -> int:
    """Move all entries into the database and return how many: files, and on the desk's machine what others left there.

    A machine has one drainer: without `wait` this returns 0 at once while another is at work. A file is unlinked only
    after its transaction has committed, and an entry drained twice is stored once. Within a drain the order is random.
    A file that cannot be read stops no other: it stays, and `stuck` and `damaged` count it. All wait while a restore
    has not come to its end: the database is put in place anew then.
    """
    with locked(wait=wait) as acquired:
        if not acquired or state_files.is_restoring():
            return 0
        names = list({*waiting(), *mirror.waiting()})
        random.SystemRandom().shuffle(names)
        state_files.clear_unfinished(folder())
        moved = sum(map(_drain_batch, _batches(names)))
        if settings.SITE_ROLE == "public":
            return moved
        return moved + _take_in()


def _forget_times() -> None:
    home = settings.STATE_DIR / "outbox"
    state_files.forget_times(home, home / ".lock")


def _batches(names: list[str]) -> Iterator[list[OutboxEntry]]:
    """Yield the entries that can be read, as many together as fit: memory need not hold a night's pictures at once."""
    batch = list[OutboxEntry]()
    size = 0
    for entry in filter(None, map(_read, names)):
        size += len(entry.sealed)
        if batch and (len(batch) == BATCH or size > BATCH_BYTES):
            yield batch
            batch = []
            size = len(entry.sealed)
        batch.append(entry)
    if batch:
        yield batch


def _drain_batch(entries: list[OutboxEntry]) -> int:
    """Store one batch in one transaction, then unlink its files."""
    if settings.SITE_ROLE == "public":
        database_roles.require()
        arrivals.leave(rows=[entry.to_arrival() for entry in entries])
    else:
        with transaction.atomic():
            busy = _store(entries)
        lost_database.require_file()  # what went into a file that was deleted meanwhile stays here
        entries = [entry for entry in entries if entry.lookup not in busy]
    mirror.keep((entry.name, entry.to_bytes()) for entry in entries)  # until a backup holds them
    return sum(map(_cleared, entries))


def _cleared(entry: OutboxEntry) -> bool:
    """Unlink the file of a stored entry; return False for one that stays: the next drain finds it stored already."""
    try:
        placed(folder(), entry.name, mirror.ENTRY).unlink(missing_ok=True)
    except OSError:
        log.exception("a stored entry's file cannot be removed from the outbox")
        return False
    return True


def _take_in() -> int:
    """Store what public machines left in the database, each batch with its removal there; return how many.

    However much they leave, it ends: the other jobs of maintenance have to run too.
    """
    count = 0
    busy = set[str]()
    until = time.monotonic() + TAKING_IN
    while arrivals.wait() and time.monotonic() < until:
        with arrivals.taken(busy=busy) as rows:
            some = bool(rows)
            entries = [OutboxEntry.from_arrival(row) for row in rows]
            busy |= _store(
                [entry for entry in entries if is_name(entry.name, mirror.ENTRY)], believed=False
            )
            rows[:] = [row for row in rows if row.lookup not in busy]
            count += len(rows)
        if not some:  # another machine has them
            break
    return count


def _store(entries: list[OutboxEntry], *, believed: bool = True) -> set[str]:
    """Store the new entries: a tip for each new lookup, an entry for each new tag. Return the lookups left for later.

    These are of tips that somebody else has locked just now: a member's act, or a taken public machine that never lets
    go. Nothing waits for them. What was deleted for good stays away, whoever brings it again.

    What is not `believed`, or comes to a tip that was `taken_again`, changes nothing of a tip that stands, but that it
    is unread or answered: if it says that it is urgent the alarm rings, and the tip is once its envelope says so too.
    """
    gone = deletion_records.named(deletion_records.DELETED)
    entries = [entry for entry in entries if entry.id not in gone]
    lookups = {entry.lookup for entry in entries}
    standing = Tip.objects.filter(lookup__in=lookups).order_by("pk")
    free = _lookups(standing.select_for_update(skip_locked=True, no_key=True))
    busy = _lookups(standing) - free
    entries = [entry for entry in entries if entry.lookup not in busy]
    tips = _tips(entries)
    stored = set(Entry.objects.filter(tip__lookup__in=set(tips)).values_list("tip__lookup", "tag"))
    new = _new(entries, stored=stored)
    claims = free
    if believed:
        claims = _lookups(standing.taken_again(now=timezone.now()))
    positions = Counter(lookup for lookup, _ in stored)
    rows = []
    by_people = set()
    answered = set()
    urgent = set()
    for entry in new:
        positions[entry.lookup] += 1
        row = entry.to_entry(tips[entry.lookup], position=positions[entry.lookup])
        rows.append(row)
        if not entry.suspect:
            by_people.add(entry.lookup)
        if entry.answer:
            answered.add(entry.lookup)
        if entry.urgent and entry.lookup in claims:
            row.alarm_at = arrivals.next_quarter(timezone.now())
        elif entry.urgent:
            urgent.add(entry.lookup)
    Entry.objects.bulk_create(rows, ignore_conflicts=True)
    is_new = Q(new_answer=True) | Q(parts_read__gt=0)
    Tip.objects.filter(lookup__in={entry.lookup for entry in new}).update(
        unread=True, new_answer=is_new
    )
    # What people add brings a tip back that was moved to the end of the queue.
    Tip.objects.filter(lookup__in=by_people, at_end=True).update(at_end=False)
    Tip.objects.filter(lookup__in=answered).update(answered=True, new_answer=True)
    # A follow-up that says "danger" wakes the desk again, whoever took the tip before.
    Tip.objects.filter(lookup__in=urgent).ring_again(now=timezone.now())
    return busy


def _new(entries: list[OutboxEntry], *, stored: set[tuple[str, str]]) -> list[OutboxEntry]:
    """Return what is not stored yet. An id that an entry has is somebody else's, and would use up a position."""
    ids = Entry.objects.filter(pk__in=[entry.id for entry in entries]).values_list("pk", flat=True)
    known = set(map(str, ids))
    return [
        each for each in entries if (each.lookup, each.tag) not in stored and each.id not in known
    ]


def _lookups(tips: TipQuerySet) -> set[str]:
    return set(tips.values_list("lookup", flat=True))


def _tips(entries: list[OutboxEntry]) -> dict[str, Tip]:
    """Return the tip of each lookup, creating new ones; a reference already in use is drawn again.

    A new one of which all that came seems to be a program's is moved to the end of the queue.
    """
    days = {entry.lookup: entry.received for entry in entries}
    people = {entry.lookup for entry in entries if not entry.suspect}
    tips: dict[str, Tip] = {}
    while missing := set(days) - set(tips):
        tips |= {tip.lookup: tip for tip in Tip.objects.filter(lookup__in=missing)}
        fresh = []
        for lookup, day in days.items():
            if lookup not in tips:
                is_at_end = lookup not in people
                fresh.append(
                    Tip(reference=new_reference(), lookup=lookup, received=day, at_end=is_at_end)
                )
        Tip.objects.bulk_create(fresh, ignore_conflicts=True)
    return tips


def _read(name: str) -> OutboxEntry | None:
    """Return the entry in a file; a damaged file is renamed to .damaged-*, and one that cannot be read stays."""
    path = folder() / name
    try:
        entry = OutboxEntry.from_bytes(_content(path))
    except FileNotFoundError:
        return None
    except OSError:
        log.exception("an outbox file cannot be read; it stays, and the others go on")
        return None
    except (ValueError, KeyError, TypeError):
        log.exception("an outbox file is damaged; it is kept as .damaged-*")
        with suppress(OSError):  # then it keeps its name, and the next drain tries again
            path.rename(folder() / f".damaged-{name}")
        return None
    return entry if entry.name == name else None


def _content(path: Path) -> bytes:
    """Return a file's content, from the mirror where this disk has it no more."""
    try:
        return path.read_bytes()
    except OSError:
        if (data := mirror.read(path.name)) is None:
            raise
        return data


def replay() -> bool:
    """Let what the mirror keeps come into the database again, each once; return whether the mirror answered.

    What was deleted for good stays away.
    """
    with locked(wait=True):
        answered = mirror.replay()
    drain(wait=True)
    return answered


def tidy_mirror() -> None:
    """Take from the mirror what was deleted, and the second from what came before today."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    with locked(wait=True):  # not while one of them is being purged
        mirror.rewrite(midnight.timestamp())
        mirror.discard(
            deletion_records.named(deletion_records.DELETED)
        )  # it may have been away at the time


def damaged() -> int:
    """Return the number of damaged files."""
    return sum(1 for _ in folder().glob(".damaged-*"))


def stuck() -> int:
    """Return how many waiting files no drain can move: they cannot be read, or lie under another name than theirs."""
    return sum(map(_is_stuck, waiting()))


def _is_stuck(name: str) -> bool:
    try:
        return OutboxEntry.from_bytes((folder() / name).read_bytes()).name != name
    except FileNotFoundError:  # It was drained meanwhile.
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True


def forget(lookup: str) -> None:
    """Delete the waiting files of a lookup that is being purged; the caller holds the drain lock."""
    beginnings = (f"{lookup}.", f".damaged-{lookup}.")
    for name in os.listdir(folder()):  # noqa: PTH208 - not glob: the lookup is a row's, and may hold "*" or "../"
        if name.startswith(beginnings):
            (folder() / name).unlink(missing_ok=True)
    mirror.forget(lookup)


def waits_for(lookup: str) -> bool:
    """Return whether an entry for a lookup waits here."""
    names = [*os.listdir(folder()), *mirror.waiting()]  # noqa: PTH208 - asked for every look
    return any(name.startswith(f"{lookup}.") for name in names)


def can_take_in(lookup: str) -> bool:
    """Return whether a drain can still take in something for a lookup; what is damaged never comes, and counts not."""
    names = {name for name in (*waiting(), *mirror.waiting()) if name.startswith(f"{lookup}.")}
    return any(map(_can_come, names)) or arrivals.count(lookup) > 0


def _can_come(name: str) -> bool:
    try:
        return OutboxEntry.from_bytes(_content(folder() / name)).name == name
    except (FileNotFoundError, IsADirectoryError, ValueError, KeyError, TypeError):
        return False
    except (
        OSError
    ):  # each drain tries again, and the doctor names it until someone mends it or takes it away
        return True


class _Drainer:
    """One thread for each process that drains after receipts, so that no sender waits for a database."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Request a drain soon; return at once."""
        self._wanted.set()
        with self._start:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="drainer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        pause = PAUSE
        while True:
            self._wanted.wait()
            time.sleep(pause)
            self._wanted.clear()
            try:
                drain(wait=True)  # another process may have begun before this one's entry was there
                pause = PAUSE
            except Exception:  # the entries stay, and are tried again until the database takes them
                if pause != RETRY:  # said once, however long it lasts
                    log.warning("drain failed; entries wait in the outbox", exc_info=True)
                pause = RETRY
                self._wanted.set()
            finally:
                close_old_connections()
                _forget_times()  # closing SQLite's last connection deletes its log


wake = _Drainer().wake


def resume() -> None:
    """Drain soon what waits here since the server stopped, or was killed."""
    with suppress(OSError):  # what cannot be read now is looked at each minute
        if waiting():
            wake()
