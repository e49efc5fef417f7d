"""Session files: without its file on this machine nobody opens the desk's keys in a session, not even with its cookie.

The files lie in memory (RUN_DIR), outside the database and every backup. One is named after its session's row. It holds
a random key, under which the desk's keys stand in the sealed session, and when the words were typed; its own time is
that of the member's last request. It goes when the desk locks, with its row, and when a limit has passed: a row that
was deleted lives on in logs, replicas and backups.
"""

import base64
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from core.file_names import BadName, placed
from reports.domain import state_files
from reports.domain.errors import Refused

NONCE = 12  # bytes
_NAME = re.compile(r"[0-9a-f]{40}|\.[0-9a-f]{16}")  # a row, or a file that was never finished


def folder() -> Path:
    """Return the folder, made (0700) when missing; raises Refused for one that is not the service's alone."""
    path: Path = settings.RUN_DIR
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = path.lstat()
    except OSError as error:
        raise _unusable() from error
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o077:
        raise _unusable()
    return path


def seal(content: dict[str, Any], *, row: str, since: float) -> str:
    """Return the content, sealed under the key of a new file for this row; the words were typed at `since`.

    Raises Refused where no file can be written.
    """
    key = secrets.token_bytes(32)
    nonce = secrets.token_bytes(NONCE)
    try:
        state_files.write(
            placed(folder(), row, _NAME), json.dumps({"key": key.hex(), "since": since}).encode()
        )
    except OSError as error:
        raise _unusable() from error
    sealed = AESGCM(key).encrypt(nonce, json.dumps(content).encode(), row.encode())
    return base64.b64encode(nonce + sealed).decode()


def opened(sealed: str, *, row: str) -> tuple[dict[str, Any], float] | None:
    """Return what was sealed for a row and when the words were typed; None, and no file left, when a limit has passed.

    None as well on a machine that has no such file: the desk was unlocked on another, or this one has started anew.
    """
    path = placed(settings.RUN_DIR, row, _NAME)
    if not _is_open(path):
        path.unlink(missing_ok=True)
        return None
    try:
        file = _read(path)
        raw = base64.b64decode(sealed)
        plain = AESGCM(bytes.fromhex(file["key"])).decrypt(raw[:NONCE], raw[NONCE:], row.encode())
    except (FileNotFoundError, InvalidTag, ValueError):
        return None
    content: dict[str, Any] = json.loads(plain)
    return content, file["since"]


def touch(row: str) -> None:
    """Note that the member of this session is there."""
    now = time.time()
    with suppress(FileNotFoundError):  # it has just been locked
        os.utime(placed(settings.RUN_DIR, row, _NAME), (now, now))


def forget(rows: Iterable[str]) -> None:
    """Lock the desk of these sessions for good. A row that is called otherwise than ours has no file."""
    for row in rows:
        with suppress(BadName):
            placed(settings.RUN_DIR, row, _NAME).unlink(missing_ok=True)


def rows() -> list[str]:
    """Return the names of the files here: rows of sessions, and what was never finished."""
    try:
        return [name for name in os.listdir(settings.RUN_DIR) if _NAME.fullmatch(name)]  # noqa: PTH208 - names
    except OSError:  # no desk was ever unlocked here, or not by this user
        return []


def sweep() -> None:
    """Delete the files of desks that a limit has locked. It needs no database, and believes this machine's clock."""
    forget([row for row in rows() if not _is_open(settings.RUN_DIR / row)])


def is_due(name: str, *, every: int) -> bool:
    """Return whether `every` seconds have passed since this last returned True for `name` on this machine."""
    path = folder() / name
    try:
        due = not 0 <= time.time() - path.stat().st_mtime < every
    except FileNotFoundError:
        due = True
    if due:
        path.touch(mode=0o600)
    return due


def _unusable() -> Refused:
    message = f"{settings.RUN_DIR} cannot be used, so the desk stays locked. Tell the person who runs this server."
    return Refused(message)


def _is_open(path: Path) -> bool:
    """Return whether neither limit has passed; a file from the future is of no clock that can be believed."""
    now = time.time()
    try:
        idle = now - path.stat().st_mtime
        since = _read(path)["since"]
    except (FileNotFoundError, ValueError):
        return False
    return -1 < idle < settings.IDLE_LOCK and now - since < settings.ABSOLUTE_LOCK


def _read(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(path.read_bytes())
    return facts
