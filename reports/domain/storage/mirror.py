"""The mirror: a folder on a second disk takes each arrival as well, until a verified backup holds it.

    <lookup>.<tag>          on its way to the database, beside the file in the outbox
    kept/<lookup>.<tag>     in the database, and not yet in a backup that was verified
    desk/                   the newest key file and what belongs to it: entries here may be sealed to its newest key

A disk can hang. One worker at a time touches this one, and is waited for only so long; while it hangs nothing else is
begun. The folder itself is never made: where its disk is not mounted, the first would be written to instead.
"""

import functools
import json
import logging
import math
import os
import random
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings

from core.file_names import is_name, placed
from reports.domain import state_files

LIMIT = 2.0  # seconds that a sender waits for this disk, and after which it counts as hanging
PATIENT = 30.0  # seconds that maintenance waits
HEAD = 1024  # bytes in which an entry's facts stand
NO_TIME = 0  # the time on a file that was written anew at night

ENTRY = re.compile(
    r"[0-9a-f]{64}\.[0-9a-f]{32}"
)  # the name of an entry's file: its lookup and its tag

log = logging.getLogger(__name__)


class Disk:
    """A disk that may hang: one call at a time, in a thread that can be left behind."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._since = math.inf  # when the call began that is at work

    def call[T](self, act: Callable[[], T], *, limit: float) -> T:
        """Return what a call returns within `limit` seconds; raises TimeoutError if it, or one before it, hangs."""
        now = time.monotonic()
        if not self._turn.acquire(timeout=max(0.0, min(limit, self._since + LIMIT - now))):
            raise TimeoutError("an earlier call to this disk still hangs")
        self._since = time.monotonic()
        future: Future[T] = Future()
        try:
            threading.Thread(target=self._run, args=(future, act), name="disk", daemon=True).start()
        except (
            RuntimeError
        ) as error:  # too many threads or too little memory: this call fails, and no later one
            self._end()
            raise OSError(f"no thread can be started: {error}") from error
        return future.result(max(0.0, now + limit - time.monotonic()))

    def _run[T](self, future: "Future[T]", act: Callable[[], T]) -> None:
        try:
            result = act()
        except Exception as error:  # noqa: BLE001 - whoever waits for the result gets it
            self._end()
            future.set_exception(error)
        else:
            self._end()
            future.set_result(result)

    def _end(self) -> None:
        self._since = math.inf
        self._turn.release()


_disk = Disk()


def _on_second_disk[**P, T](
    *, otherwise: Any, limit: float = PATIENT
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Run a function on the second disk; return `otherwise` if there is none, and, logged, if it fails or hangs."""

    def decorate(act: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(act)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if settings.OUTBOX_MIRROR is not None:
                try:
                    return _disk.call(lambda: act(*args, **kwargs), limit=limit)
                except OSError:
                    log.exception("the mirror of the outbox failed")
            return otherwise  # type: ignore[no-any-return]

        return call

    return decorate


def write(home: Path, name: str, data: bytes) -> None:
    """Write an entry's file (0600) durably into a folder; one of the same name stays as it is.

    Raises OSError, and core.file_names.BadName.
    """
    path = placed(home, name, ENTRY)
    if path.exists():
        state_files.sync(home)
    else:
        state_files.write(path, data)


@_on_second_disk(otherwise=False, limit=LIMIT)
def put(name: str, data: bytes) -> bool:
    """Store an entry, and return whether it is durable here."""
    write(_folder(), name, data)
    return True


@_on_second_disk(otherwise=False, limit=LIMIT)
def works() -> bool:
    """Return whether an entry could be stored here now."""
    with state_files.unfinished(_folder(), bytes(4096)):
        return True


@_on_second_disk(otherwise=1.0, limit=LIMIT)
def room(free: Callable[[Path], float]) -> float:
    """Return how much of this disk is `free`; of one that does not answer another check tells."""
    return free(_folder())


@_on_second_disk(otherwise=False, limit=LIMIT)
def is_apart(path: Path) -> bool:
    """Return whether the mirror lies on another disk than a path."""
    return _folder().stat().st_dev != path.stat().st_dev


@_on_second_disk(otherwise=[], limit=LIMIT)
def waiting() -> list[str]:
    """Return the names of entries that lie here and are not known to be in the database."""
    return [path.name for path in _entries(_folder())]


@_on_second_disk(otherwise=None)
def read(name: str) -> bytes | None:
    """Return a waiting entry's content; None where it cannot be read."""
    return placed(_folder(), name, ENTRY).read_bytes()


@_on_second_disk(otherwise=None)
def keep(entries: Iterable[tuple[str, bytes]]) -> None:
    """Keep entries that the database holds now until a backup does; what is missing here is written."""
    for name, data in entries:
        try:
            placed(_folder(), name, ENTRY).rename(placed(_kept_folder(), name, ENTRY))
        except FileNotFoundError:
            write(_kept_folder(), name, data)
    state_files.sync(_kept_folder())


@_on_second_disk(otherwise=None)
def forget(lookup: str) -> None:
    """Delete all entries of a lookup that is being purged."""
    _unlink(lambda path: path.name.startswith(f"{lookup}."), _folder(), _kept_folder())


@_on_second_disk(otherwise=False)
def discard(ids: Collection[str]) -> bool:
    """Delete the entries with these ids, and return whether the disk answered for every entry."""
    return _unlink(lambda path: _facts(path).get("id") in ids, _folder(), _kept_folder())


@_on_second_disk(otherwise=None)
def release(is_backed_up: Callable[[str], bool], *, before: float = math.inf) -> None:
    """Delete the entries whose tag a backup has and that were kept before this (seconds since 1970)."""
    _unlink(
        lambda path: is_backed_up(path.suffix[1:]) and path.stat().st_ctime < before, _kept_folder()
    )


@_on_second_disk(otherwise=False)
def replay() -> bool:
    """Let every kept entry wait for the database again, and return whether the disk answered."""
    for path in _entries(_kept_folder()):
        path.rename(_folder() / path.name)
    return True


@_on_second_disk(otherwise=None)
def rewrite(before: float) -> None:
    """Write what was kept before this (seconds since 1970) to new files, once, in random order and without times.

    The times of the old ones tell the second at which something came; so would the folders'.
    """
    paths = [path for path in _entries(_kept_folder()) if NO_TIME < path.stat().st_mtime < before]
    random.SystemRandom().shuffle(paths)
    for path in paths:
        with state_files.unfinished(path.parent, path.read_bytes()) as new:
            os.utime(new, (NO_TIME, NO_TIME))
            new.rename(path)
    for home in (_kept_folder(), _folder()):
        state_files.clear_unfinished(home)
        state_files.sync(home)
        os.utime(home, (before, before))


@_on_second_disk(otherwise=True)
def needs(*, key: int) -> bool:
    """Return whether an entry here is sealed to an older desk key; a disk that does not answer may hold one."""
    paths = [*_entries(_folder()), *_entries(_kept_folder())]
    return any(_facts(path).get("key", 0) < key for path in paths)


@_on_second_disk(otherwise=None, limit=LIMIT)
def copy(name: str, data: bytes) -> None:
    """Keep the newest version of one of the desk's files."""
    path = _made("desk") / name
    if not (path.exists() and path.read_bytes() == data):
        state_files.write(path, data)


@_on_second_disk(otherwise=None)
def copied(name: str) -> bytes | None:
    """Return the mirror's version of one of the desk's files; None where there is none."""
    with suppress(FileNotFoundError):
        return (_made("desk") / name).read_bytes()
    return None


def _folder() -> Path:
    return Path(str(settings.OUTBOX_MIRROR))


def _kept_folder() -> Path:
    return _made("kept")


def _made(name: str) -> Path:
    """Return a folder in the mirror's, which must be there already."""
    path = _folder() / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _entries(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if is_name(path.name, ENTRY)]


def _unlink(meant: Callable[[Path], bool], *folders: Path) -> bool:
    """Delete the entries that are meant; return whether each could be looked at: one that cannot stops no other."""
    answered = True
    for path in list(chain.from_iterable(map(_entries, folders))):
        try:
            if meant(path):
                path.unlink(missing_ok=True)
        except OSError:
            log.exception("a file of the outbox's mirror cannot be looked at, or deleted")
            answered = False
    return answered


def _facts(path: Path) -> dict[str, Any]:
    """Return the facts that an entry has in clear; {} for a file that is not an entry."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    try:
        return dict(json.loads(head.partition(b"\n")[0]))
    except (ValueError, TypeError):
        return {}
