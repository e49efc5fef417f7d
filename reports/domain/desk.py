"""The desk's files: who runs it, which key seals, and what the public form must know without a database."""

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from newsroom.domain import publishing
from reports.domain.errors import DeskBroken, Refused
from reports.sealing import keyring


@dataclass(frozen=True)
class Profile:
    """Who runs the desk, in the words that the public pages print."""

    controller: str = "the people who run this site"
    address: str = ""
    contact: str = ""  # where questions about data go; never where tips go
    safeguarding: str = ""
    duty: str = ""  # the duty person's name
    duty_email: str = ""  # where content-free notices go
    reading_days: str = "most days"
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


def public_key() -> keyring.DeskPub:
    """Return the desk's current public key from `desk.pub`; raises DeskBroken with what to do."""
    path = folder() / "desk.pub"
    try:
        return keyring.parse_desk_pub(path.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise DeskBroken(f"There is no {path}. Run `./dev manage desk_setup`, or copy it from the desk.") from error
    except (OSError, ValueError, keyring.DeskPubMalformed) as error:
        raise DeskBroken(f"{path} cannot be used. Copy it again from the desk or from a backup.") from error


def profile() -> Profile:
    """Return who runs the desk; the plain default when nobody has said so yet."""
    return Profile(**_read_json(folder() / "profile.json"))


def save_profile(new: Profile) -> None:
    """Keep who runs the desk."""
    write(folder() / "profile.json", json.dumps(asdict(new), indent=1).encode(), mode=0o644)


def form_state() -> FormState:
    """Return what the public form must know; an open line without appeals when the file is missing or damaged."""
    raw = _read_json(settings.STATE_DIR / "form.json")
    try:
        appeals = {key: _prompt(**facts) for key, facts in raw.get("appeals", {}).items()}
        return FormState(line=raw.get("line", "open"), appeals=appeals)
    except (TypeError, AttributeError):
        return FormState()


def form_version() -> int:
    """Return a number that changes whenever the file behind `form_state` does, and costs one look at the disk."""
    try:
        return (settings.STATE_DIR / "form.json").stat().st_mtime_ns
    except OSError:
        return 0


def refresh_form(*, line: str = "open") -> None:
    """Write what the public form must know; unchanged facts leave the file alone."""
    appeals = {
        appeal.key: asdict(AppealPrompt(appeal.title, appeal.prompt, appeal.open, appeal.questions))
        for appeal in publishing.open_appeals()
    }
    state = json.dumps({"line": line, "appeals": appeals}, indent=1, sort_keys=True).encode()
    path = settings.STATE_DIR / "form.json"
    if not path.exists() or path.read_bytes() != state:
        write(path, state, mode=0o644)


def require_empty() -> None:
    """Refuse to make a desk where one already is: its tips could never be opened again."""
    for name in ("desk.pub", "ring.age"):
        if (folder() / name).exists():
            raise Refused(f"There is already a desk here ({folder() / name}). Nothing was changed.")


def _prompt(*, questions: Iterable[str] = (), **facts: Any) -> AppealPrompt:
    return AppealPrompt(questions=tuple(questions), **facts)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
