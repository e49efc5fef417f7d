"""The mirror: a second outbox on another disk, so that the death of the first loses nothing that was acknowledged.

    <lookup>.<tag>          on its way to the database, beside the file in the first outbox
    kept/<lookup>.<tag>     in the database, and not yet in a backup that was verified
    desk/                   the newest ring and what belongs to it: entries here may be sealed to its newest key

A disk can hang. Whatever touches this one runs in a thread, and is waited for only so long; while a call hangs no
other is begun. The folder itself is never made: where its disk is not mounted, the first would be written to instead.
"""

import logging
import math
import os
import random
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from newsroom.file_names import placed
from reports.domain import desk

LIMIT = 2.0  # seconds that a sender waits for one of two stores
PATIENT = 30.0  # seconds that maintenance waits
UNFINISHED_AFTER = 3600  # seconds after which a file that was never renamed is rubbish
HEAD = 1024  # bytes in which an entry's facts stand
BLURRED = 0  # the time on a file whose inode tells no second any more

ENTRY = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{32}")  # the name of an entry's file: its lookup and its tag
_ID = re.compile(rb'"id": "([0-9a-f-]{36})"')  # as an entry's first line says it

log = logging.getLogger(__name__)


@dataclass
class Disk:
    """A disk that may hang: its calls run in threads."""

    _begun: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin[T](self, act: Callable[[], T]) -> "Future[T]":
        """Begin a call and return its future; it fails at once while another hangs for longer than LIMIT."""
        future: Future[T] = Future()
        with self._lock:
            if any(time.monotonic() - since > LIMIT for since in self._begun.values()):
                future.set_exception(TimeoutError("an earlier call to this disk still hangs"))
                return future
            self._begun[id(future)] = time.monotonic()
        try:
            threading.Thread(target=self._run, args=(future, act), name="disk", daemon=True).start()
        except RuntimeError as error:  # too many threads or too little memory: this call fails, and no later one
            self._end(future)
            future.set_exception(OSError(f"no thread can be started: {error}"))
        return future

    def _run[T](self, future: "Future[T]", act: Callable[[], T]) -> None:
        try:
            result = act()
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            self._end(future)
            future.set_exception(error)
        else:
            self._end(future)
            future.set_result(result)

    def _end[T](self, future: "Future[T]") -> None:
        with self._lock:
            del self._begun[id(future)]


def folder() -> Path | None:
    """Return the mirror's folder; None where there is no mirror."""
    path: Path | None = settings.OUTBOX_MIRROR
    return path


def begin_put(name: str, data: bytes) -> "Future[None]":
    """Begin to store an entry beside the first outbox."""
    return _disk.begin(lambda: write(_there(""), name, data))


def write(home: Path, name: str, data: bytes) -> None:
    """Write an entry's file (0600) durably into a folder; one of the same name stays as it is.

    Raises OSError, and newsroom.file_names.BadName. Order: write, fsync, rename, fsync the folder.
    """
    path = placed(home, name, ENTRY)
    if not path.exists():
        _replace(path, data)
    desk.sync(home)


def waiting() -> list[str]:
    """Return the names of entries that lie in the mirror and are not known to be in the database."""
    return _ask(lambda: _names(_there("")), [], limit=LIMIT)


def kept() -> list[str]:
    """Return the names of entries that wait for a verified backup."""
    return _ask(lambda: _names(_there("kept")), [], limit=PATIENT)


def read(name: str) -> bytes:
    """Return a waiting entry's content; raises OSError."""
    return _disk.begin(lambda: _read(name)).result(PATIENT)


def keep(entries: Iterable[tuple[str, bytes]]) -> None:
    """Keep entries that the database holds now until a backup does; what is missing here is written."""
    found = list(entries)
    _ask(lambda: _keep(found), None, limit=PATIENT)


def forget(lookup: str) -> None:
    """Delete all entries of a lookup that is being purged."""
    _ask(lambda: _unlink(lambda name: name.startswith(f"{lookup}."), "", "kept"), 0, limit=PATIENT)


def discard(ids: Collection[str]) -> bool:
    """Delete the entries with these ids; return whether the mirror answered, if there was anything to ask."""
    return folder() is None or not ids or _ask(lambda: _discard(ids), False, limit=PATIENT)


def release(held: Callable[[str], bool], *, before: float = math.inf) -> int:
    """Delete the kept entries of which a verified backup `held` the tag, and return how many.

    Only what was kept before a moment (seconds since 1970), where one is given.
    """
    return _ask(lambda: _release(held, before), 0, limit=PATIENT)


def release_before(moment: float) -> int:
    """Delete what was kept before a moment, for a machine that sees no backup itself; return how many."""
    return release(lambda _tag: True, before=moment)


def replay(gone: Callable[[bytes], bool]) -> int:
    """Let every kept entry wait for the database again, but those that are `gone`; return how many wait."""
    return _ask(lambda: _replay(gone), 0, limit=PATIENT)


def blur(midnight: float) -> None:
    """Copy what came before `midnight` to new inodes: the old ones' times tell the second at which it came."""
    _ask(lambda: _blur(midnight), None, limit=PATIENT)


def keep_longer() -> bool:
    """Let what is kept count as if it had come now, as its files' times cannot be believed; return whether it does."""
    return _ask(_keep_longer, False, limit=PATIENT)


def holds(older: Callable[[bytes], bool]) -> bool:
    """Return whether an entry here is `older`, as its first bytes say; a mirror that does not answer may hold one."""
    return folder() is not None and _ask(lambda: _holds(older), True, limit=PATIENT)


def copy(name: str, data: bytes) -> None:
    """Keep the newest version of one of the desk's files."""
    _ask(lambda: _copy(name, data), None, limit=LIMIT)


def copied(name: str) -> bytes | None:
    """Return the mirror's version of one of the desk's files; None where there is none."""
    return _ask(lambda: _copied(name), None, limit=PATIENT)


def works() -> bool:
    """Return whether an entry could be stored here now."""
    return _ask(_probe, False, limit=LIMIT)


def is_apart(path: Path) -> bool:
    """Return whether the mirror lies on another disk than a path."""
    return _ask(lambda: _there("").stat().st_dev != path.stat().st_dev, False, limit=LIMIT)


def _ask[T](act: Callable[[], T], otherwise: T, *, limit: float) -> T:
    """Return what a call returns; `otherwise` without a mirror, and, logged, where it fails or hangs."""
    if folder() is None:
        return otherwise
    try:
        return _disk.begin(act).result(limit)
    except (OSError, TimeoutError):
        log.exception("the mirror of the outbox failed")
        return otherwise


def _there(name: str) -> Path:
    """Return a folder of the mirror's; the mirror's own must be there already."""
    path = Path(str(settings.OUTBOX_MIRROR)) / name
    if name:
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def _read(name: str) -> bytes:
    return placed(_there(""), name, ENTRY).read_bytes()


def _names(home: Path) -> list[str]:
    return [entry.name for entry in os.scandir(home) if "." in entry.name[1:] and not entry.name.startswith(".")]


def _keep(entries: list[tuple[str, bytes]]) -> None:
    home, kept_there = _there(""), _there("kept")
    for name, data in entries:
        try:
            placed(home, name, ENTRY).rename(placed(kept_there, name, ENTRY))
        except FileNotFoundError:
            write(kept_there, name, data)
    desk.sync(kept_there)


def _unlink(meant: Callable[[str], bool], *folders: str) -> int:
    paths = [_there(one) / name for one in folders for name in _names(_there(one)) if meant(name)]
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def _release(held: Callable[[str], bool], before: float) -> int:
    home = _there("kept")
    return _unlink(lambda name: held(name.partition(".")[2]) and (home / name).stat().st_ctime < before, "kept")


def _replay(gone: Callable[[bytes], bool]) -> int:
    home, kept_there = _there(""), _there("kept")
    for name in _names(kept_there):
        path = kept_there / name
        if gone(path.read_bytes()):
            path.unlink()
        else:
            path.rename(home / name)
    return len(_names(home))


def _blur(midnight: float) -> None:
    for entry in os.scandir(_there("")):  # what was never renamed: nobody was told that it was received
        if entry.name.startswith(".") and entry.stat().st_mtime < time.time() - UNFINISHED_AFTER:
            Path(entry.path).unlink()
    for home in (_there(""), _there("kept")):
        _renew(home, [name for name in _names(home) if BLURRED < (home / name).stat().st_mtime < midnight])
        os.utime(home, (midnight, midnight))


def _keep_longer() -> bool:
    home = _there("kept")
    _renew(home, _names(home))
    return True


def _renew(home: Path, names: list[str]) -> None:
    """Copy files to new inodes, in random order and without times."""
    random.SystemRandom().shuffle(names)
    for name in names:
        _replace(home / name, (home / name).read_bytes(), at=BLURRED)
    desk.sync(home)


def _discard(ids: Collection[str]) -> bool:
    for path, head in _heads():
        if (match := _ID.search(head)) and match[1].decode() in ids:
            path.unlink(missing_ok=True)
    return True


def _holds(older: Callable[[bytes], bool]) -> bool:
    return any(older(head) for _, head in _heads())


def _heads() -> Iterator[tuple[Path, bytes]]:
    """Yield the path of each entry, and its first bytes."""
    for home in (_there(""), _there("kept")):
        for name in _names(home):
            with (home / name).open("rb") as file:
                head = file.read(HEAD)
            yield home / name, head


def _copy(name: str, data: bytes) -> None:
    path = _there("desk") / name
    if not (path.exists() and path.read_bytes() == data):
        _replace(path, data)
        desk.sync(path.parent)


def _copied(name: str) -> bytes | None:
    with suppress(FileNotFoundError):
        return (_there("desk") / name).read_bytes()
    return None


def _probe() -> bool:
    with desk.unfinished(_there(""), bytes(4096)):
        return True


def _replace(path: Path, data: bytes, *, at: int | None = None) -> None:
    """Write a file whole and durably under another name, then give it its own."""
    with desk.unfinished(path.parent, data) as new:
        if at is not None:
            os.utime(new, (at, at))
        new.rename(path)


_disk = Disk()
