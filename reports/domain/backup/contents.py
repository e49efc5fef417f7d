"""What is in an archive of ours: laid out in a folder of its own, and trusted only once it was read to its end."""

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from core.file_names import BadName, placed
from reports.domain.backup.backups import Manifest
from reports.domain.errors import Refused
from reports.sealing import archive

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)*")  # no way out of the folder
_PART = re.compile(r"(.+)/[0-9]{5}")


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Yield a reader of an archive; raises Refused where it cannot be opened."""
    try:
        reader = path.open("rb")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error
    with reader:
        yield reader


@contextmanager
def laid_out(
    reader: IO[bytes], *, identity: str, only: frozenset[str] | None = None
) -> Iterator[Path]:
    """Yield a folder (0700, in the state folder) with what an archive holds; it is gone afterwards.

    Raises Refused with the reason: another key, a torn file, or one that is no archive of ours.
    """
    folder: Path = settings.STATE_DIR / f".archive-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    try:
        _lay_out(reader, identity, folder, only)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def manifest(folder: Path) -> Manifest:
    """Return what a backup that was laid out says of itself."""
    try:
        return Manifest.from_bytes((folder / "backup.json").read_bytes())
    except FileNotFoundError as error:
        raise Refused("There is no database in this file. Use the other file.") from error


def _lay_out(reader: IO[bytes], identity: str, folder: Path, only: frozenset[str] | None) -> None:
    try:
        with archive.opened(reader, identity=identity) as members:
            for name, data in members:
                part = _PART.fullmatch(name)
                whole = part[1] if part else name
                path = placed(folder, whole, _NAME)
                if only is None or whole in only:
                    _append(path, data)
    except archive.WrongKey as error:
        raise Refused("That key does not open this file. Nothing was changed.") from error
    except (archive.Torn, BadName, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        message = (
            "This file is incomplete, changed or not a backup, so it cannot be used. Use another one. Nothing was "
            "changed."
        )
        raise Refused(message) from error


def _append(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("ab") as file:
        file.write(data)
