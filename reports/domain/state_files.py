"""The desk's files: its profile, its public key, and the facts that the public form needs without a database.

Every package reads them, so this stands below all but `errors`.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from newsroom.domain import request_rebuild
from newsroom.domain.appeals import AppealState, public_appeals
from reports.domain.errors import DeskBroken, Refused
from reports.sealing import keyring

# Files that lie there from the beginning to the end of it.
RESTORING = "restoring"
SETUP = "setup-unfinished"
AWAITS = Path("/etc/streetlight/awaits-restore")  # deploy/install --without-desk leaves it
SHEET_UNCHECKED = "sheet-unchecked"  # lies there until the sheet has opened a backup
UNFINISHED_AFTER = 3600  # seconds after which a file that was never renamed is rubbish


@dataclass(frozen=True)
class Profile:
    """Whom the desk tells, and how the police reach it: on no public page, so not in the folder of the place."""

    safeguarding: str = ""
    safeguarding_adults: str = ""  # who is told of an adult who cannot protect themselves
    duty: str = ""  # the duty person's name
    duty_email: str = ""  # where content-free notices go
    phone: str = ""  # the desk's own number, printed on referrals alone, for whoever compares one


@dataclass(frozen=True)
class FormState:
    """The facts that the public form needs: the state of the line, and the appeals by key."""

    line: str = "open"  # open, unwatched or closed
    appeals: dict[str, AppealState] = field(default_factory=dict)


def command(name: str) -> str:
    """Return how one of the project's commands is called on this machine, in quotes for a sentence."""
    return f"`{settings.MANAGE_COMMAND} {name}`"


def folder() -> Path:
    """Return the folder of the desk's keys, made (0700) when missing."""
    path: Path = settings.STATE_DIR / "desk"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def has_files() -> bool:
    """Return whether any file is in the desk's folder: then there was a desk here, whatever is missing of it."""
    path: Path = settings.STATE_DIR / "desk"
    return path.is_dir() and any(path.iterdir())


def has_file(name: str) -> bool:
    """Return whether this file is in the desk's folder, which is not made for the question."""
    path: Path = settings.STATE_DIR / "desk" / name
    return path.exists()


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock of this name among the desk's files: one process or thread at a time."""
    with open(folder() / name, "w") as lock:  # noqa: PTH123 - flock wants the handle
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def unfinished(home: Path, data: bytes) -> Iterator[Path]:
    """Write a file (0600) durably into a folder under a hidden name, and lend it; what was not renamed is deleted."""
    path = home / f".{secrets.token_hex(8)}"
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def clear_unfinished(home: Path) -> None:
    """Delete what lies in a folder since `unfinished` was killed there, an hour ago or more: nobody was told of it."""
    for path in home.glob("." + 16 * "[0-9a-f]"):
        with suppress(OSError):  # most often it was being written, and has its name now
            if path.stat().st_mtime < time.time() - UNFINISHED_AFTER:
                path.unlink()


def write(path: Path, data: bytes) -> None:
    """Replace a file (0600) whole and durably: a reader sees the old one or the new one, never half."""
    with unfinished(path.parent, data) as new:
        new.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Make a folder's names durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget_times(*paths: Path) -> None:
    """Set the times of these, of the state folder and of SQLite's files to midnight: theirs tell when a tip came.

    The kernel's own time of this change stays: maintenance, by calling this each minute, makes it its own.
    """
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    name: Path | None = settings.DATABASE_FILE
    files = [Path(f"{name}{suffix}") for suffix in ("", "-wal", "-shm") if name]
    for path in (*paths, *files, settings.STATE_DIR):
        with suppress(OSError):  # it is not there, or is somebody else's
            os.utime(path, (midnight, midnight))


def empty_write_ahead_log() -> None:
    """Checkpoint SQLite's write-ahead log, in which deleted pages stay readable until then.

    A concurrent reader makes the checkpoint partial, so maintenance repeats it each minute.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def public_key() -> keyring.DeskPub:
    """Return the desk's current public key from `desk.pub`; raises DeskBroken with what to do."""
    path = settings.STATE_DIR / "desk" / "desk.pub"
    try:
        require_restored()
        if setup_is_unfinished():
            message = "The setup of this desk was interrupted. Run %(command)s again."
            raise DeskBroken(message % {"command": command("desk_setup")})
        return _parsed(path, _desk_pub)
    except FileNotFoundError as error:
        message = "There is no %(path)s. Run %(command)s, or copy the file from the desk’s server."
        raise DeskBroken(message % {"path": path, "command": command("desk_setup")}) from error
    except (OSError, ValueError, keyring.KeyringError) as error:
        message = "%(path)s cannot be used. Copy it again from the desk’s server or from a backup."
        raise DeskBroken(message % {"path": path}) from error


def node_id() -> str:
    """Return this state folder's random id among the machines of the site, made when missing."""
    path = settings.STATE_DIR / "node"
    if not path.exists():
        write(path, secrets.token_hex(16).encode())
    return str(path.read_text(encoding="ascii"))


def take_public_key(*, text: str, compared: str) -> None:
    """Store a newer `desk.pub` on a public machine, if its fingerprint is the one that somebody read elsewhere.

    All 25 digits count: whoever swaps the text could make a key that ends alike. Raises Refused.
    """
    if settings.SITE_ROLE != "public":
        raise Refused(
            "Only public servers take the key from elsewhere. This server has the key file. Nothing was changed."
        )
    try:
        new = keyring.parse_desk_pub(text)
    except keyring.KeyringError as error:
        raise Refused(
            "These are not the two lines of a desk.pub file. Nothing was changed."
        ) from error
    if "".join(compared.split()) != keyring.fingerprint(new.recipient).replace(" ", ""):
        raise Refused(
            "That is not this key’s fingerprint. Nothing was changed. Find out whose key it is."
        )
    with suppress(DeskBroken):
        if new.index < (old := public_key().index):
            message = f"This is desk key {new.index}, but this server already has key {old}. Nothing was changed."
            raise Refused(message)
    write(folder() / "desk.pub", text.encode("ascii"))


def sheet_line(key: keyring.DeskPub) -> str:
    """Return the line of a desk key, as it stands on the recovery sheet."""
    return f"Desk key {key.index}: {keyring.fingerprint(key.recipient)}"


def profile() -> Profile:
    """Return the desk's profile; an empty one before it is set."""
    try:
        return _parsed(settings.STATE_DIR / "desk" / "profile.json", _profile)
    except (OSError, ValueError):
        return Profile()


def save_profile(new: Profile) -> None:
    """Store the desk's profile."""
    write(folder() / "profile.json", json.dumps(asdict(new), indent=1).encode())


def form_state() -> FormState:
    """Return the form's facts; an open line without appeals if the file is missing or damaged."""
    try:
        return _parsed(settings.STATE_DIR / "form.json", _form_state)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return FormState()


def refresh_form(*, line: str = "") -> None:
    """Write the form's facts to their file, if they have changed; without a `line` its state stays."""
    appeals = {appeal.key: asdict(appeal) for appeal in public_appeals()}
    state = json.dumps(
        {"line": line or form_state().line, "appeals": appeals}, indent=1, sort_keys=True
    ).encode()
    _write_if_changed(settings.STATE_DIR / "form.json", state)


def publish(name: str, rows: Iterable[Any]) -> None:
    """Write rows that public pages print to a file, if they have changed, and have the pages made again."""
    if _write_if_changed(settings.STATE_DIR / name, json.dumps(list(rows)).encode()):
        request_rebuild.request_rebuild(articles=[])


def published[Row](name: str, parse: Callable[[Any], Row]) -> list[Row]:
    """Return `parse` of each row that `publish` wrote, in their order; none if the file is missing or damaged."""
    try:
        return [parse(row) for row in json.loads((settings.STATE_DIR / name).read_bytes())]
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return []


def _write_if_changed(path: Path, data: bytes) -> bool:
    """Write a file unless it holds this already, and return whether it was written."""
    if path.exists() and path.read_bytes() == data:
        return False
    write(path, data)
    return True


def is_restoring() -> bool:
    """Return whether a restore has begun here and not come to its end: what was deleted may be back, for the moment."""
    return has_file(RESTORING)


def setup_is_unfinished() -> bool:
    """Return whether `desk_setup` has begun to make keys here and has not come to its end."""
    return has_file(SETUP)


def is_missing() -> bool:
    """Return whether an installed machine has no file of its desk: its disk is lost, or not mounted."""
    has_desk = settings.MANAGE_COMMAND == "streetlight" and settings.SITE_ROLE != "public"
    return has_desk and not has_files() and not awaits_restore()


def awaits_restore() -> bool:
    """Return whether this machine was installed for a backup, and none has been restored yet."""
    return AWAITS.exists() and not has_file("keyring.age")


def begin(what: str) -> None:
    """Let nothing be received here until the `end` of RESTORING or SETUP, whatever ends this process meanwhile."""
    write(folder() / what, b"")


def end(what: str) -> None:
    """Let the desk work: it is made, or the one that was."""
    (folder() / what).unlink()
    sync(folder())


def require_restored() -> None:
    """Raise DeskBroken while a restore has not come to its end."""
    if is_restoring():
        message = f"A restore on this server was interrupted. Run {command('restore')} again, from the same backup."
        raise DeskBroken(message)


def require_empty() -> None:
    """Refuse to make a desk where one already is: its tips could never be opened again."""
    require_restored()
    for name in ("desk.pub", "keyring.age"):
        if (folder() / name).exists():
            message = f"There is already a desk here ({folder() / name}). Nothing was changed."
            raise Refused(message)


def _parsed[T](path: Path, parse: Callable[[bytes], T]) -> T:
    """Return `parse` of a file's content, cached while its inode, time and size are the same."""
    stat = os.stat(path)  # noqa: PTH116 - one call, where a Path makes several
    parsed: T = _parse(path, parse, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return parsed


@lru_cache(maxsize=16)
def _parse[T](path: Path, parse: Callable[[bytes], T], _stamp: tuple[int, ...]) -> T:
    return parse(path.read_bytes())


def _desk_pub(data: bytes) -> keyring.DeskPub:
    return keyring.parse_desk_pub(data.decode("ascii"))


def _profile(data: bytes) -> Profile:
    return Profile(**_known(Profile, json.loads(data)))


def _known(kind: type, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that this version knows of: an older or a newer one may have written the file."""
    known = {field.name for field in fields(kind)}
    return {name: value for name, value in facts.items() if name in known}


def _form_state(data: bytes) -> FormState:
    raw = json.loads(data)
    appeals = {key: _appeal(facts) for key, facts in raw.get("appeals", {}).items()}
    return FormState(line=raw.get("line", "open"), appeals=appeals)


def _appeal(facts: dict[str, Any]) -> AppealState:
    return AppealState(**_known(AppealState, facts) | {"questions": tuple(facts["questions"])})
