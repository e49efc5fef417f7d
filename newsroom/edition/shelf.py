"""Editions on disk: STATE_DIR/edition/<number>/, and `current`, which points to the one that readers get.

In an edition: pages/ and gone/ (files, with .gz and .br beside them), moved/ (for an old path the link `<path>.to`, to
an empty folder of targets/ whose name is the new path: nginx can follow a link, and cannot read a file) and
manifest.json. What begins with a dot beside the editions is the builders' own. Anybody on the machine may read public
files, as nginx must.

A large edition that is made in haste is a layer: its pages/ holds only what differs, and the link pages/.below leads to
the pages of the last whole edition.
"""

import fcntl
import gzip
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Self

import brotli  # type: ignore[import-untyped]

from newsroom.domain import outdated
from newsroom.edition.manifest import Entry, Manifest

KEPT = 2  # editions: the current one, and one for answers that are still on their way
LAYERED = 500  # pages from which an edition made in haste is a layer
THICK = 2000  # pages of its own with which a layer is made whole again
BELOW = "pages/.below"
FORMS = ("", ".gz", ".br")
MANY = 300  # new files from which one sync of the disk is faster than one for each
WORTH = 256  # bytes under which nothing is compressed

READABLE, READABLE_FOLDER = 0o644, 0o755  # nginx is another user, and the umask may keep everybody out

log = logging.getLogger(__name__)


def current_folder() -> Path | None:
    """Return the folder of the current edition, None before the first."""
    home = outdated.folder()
    try:
        return home / os.readlink(home / "current")  # noqa: PTH115 - the name, not the path
    except OSError:  # not there yet, or a folder: a copy that did not keep links
        return None


def current() -> Manifest | None:
    """Return the current edition; one that cannot be read counts as none, so that it is made again."""
    folder = current_folder()
    if folder is None:
        return None
    try:
        return Manifest.read(folder)
    except (OSError, ValueError, KeyError, TypeError):
        log.exception("the current edition cannot be read; it is made again")
        return None


def own(file: str) -> str:
    """Return where a page's file lies in an edition that holds it itself."""
    return f"pages{file.removeprefix(BELOW)}" if file.startswith(BELOW) else file


def is_layer(manifest: Manifest) -> bool:
    """Return whether some pages of an edition lie in a whole one below it."""
    return any(entry.file.startswith(BELOW) for entry in manifest.pages.values())


def takes_layer(manifest: Manifest) -> bool:
    """Return whether the next edition in haste may be a layer over this one, or over what lies below this one."""
    thickness = sum(not entry.file.startswith(BELOW) for entry in manifest.pages.values())
    return len(manifest.pages) >= LAYERED and (thickness <= THICK or thickness == len(manifest.pages))


@contextmanager
def turn(*, wait: bool) -> Iterator[bool]:
    """Hold the node's turn to build; yield whether it was had (always, with `wait`)."""
    with lock(".lock", wait=wait) as held:
        yield held is not None


@contextmanager
def lock(name: str, *, wait: bool) -> Iterator[IO[str] | None]:
    """Hold one of the node's locks; yield its file, None when somebody else has it (never, with `wait`).

    A process that inherits the file holds the lock as long as it lives.
    """
    with (outdated.folder() / name).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file


def sync(path: Path) -> None:
    """Make a file, or a folder's names, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forms(body: bytes) -> dict[str, bytes]:
    """Return a page as it is kept, by the end of its file's name; a compressed form that gains nothing is left out."""
    found = {"": body}
    if len(body) >= WORTH:
        packed = {".gz": gzip.compress(body, 9, mtime=0), ".br": brotli.compress(body, quality=7)}
        found |= {end: data for end, data in packed.items() if len(data) < len(body)}
    return found


class Draft:
    """An edition in the making; nobody sees it before `publish`, and without that it leaves no trace.

    The caller holds the turn; for one that is made `aside` only to publish it, and else the proof's lock.
    """

    def __init__(self, *, layer: bool = False, aside: bool = False) -> None:
        """Clear what an earlier builder left unfinished, and begin; a `layer` leaves what it carries where it lies."""
        self.home, self.before = outdated.folder(), current_folder()
        self.home.chmod(READABLE_FOLDER)
        name = ".proving" if aside else ".building"
        for left in self.home.glob(f"{name}-*"):
            shutil.rmtree(left)
        self.path = self.home / f"{name}-{os.getpid()}"
        for part in ("pages", "gone", "moved", "targets"):
            (self.path / part).mkdir(parents=True)
        self._folders: set[Path] = {self.path / part for part in ("pages", "gone", "moved", "targets")}
        self._unsettled = {*self._folders, self.path}
        self._new: list[Path] = []
        self._base = self._lay() if layer else None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Take away what was not published."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _lay(self) -> Path | None:
        """Put this edition over the last whole one; return that, None when there is none."""
        if self.before is None:
            return None
        lower = self.before / BELOW
        base = lower.resolve().parent if lower.is_symlink() else self.before
        (self.path / BELOW).symlink_to(f"../../{base.name}/pages")
        return base

    def _folder(self, path: Path) -> None:
        """Make a folder, with those above it, that is about to get something."""
        self._unsettled.add(path)
        if path not in self._folders:
            path.mkdir(parents=True, exist_ok=True)
            while path not in self._folders:
                self._folders.add(path)
                path = path.parent
                self._unsettled.add(path)

    def write(self, file: str, body: bytes, *, changed: str) -> Entry:
        """Keep a page in all its forms."""
        path = self.path / file
        self._folder(path.parent)
        for end, data in forms(body).items():
            kept = path.with_name(path.name + end)
            kept.unlink(missing_ok=True)  # it may be a link to the file of an older edition
            kept.write_bytes(data)
            kept.chmod(READABLE)
            self._new.append(kept)
        return Entry(file, hashlib.sha256(body).hexdigest(), changed, int(time.time()))

    def carry(self, old: Entry, *, changed: str) -> Entry | None:
        """Keep an older edition's page as it is; None when its file is not there any more."""
        if self.before is None:
            return None
        below = old.file.replace("pages", BELOW, 1) if self.before == self._base else old.file
        if self._base and below.startswith(BELOW):
            if not os.path.exists(f"{self._base}/{own(below)}"):  # noqa: PTH110 - a third of pathlib's time
                return None
            return old if (old.file, old.changed) == (below, changed) else replace(old, file=below, changed=changed)
        file = own(old.file)
        self._folder((self.path / file).parent)
        for end in FORMS:
            try:
                os.link(f"{self.before}/{old.file}{end}", f"{self.path}/{file}{end}")
            except FileNotFoundError:
                if not end:
                    return None
            except FileExistsError:
                pass
        return replace(old, file=file, changed=changed)

    def drop(self, entry: Entry) -> None:
        """Take a page out again."""
        if not entry.file.startswith(BELOW):
            _unlink(self.path, entry.file)

    def hide(self, entries: Iterable[Entry]) -> None:
        """See that pages that this edition has no more do not show through from below."""
        if self._base:
            for entry in entries:
                _unlink(self._base, own(entry.file))

    def move(self, old: str, new: str) -> None:
        """Keep a redirect, from one path that ends in a slash to another."""
        link, target = self.path / "moved" / f"{old.strip('/')}.to", self.path / "targets" / new.strip("/")
        self._folder(link.parent)
        self._folder(target)
        link.symlink_to(target.relative_to(link.parent, walk_up=True))

    def settle(self) -> None:
        """Make what was written so far durable, and let nginx read it."""
        for path in self._unsettled:
            path.chmod(READABLE_FOLDER)
        if len(self._new) + len(self._unsettled) > MANY:
            os.sync()
        else:
            for path in self._new:
                with suppress(FileNotFoundError):  # dropped again
                    sync(path)
            for path in self._unsettled:
                sync(path)
        self._new.clear()
        self._unsettled.clear()

    def publish(self, manifest: Manifest) -> None:
        """Make everything durable, then switch in one step; readers get the old edition until then."""
        manifest.write(self.path)
        self._unsettled.add(self.path)
        self.settle()
        self.path.rename(self.home / str(manifest.number))
        pointer = self.home / ".current"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(str(manifest.number))
        if current_folder() is None:
            shutil.rmtree(self.home / "current", ignore_errors=True)
        pointer.replace(self.home / "current")
        sync(self.home)


def clear() -> None:
    """Take away editions that nobody needs any more. It may take seconds, and needs no turn: what is newer stays."""
    current = current_folder()
    editions = sorted((path for path in outdated.folder().iterdir() if path.name.isdigit()), key=_number)
    kept = [*editions[-KEPT:], *([current] if current else [])]
    below = [(path / BELOW).resolve().parent for path in kept if (path / BELOW).is_symlink()]
    names = {path.name for path in (*kept, *below)}
    for old in editions:
        if old.name not in names:
            shutil.rmtree(old, ignore_errors=True)


def _number(path: Path) -> int:
    return int(path.name)


def _unlink(folder: Path, file: str) -> None:
    """Take away a page in all its forms."""
    for end in FORMS:
        (folder / f"{file}{end}").unlink(missing_ok=True)


def strike(manifest: Manifest, paths: set[str], *, body: bytes) -> None:
    """Take withdrawn pages out of the current edition at once, and leave a plain tombstone for each.

    For when a new edition takes long, or cannot be made: the files go first, which needs no room on the disk.
    """
    folder = current_folder()
    hit = {path: entry for path, entry in manifest.pages.items() if path in paths}
    if folder is None or not hit:
        return
    gone = dict(manifest.gone)
    for entry in hit.values():
        _unlink(folder, own(entry.file))
        _unlink(folder, own(entry.file).replace("pages", BELOW, 1))
    for path, entry in hit.items():
        file = f"gone/{own(entry.file).removeprefix('pages/')}"
        for parent in reversed(Path(file).parents):
            (folder / parent).mkdir(exist_ok=True)
            (folder / parent).chmod(READABLE_FOLDER)
        (folder / file).write_bytes(body)
        (folder / file).chmod(READABLE)
        gone[path] = Entry(file, hashlib.sha256(body).hexdigest(), "", int(time.time()))
    pages = {path: entry for path, entry in manifest.pages.items() if path not in hit}
    replace(manifest, pages=pages, gone=gone).write(folder)
