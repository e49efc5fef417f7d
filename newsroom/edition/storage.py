"""Editions on disk: STATE_DIR/edition/<number>/, and the link `current` to the one that readers get.

An edition holds pages/ and gone/ (files, with .gz and .br beside them), moved/, targets/ and manifest.json. A redirect
is the link moved/<old path>.to to an empty folder in targets/ named by the new path: nginx can follow a link, but not
read a path from a file. Names with a leading dot beside the editions belong to the builders. Every user of the machine
may read the files, as nginx must.
"""

import fcntl
import gzip
import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import brotli  # type: ignore[import-untyped]

from newsroom.domain import request_rebuild
from newsroom.edition import paths

MANIFEST = "manifest.json"
KEEP = 2  # editions: the current one, and one for responses that are still being sent
SUFFIXES = ("", ".gz", ".br")  # of the files of one page, one for each encoding
PARTS = ("pages", "gone", "moved", "targets")
MANY = 300  # new files from which one sync of the disk is faster than one each
LEAST_COMPRESSED = 256  # bytes

READABLE, READABLE_FOLDER = 0o644, 0o755  # nginx is another user, and the umask may keep everybody out

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One page: its file in the edition's folder, SHA-256 of its content, and when that last changed (seconds)."""

    file: str
    digest: str
    since: int


@dataclass(frozen=True)
class Manifest:
    """What an edition holds, as its manifest.json lists it. `number` is the millisecond in which it was built.

    `at` is the instant (seconds) that its pages show, `next` the instant at which it goes out of date; `code` and
    `version` are those of the program and of the newsroom (changes.Version) that every page agrees with. `pages` and
    `gone` (tombstones) are entries by path, `moved` is new paths by old.
    """

    number: int
    at: float = 0.0
    next: float | None = None
    code: str = ""
    version: tuple[int, int, str] = (0, 0, "")
    pages: dict[str, Entry] = field(default_factory=dict)
    gone: dict[str, Entry] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    @property
    def built_at(self) -> float:
        """Return when it was built, in seconds."""
        return self.number / 1000

    def write(self, folder: Path) -> None:
        """Write the manifest into the edition's folder, durably and atomically."""
        facts: dict[str, Any] = {column.name: getattr(self, column.name) for column in fields(self)}
        for part in ("pages", "gone"):
            facts[part] = {path: (entry.file, entry.digest, entry.since) for path, entry in facts[part].items()}
        unfinished = folder / f".{MANIFEST}"
        with unfinished.open("w", encoding="utf-8") as file:
            file.write(json.dumps(facts, separators=(",", ":")))  # dump() would take five times as long
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / MANIFEST)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Return the manifest in an edition's folder; raises OSError, ValueError, KeyError or TypeError."""
        facts = json.loads((folder / MANIFEST).read_bytes())
        for part in ("pages", "gone"):
            facts[part] = {path: Entry(*entry) for path, entry in facts[part].items()}
        facts["version"] = tuple(facts["version"])
        return cls(**facts)


def current_folder() -> Path | None:
    """Return the folder of the current edition, None without one."""
    home = request_rebuild.folder()
    try:
        return home / os.readlink(home / "current")  # noqa: PTH115 - the name, not the path
    except OSError:  # there is no link, or a copy of the state has a folder in its place
        return None


def current() -> Manifest | None:
    """Return the manifest of the current edition; None without one, or if it cannot be read and must be built again."""
    folder = current_folder()
    if folder is None:
        return None
    try:
        return Manifest.read(folder)
    except (OSError, ValueError, KeyError, TypeError):
        log.exception("the current edition cannot be read; it is built again")
        return None


@contextmanager
def build_lock(*, wait: bool) -> Iterator[bool]:
    """Lock building on this node; yield True if the lock was acquired, which with `wait` is always so."""
    with (request_rebuild.folder() / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def sync(path: Path) -> None:
    """Sync a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def encodings(body: bytes) -> dict[str, bytes]:
    """Return a page in every encoding by file suffix, without compressed ones that are no smaller."""
    encoded = {"": body}
    if len(body) >= LEAST_COMPRESSED:
        compressed = {".gz": gzip.compress(body, 9, mtime=0), ".br": brotli.compress(body, quality=7)}
        encoded |= {suffix: data for suffix, data in compressed.items() if len(data) < len(body)}
    return encoded


class Draft:
    """An edition that is being built. `publish` makes it current; without that, leaving the context deletes it."""

    def __init__(self) -> None:
        """Delete unfinished drafts and start an empty one. The caller holds the build lock."""
        self.home, self.before = request_rebuild.folder(), current_folder()
        self.home.chmod(READABLE_FOLDER)
        for unfinished in self.home.glob(".building-*"):
            shutil.rmtree(unfinished)
        self.path = self.home / f".building-{os.getpid()}"
        self._folders: set[Path] = {self.path / part for part in PARTS}
        for folder in self._folders:
            folder.mkdir(parents=True)
        self._new: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _make_folder(self, path: Path) -> None:
        """Make a folder of the draft with its parents."""
        if path not in self._folders:
            path.mkdir(parents=True, exist_ok=True)
            self._folders.update({path, *path.parents} - {*self.path.parents, self.path})

    def add(self, file: str, body: bytes, old: Entry | None) -> Entry:
        """Add a page: as a link to the file of the edition before if the bytes are equal, else as a new file."""
        if old and old.file == file and self.before and _bytes(self.before / file) == body:
            return self.carry(old) or self.write(file, body)
        return self.write(file, body)

    def write(self, file: str, body: bytes) -> Entry:
        """Write a page in every encoding; raises newsroom.file_names.BadName."""
        path = paths.placed_in(self.path, file)
        self._make_folder(path.parent)
        for suffix, data in ({"": body} if file.endswith(".png") else encodings(body)).items():
            target = path.with_name(path.name + suffix)
            target.unlink(missing_ok=True)  # it may be a link to the file of an older edition
            target.write_bytes(data)
            target.chmod(READABLE)
            self._new.append(target)
        return Entry(file, hashlib.sha256(body).hexdigest(), int(time.time()))

    def carry(self, old: Entry | None) -> Entry | None:
        """Link a page from the edition before; None when that has no file for it."""
        if old is None or self.before is None:
            return None
        path = paths.placed_in(self.path, old.file)
        self._make_folder(path.parent)
        for suffix in SUFFIXES:
            try:
                os.link(f"{self.before}/{old.file}{suffix}", f"{path}{suffix}")
            except FileNotFoundError:
                if not suffix:
                    return None
            except FileExistsError:
                pass
        return old

    def move(self, old: str, new: str) -> None:
        """Add a redirect from one path to another; both end in a slash. Raises newsroom.file_names.BadName."""
        link = paths.placed_in(self.path / "moved", f"{old.strip('/')}.to")
        target = paths.placed_in(self.path / "targets", new.strip("/"))
        self._make_folder(link.parent)
        self._make_folder(target)
        link.symlink_to(target.relative_to(link.parent, walk_up=True))

    def reuse(self, manifest: Manifest) -> Manifest:
        """Keep the edition before, whose pages are equal, and give it a newer manifest; return that."""
        if self.before:
            manifest.write(self.before)
        return manifest

    def publish(self, manifest: Manifest) -> None:
        """Sync every file to the disk, then switch `current` atomically."""
        manifest.write(self.path)
        self._sync()
        self.path.rename(self.home / str(manifest.number))
        pointer = self.home / ".current"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(str(manifest.number))
        if current_folder() is None:
            shutil.rmtree(self.home / "current", ignore_errors=True)
        pointer.replace(self.home / "current")
        sync(self.home)

    def _sync(self) -> None:
        """Make the folders readable for nginx and sync new files and folders to the disk."""
        folders = [*self._folders, self.path]
        for path in folders:
            path.chmod(READABLE_FOLDER)
        if len(self._new) + len(folders) > MANY:
            os.sync()
        else:
            for path in [*self._new, *folders]:
                sync(path)


def clear() -> None:
    """Delete old editions. This may take seconds; it needs no lock, as the newest editions stay."""
    current = current_folder()
    editions = sorted((path for path in request_rebuild.folder().iterdir() if path.name.isdigit()), key=_number)
    for old in editions[:-KEEP]:
        if old != current:
            shutil.rmtree(old, ignore_errors=True)


def _number(path: Path) -> int:
    return int(path.name)


def _bytes(path: Path) -> bytes | None:
    """Return the content of a file, None if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def retract(manifest: Manifest, gone_paths: set[str], *, body: bytes) -> Manifest:
    """Replace pages of the current edition by the tombstone `body` at once, and return the changed manifest.

    A new edition may take long, or fail. The pages are deleted first, which works on a full disk too.
    """
    folder = current_folder()
    withdrawn = {path: entry for path, entry in manifest.pages.items() if path in gone_paths}
    if folder is None or not withdrawn:
        return manifest
    gone = dict(manifest.gone)
    for entry in withdrawn.values():
        for suffix in SUFFIXES:
            paths.placed_in(folder, f"{entry.file}{suffix}").unlink(missing_ok=True)
    for path, entry in withdrawn.items():
        file = f"gone/{Path(entry.file).relative_to('pages').with_suffix('.html')}"
        for parent in reversed(Path(file).parents):
            (folder / parent).mkdir(exist_ok=True)
            (folder / parent).chmod(READABLE_FOLDER)
        tombstone = paths.placed_in(folder, file)
        tombstone.write_bytes(body)
        tombstone.chmod(READABLE)
        gone[path] = Entry(file, hashlib.sha256(body).hexdigest(), int(time.time()))
    pages = {path: entry for path, entry in manifest.pages.items() if path not in withdrawn}
    retracted = replace(manifest, pages=pages, gone=gone)
    retracted.write(folder)
    return retracted
