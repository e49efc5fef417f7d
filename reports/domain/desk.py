"""The desk's files: who runs it, which key seals, and what the public form must know without a database."""

import json
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from newsroom.domain.appeals import open_appeals
from reports.domain.errors import DeskBroken, Refused
from reports.sealing import keyring


@dataclass(frozen=True)
class Profile:
    """Who runs the desk, in the words that the public pages print."""

    controller: str = field(default_factory=lambda: _("the people who run this site"))
    address: str = ""
    contact: str = ""  # where questions about data go; never where tips go
    safeguarding: str = ""
    duty: str = ""  # the duty person's name
    duty_email: str = ""  # where content-free notices go
    reading_days: str = field(default_factory=lambda: _("most days"))
    demo: bool = False


@dataclass(frozen=True)
class AppealPrompt:
    """What the form shows for a story's appeal."""

    title: str
    prompt: str
    open: bool
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormState:
    """What the public form knows of the rest: whether the line is open, and the appeals by key."""

    line: str = "open"  # open, unwatched or closed
    appeals: dict[str, AppealPrompt] = field(default_factory=dict)


def folder() -> Path:
    """Return the folder of the desk's keys, made (0700) when missing."""
    path: Path = settings.STATE_DIR / "desk"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file whole and durably: a reader sees the old one or the new one, never half."""
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Make a folder's names durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def empty_write_ahead_log() -> None:
    """Make SQLite forget deleted pages: they stay readable in its write-ahead log until a checkpoint.

    A reader that is at work makes the checkpoint a partial one, so the chores do it again each minute.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def public_key() -> keyring.DeskPub:
    """Return the desk's current public key from `desk.pub`; raises DeskBroken with what to do."""
    path = settings.STATE_DIR / "desk" / "desk.pub"
    try:
        return _parsed(path, _desk_pub)
    except FileNotFoundError as error:
        said = _("There is no %(path)s. Run `./dev manage desk_setup`, or copy it from the desk.")
        raise DeskBroken(said % {"path": path}) from error
    except (OSError, ValueError, keyring.DeskPubMalformed) as error:
        said = _("%(path)s cannot be used. Copy it again from the desk or from a backup.")
        raise DeskBroken(said % {"path": path}) from error


def profile() -> Profile:
    """Return who runs the desk; the plain default when nobody has said so yet."""
    try:
        return _parsed(settings.STATE_DIR / "desk" / "profile.json", _profile)
    except (OSError, ValueError):
        return Profile()


def save_profile(new: Profile) -> None:
    """Keep who runs the desk."""
    write(folder() / "profile.json", json.dumps(asdict(new), indent=1).encode(), mode=0o644)


def form_state() -> FormState:
    """Return what the public form must know; an open line without appeals when the file is missing or damaged."""
    try:
        return _parsed(settings.STATE_DIR / "form.json", _form_state)
    except (OSError, ValueError, TypeError, AttributeError):
        return FormState()


def refresh_form(*, line: str = "open") -> None:
    """Write what the public form must know; unchanged facts leave the file alone."""
    appeals = {
        appeal.key: asdict(AppealPrompt(appeal.title, appeal.prompt, appeal.open, appeal.questions))
        for appeal in open_appeals()
    }
    state = json.dumps({"line": line, "appeals": appeals}, indent=1, sort_keys=True).encode()
    path = settings.STATE_DIR / "form.json"
    if not path.exists() or path.read_bytes() != state:
        write(path, state, mode=0o644)


def require_empty() -> None:
    """Refuse to make a desk where one already is: its tips could never be opened again."""
    for name in ("desk.pub", "ring.age"):
        if (folder() / name).exists():
            said = _("There is already a desk here (%(path)s). Nothing was changed.")
            raise Refused(said % {"path": folder() / name})


def _prompt(*, questions: Iterable[str] = (), **facts: Any) -> AppealPrompt:
    return AppealPrompt(questions=tuple(questions), **facts)


def _parsed[Found](path: Path, parse: Callable[[bytes], Found]) -> Found:
    """Return what `parse` makes of a file: once for as long as it is the same file, by number, time and size."""
    at = os.stat(path)  # noqa: PTH116 - one call, where a Path makes several
    found: Found = _parse(path, parse, (at.st_ino, at.st_mtime_ns, at.st_size))
    return found


@lru_cache(maxsize=16)
def _parse[Found](path: Path, parse: Callable[[bytes], Found], _stamp: tuple[int, ...]) -> Found:
    return parse(path.read_bytes())


def _desk_pub(data: bytes) -> keyring.DeskPub:
    return keyring.parse_desk_pub(data.decode("ascii"))


def _profile(data: bytes) -> Profile:
    return Profile(**json.loads(data))


def _form_state(data: bytes) -> FormState:
    raw = json.loads(data)
    appeals = {key: _prompt(**facts) for key, facts in raw.get("appeals", {}).items()}
    return FormState(line=raw.get("line", "open"), appeals=appeals)
