"""Strict readers of the environment: a mistyped setting stops the start with a sentence."""

import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class SettingError(SystemExit):
    """An environment variable with an unusable value; the message names it and says what would be right."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Setting {name}: {problem}")


def text(name: str, default: str = "") -> str:
    """Return the variable `name`, or the content of the file that `<name>_FILE` points to, stripped."""
    file = os.environ.get(f"{name}_FILE")
    if file is None:
        return os.environ.get(name, default).strip()
    if name in os.environ:
        raise SettingError(name, f"set {name} or {name}_FILE, not both.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{name}_FILE", f"cannot read {file}: {error.strerror}.") from error


def flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no setting: 1, 0, true, false, yes, no, on or off, in any case."""
    value = text(name, "1" if default else "0").lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off", ""):
        return False
    raise SettingError(name, f"{value!r} is neither yes nor no. Use 1 or 0.")


def number(name: str, default: int, *, least: int, most: int) -> int:
    """Return a whole number between `least` and `most`."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise SettingError(name, f"{value!r} is not a whole number from {least} to {most}.")
    return int(value)


def choice(name: str, default: str, choices: Sequence[str]) -> str:
    """Return one of `choices`."""
    value = text(name, default)
    if value not in choices:
        raise SettingError(name, f"{value!r} is not one of {', '.join(choices)}.")
    return value


def items(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list, without empty items."""
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def onion(name: str) -> str:
    """Return the host name of an onion service (56 letters or digits and `.onion`), "" without one."""
    value = text(name).lower()
    if value and not re.fullmatch(r"[a-z2-7]{56}\.onion", value):
        raise SettingError(
            name,
            f"{value!r} is not an onion service's host name. Copy it from Tor's file `hostname`.",
        )
    return value


def database(name: str, *, sqlite: Path) -> dict[str, Any]:
    """Return Django's settings for the database URL in `name`; without one, the SQLite file at `sqlite`.

    `postgres://user:password@host:5432/name?option=value`; `host` may also be given as `?host=/socket/folder`, and as
    several with commas between. Behind a pooler in transaction mode add `disable_server_side_cursors=1`.
    Without IMMEDIATE, concurrent writers to SQLite fail with "database is locked". The file is opened only where it
    exists (mode=rw): SQLite would put an empty one in the place of one that is gone. A connection to it lasts for one
    request: a persistent one would go on writing into a file that a restored backup has replaced. A PostgreSQL whose
    machine has gone without a word is given up after ten seconds, and so is waiting for a row that somebody else holds;
    a pooler takes no such option from a client.
    """
    url = text(name)
    if not url:
        pragmas = (
            "journal_mode=WAL synchronous=FULL secure_delete=ON trusted_schema=OFF foreign_keys=ON"
        )
        init = " ".join(f"PRAGMA {pragma};" for pragma in pragmas.split())
        options: dict[str, Any] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": init,
        }
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{sqlite.as_uri()}?mode=rw",
            "OPTIONS": options,
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise SettingError(
            name, "use postgres://user:password@host/name, or leave it out for SQLite."
        )
    options = {"connect_timeout": 3, "tcp_user_timeout": 10_000} | dict(parse_qsl(parts.query))
    pooled = options.pop("disable_server_side_cursors", "0") == "1"
    if not pooled:
        options = {"options": "-c lock_timeout=10s"} | options
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,  # a pooler in transaction mode would lose them
    }


def run_folder(name: str, *, state: Path) -> Path:
    """Return the folder in the machine's memory that all its processes with this state folder share.

    It is the one in `name`, or systemd's RuntimeDirectory; otherwise a folder of this user's and state folder's own.
    Where a machine has no folder in memory, it lies in the state folder.
    """
    if given := text(name) or os.environ.get("RUNTIME_DIRECTORY", ""):
        return Path(given).absolute()
    memory = next(filter(os.path.isdir, (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm")), None)  # noqa: S108
    mark = hashlib.sha256(f"{os.getuid()} {state}".encode()).hexdigest()[:16]
    if memory:
        return Path(memory) / f"streetlight-{mark}"
    return state / "run"


def kept_secret(name: str, *, path: Path) -> str:
    """Return the secret in `name` or in the file `path`, which is created (0600, 384 random bits) if missing."""
    if value := text(name):
        return value
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingError(
            "STATE_DIR", f"cannot write {path}: {error.strerror}. Is its disk mounted?"
        ) from error
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        owner = f"If it belongs to another user, run: chown -R streetlight: {path.parent}"
        raise SettingError("STATE_DIR", f"cannot read {path}: {error.strerror}. {owner}") from error
