"""Editions on disk: STATE_DIR/edition/<number>/, and the link `current` to the one that readers get.

An edition holds pages/: files, with .gz and .br beside them. Names with a leading dot belong to the builders. Every
user of the machine may read the others, as nginx must.
"""

import fcntl
import gzip
import json
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import brotli  # type: ignore[import-untyped]

from newsroom.domain import request_rebuild
from newsroom.edition import paths

FACTS = ".facts.json"  # the builders' own, as every name with a leading dot
KEEP = 2  # editions: the current one, and one for responses that are still being sent
SUFFIXES = ("", ".gz", ".br")  # of the files of one page, one for each encoding

# nginx is another user, and the umask may keep everybody out.
READABLE = 0o644
READABLE_FOLDER = 0o755


@dataclass(frozen=True)
class Edition:
    """What an edition shows: the newsroom `at` an instant, after the change with this `number`.

    `next` is the instant at which it goes out of date. `whole` says for which occasion (a night, a version of the code)
    every page was rendered last, "" while that is due.
    """

    folder: Path
    at: datetime
    next: datetime | None
    number: int
    whole: str


def current_folder() -> Path | None:
    """Return the folder of the current edition, None without one."""
    home = request_rebuild.folder()
    try:
        return home / os.readlink(home / "current")  # noqa: PTH115 - the name, not the path
    except OSError:  # there is no link, or a copy of the state has a folder in its place
        return None


def current() -> Edition | None:
    """Return the current edition; None without one, or if its facts cannot be read and it must be built again."""
    folder = current_folder()
    if folder is None:
        return None
    try:
        facts = json.loads((folder / FACTS).read_bytes())
        at = datetime.fromisoformat(facts["at"])
        after = facts["next"] and datetime.fromisoformat(facts["next"])
        return Edition(folder, at, after, facts["number"], facts["whole"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def build_lock(*, wait: bool) -> Iterator[bool]:
    """Lock building on this node; yield True if the lock was acquired, which with `wait` is always so.

    What a killed builder left goes at once: after a rollback, say, no edition may be due for a day.
    """
    with (request_rebuild.folder() / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            for unfinished in request_rebuild.folder().glob(".building-*"):
                shutil.rmtree(
                    unfinished, ignore_errors=True
                )  # another user's stays, and stops nothing
            yield True


class UnfinishedEdition:
    """An edition that is being built. `publish` makes it current; without that, leaving the context deletes it."""

    def __init__(self) -> None:
        """Start an empty draft. The caller holds the build lock."""
        self.home = request_rebuild.folder()
        self.before = current_folder()
        self.path = Path(tempfile.mkdtemp(prefix=".building-", dir=self.home))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def carry(self, file: str) -> bool:
        """Link a page from the edition before, in every encoding; return False if that has none."""
        target = paths.placed_in(self.path / "pages", file)
        if self.before is None or not (self.before / "pages" / file).is_file():
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        for suffix in SUFFIXES:
            with suppress(FileNotFoundError):
                os.link(f"{self.before}/pages/{file}{suffix}", f"{target}{suffix}")
        return True

    def add(self, file: str, body: bytes) -> None:
        """Add a page in every encoding: the files of the edition before if their bytes are equal, else new ones."""
        with suppress(FileNotFoundError):
            if (
                self.before
                and (self.before / "pages" / file).read_bytes() == body
                and self.carry(file)
            ):
                return
        target = paths.placed_in(self.path / "pages", file)
        target.parent.mkdir(parents=True, exist_ok=True)
        packed = (body, gzip.compress(body, 9, mtime=0), brotli.compress(body, quality=11))
        for suffix, data in zip(SUFFIXES, packed, strict=True):
            path = target.with_name(target.name + suffix)
            path.write_bytes(data)
            path.chmod(READABLE)

    def publish(self, *, at: datetime, after: datetime | None, number: int, whole: str) -> Edition:
        """Sync every file to the disk, then switch `current` atomically; for the facts see Edition."""
        facts: dict[str, Any] = {"at": at.isoformat(), "next": after and after.isoformat()}
        (self.path / FACTS).write_text(
            json.dumps(facts | {"number": number, "whole": whole}), encoding="utf-8"
        )
        for folder in [self.home, *(Path(folder) for folder, _, _ in self.path.walk())]:
            folder.chmod(READABLE_FOLDER)
        os.sync()
        made = self.path.rename(self.home / str(time.time_ns()))
        pointer = self.home / ".current"
        pointer.unlink(missing_ok=True)
        pointer.symlink_to(made.name)
        if current_folder() is None:
            shutil.rmtree(self.home / "current", ignore_errors=True)
        pointer.replace(self.home / "current")
        return Edition(made, at, after, number, whole)


def naming(folder: Path, slugs: Collection[str]) -> set[str]:
    """Return the files of an edition's pages that name one of these articles by its address, relative to pages/."""
    addresses = [f"/news/{slug}/".encode() for slug in slugs]
    files = set[str]()
    if not addresses:
        return files
    for place, _, names in (folder / "pages").walk():
        for name in names:
            if name.endswith(SUFFIXES[1:]):
                continue
            path = place / name
            body = path.read_bytes()
            if any(address in body for address in addresses):
                files.add(str(path.relative_to(folder / "pages")))
    return files


def take_away(folder: Path, slugs: Collection[str]) -> None:
    """Delete the pages of these articles from an edition at once, and each page that names one of them.

    Django answers for these until the next edition, which may take long, or fail. It needs no room on the disk.
    """
    own = [paths.placed_in(folder / "pages/news", slug) for slug in slugs]
    for file in naming(folder, slugs):
        for suffix in SUFFIXES:
            (folder / "pages" / f"{file}{suffix}").unlink(missing_ok=True)
    for page in own:
        shutil.rmtree(page, ignore_errors=True)
    os.utime(folder)


def clear() -> None:
    """Delete old editions. This may take seconds; it needs no lock, as the newest editions stay."""
    current = current_folder()
    editions = sorted(path for path in request_rebuild.folder().iterdir() if path.name.isdigit())
    for old in editions[:-KEEP]:
        if old != current:
            shutil.rmtree(old, ignore_errors=True)
