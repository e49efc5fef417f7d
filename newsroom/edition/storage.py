"""Editions on disk: STATE_DIR/edition/<number>/, and `current`, which points to the one that readers get.

In an edition: pages/ and gone/ (files, with .gz and .br beside them), moved/ (for an old path the link `<path>.to`, to
an empty folder of targets/ whose name is the new path: nginx can follow a link, and cannot read a file) and
manifest.json. What begins with a dot beside the editions is the builders' own. Anybody on the machine may read public
files, as nginx must.
"""

import fcntl
import gzip
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

import brotli  # type: ignore[import-untyped]

from newsroom.domain import request_rebuild
from newsroom.edition.manifest import Entry, Manifest

KEPT = 2  # editions: the current one, and one for answers that are still on their way
FORMS = ("", ".gz", ".br")
PARTS = ("pages", "gone", "moved", "targets")
MANY = 300  # new files from which one sync of the disk is faster than one for each
WORTH = 256  # bytes under which nothing is compressed

READABLE, READABLE_FOLDER = 0o644, 0o755  # nginx is another user, and the umask may keep everybody out

log = logging.getLogger(__name__)


def current_folder() -> Path | None:
    """Return the folder of the current edition, None before the first."""
    home = request_rebuild.folder()
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


@contextmanager
def build_lock(*, wait: bool) -> Iterator[bool]:
    """Hold the node's lock on building; yield True if it was acquired (always, with `wait`)."""
    with (request_rebuild.folder() / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


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
    """An edition in the making; nobody sees it before `publish`, and without that it leaves no trace."""

    def __init__(self) -> None:
        """Clear what an earlier builder left unfinished, and begin. The caller holds the lock on building."""
        self.home, self.before = request_rebuild.folder(), current_folder()
        self.home.chmod(READABLE_FOLDER)
        for left in self.home.glob(".building-*"):
            shutil.rmtree(left)
        self.path = self.home / f".building-{os.getpid()}"
        self._folders: set[Path] = {self.path / part for part in PARTS}
        for part in self._folders:
            part.mkdir(parents=True)
        self._new: list[Path] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Take away what was not published."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _folder(self, path: Path) -> None:
        """Make a folder, with those above it, that is about to get something."""
        if path not in self._folders:
            path.mkdir(parents=True, exist_ok=True)
            self._folders.update({path, *path.parents} - {*self.path.parents, self.path})

    def keep(self, file: str, body: bytes, old: Entry | None) -> Entry:
        """Keep a page: as the file of the edition before where that has the same bytes, else as a new one."""
        if old and old.file == file and self.before and _bytes(self.before / file) == body:
            return self.carry(old) or self.write(file, body)
        return self.write(file, body)

    def write(self, file: str, body: bytes) -> Entry:
        """Keep a new page in all its forms."""
        path = self.path / file
        self._folder(path.parent)
        for end, data in forms(body).items():
            form = path.with_name(path.name + end)
            form.unlink(missing_ok=True)  # it may be a link to the file of an older edition
            form.write_bytes(data)
            form.chmod(READABLE)
            self._new.append(form)
        return Entry(file, hashlib.sha256(body).hexdigest(), int(time.time()))

    def carry(self, old: Entry | None) -> Entry | None:
        """Keep a page of the edition before as it is; None when there is no file of it."""
        if old is None or self.before is None:
            return None
        self._folder((self.path / old.file).parent)
        for end in FORMS:
            try:
                os.link(f"{self.before}/{old.file}{end}", f"{self.path}/{old.file}{end}")
            except FileNotFoundError:
                if not end:
                    return None
            except FileExistsError:
                pass
        return old

    def move(self, old: str, new: str) -> None:
        """Keep a redirect, from one path that ends in a slash to another."""
        link, target = self.path / "moved" / f"{old.strip('/')}.to", self.path / "targets" / new.strip("/")
        self._folder(link.parent)
        self._folder(target)
        link.symlink_to(target.relative_to(link.parent, walk_up=True))

    def same(self, manifest: Manifest) -> Manifest:
        """Go on with the edition before, which holds just this, under a newer manifest; return that."""
        if self.before:
            manifest.write(self.before)
        return manifest

    def publish(self, manifest: Manifest) -> None:
        """Make everything durable, then switch in one step; readers get the old edition until then."""
        manifest.write(self.path)
        self._settle()
        self.path.rename(self.home / str(manifest.number))
        pointer = self.home / ".current"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(str(manifest.number))
        if current_folder() is None:
            shutil.rmtree(self.home / "current", ignore_errors=True)
        pointer.replace(self.home / "current")
        sync(self.home)

    def _settle(self) -> None:
        """Make what was written durable, and let nginx read it."""
        folders = [*self._folders, self.path]
        for path in folders:
            path.chmod(READABLE_FOLDER)
        if len(self._new) + len(folders) > MANY:
            os.sync()
        else:
            for path in [*self._new, *folders]:
                sync(path)


def clear() -> None:
    """Take away editions that nobody needs any more. It may take seconds, and needs no lock: what is newer stays."""
    current = current_folder()
    editions = sorted((path for path in request_rebuild.folder().iterdir() if path.name.isdigit()), key=_number)
    for old in editions[:-KEPT]:
        if old != current:
            shutil.rmtree(old, ignore_errors=True)


def _number(path: Path) -> int:
    return int(path.name)


def _bytes(path: Path) -> bytes | None:
    """Return what a file holds, None without one."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def retract(manifest: Manifest, paths: set[str], *, body: bytes) -> Manifest:
    """Take withdrawn pages out of the current edition at once; leave a plain tombstone for each, return the manifest.

    For when a new edition takes long, or cannot be made: the files go first, which needs no room on the disk.
    """
    folder = current_folder()
    hit = {path: entry for path, entry in manifest.pages.items() if path in paths}
    if folder is None or not hit:
        return manifest
    gone = dict(manifest.gone)
    for entry in hit.values():
        for end in FORMS:
            (folder / f"{entry.file}{end}").unlink(missing_ok=True)
    for path, entry in hit.items():
        file = f"gone/{entry.file.removeprefix('pages/')}"
        for parent in reversed(Path(file).parents):
            (folder / parent).mkdir(exist_ok=True)
            (folder / parent).chmod(READABLE_FOLDER)
        (folder / file).write_bytes(body)
        (folder / file).chmod(READABLE)
        gone[path] = Entry(file, hashlib.sha256(body).hexdigest(), int(time.time()))
    pages = {path: entry for path, entry in manifest.pages.items() if path not in hit}
    retracted = replace(manifest, pages=pages, gone=gone)
    retracted.write(folder)
    return retracted
