"""A desk whose database is gone: whatever opens it refuses, so that an empty one never takes its place.

SQLite's file is opened only where it exists; `create` makes it, in a folder that never had a desk. Each new connection
refuses what another version made, and beside a desk's files looks for a keyholder: a database without one is not this
desk's.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from reports.domain import state_files
from reports.models import Member

_is_open_to_all: ContextVar[bool] = ContextVar("is_open_to_all", default=False)


class DatabaseLost(OperationalError):
    """The database is absent, or is not this desk's; it counts as one that does not answer. `str()` says what to do."""


class OtherVersion(OperationalError):
    """The database records migrations that this version does not have; `str()` says what to do, on one line."""


def file_is_absent() -> bool:
    """Return whether SQLite's file does not exist; False for PostgreSQL."""
    path: Path | None = settings.DATABASE_FILE
    return path is not None and not path.exists()


def is_gone_beside_desk() -> bool:
    """Return whether there was a desk in this state folder and SQLite's file is absent, without opening anything."""
    return file_is_absent() and _had_desk()


def is_lost() -> bool:
    """Return whether the database of the desk in this state folder is absent or holds no keyholder.

    A database that does not answer is not lost, unless PostgreSQL answers that there is none of this name.
    """
    if is_gone_beside_desk():
        return True
    try:
        connection.ensure_connection()
        return _must_be_known() and not _is_of_this_desk(connection)
    except DatabaseLost:
        return True
    except (DatabaseError, InterfaceError) as error:  # which has no code where connecting failed
        return (
            _must_be_known()
            and f'database "{connection.settings_dict["NAME"]}" does not exist' in str(error)
        )


def require() -> None:
    """Raise DatabaseLost where the database is lost."""
    if is_lost():
        raise DatabaseLost(sentence())


def require_file() -> None:
    """Raise DatabaseLost where SQLite's file has gone, though a process may still have it open."""
    if is_gone_beside_desk():
        raise DatabaseLost(sentence())


def create() -> None:
    """Make SQLite's file (0600, empty) where it is absent and there never was a desk.

    Raises DatabaseLost beside what is left of one, and DeskBroken while a restore has not come to its end.
    """
    path: Path | None = settings.DATABASE_FILE
    if path is None or path.exists():
        return
    state_files.require_restored()
    require()
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def refuse(*, connection: BaseDatabaseWrapper, **_facts: Any) -> None:
    """Close a new connection and raise DatabaseLost or OtherVersion, if its database is not this desk's or version's.

    It receives `connection_created`.
    """
    if connection.alias != "default" or _is_open_to_all.get():
        return
    try:
        _require_own_version(connection)
        is_known = not _must_be_known() or _is_of_this_desk(connection)
    except BaseException:
        connection.close()  # else the next query would go on with it, unasked
        raise
    if not is_known:
        connection.close()
        raise DatabaseLost(sentence())


@contextmanager
def opened_all_the_same() -> Iterator[None]:
    """Let this context open a database that is not this desk's: a restore looks at what it is about to replace."""
    token = _is_open_to_all.set(True)
    try:
        yield
    finally:
        _is_open_to_all.reset(token)


def recorded_migrations(opened: BaseDatabaseWrapper) -> list[str]:
    """Return which of our migrations a database records, such as `reports/migrations/0001_foundation`."""
    with opened.cursor() as cursor:
        cursor.execute(
            "SELECT app, name FROM django_migrations WHERE app IN ('reports', 'newsroom') ORDER BY app, name"
        )
        return [f"{app}/migrations/{name}" for app, name in cursor.fetchall()]


def sentence() -> str:
    """Return what happened, what it means and what to do."""
    return f"{what()}\n{how_to_restore()}"


def what() -> str:
    """Return what happened, on one line."""
    if settings.DEMO:
        return "The database of this demonstration is gone."
    if state_files.setup_is_unfinished():
        return "The setup of this desk was interrupted, and its database is gone. Nothing was received yet."
    return "The database of this desk is gone. Do not run prepare. Tips wait in the outbox."


def how_to_restore() -> str:
    """Return what to do, on several lines; each command has a line of its own and can be run as it is."""
    if settings.DEMO:
        return f"Delete the folder {settings.STATE_DIR} and start again."
    if state_files.setup_is_unfinished():
        message = "Delete the folder %(folder)s, then run %(prepare)s and %(setup)s."
        facts = {
            "prepare": state_files.command("prepare"),
            "setup": state_files.command("desk_setup"),
        }
        return message % {"folder": settings.STATE_DIR / "desk", **facts}
    first = "Restore the newest backup. You need the recovery sheet. Run:"
    last = "Tips that came after that backup and before the loss come back only from a second disk (OUTBOX_MIRROR)."
    return f"{first}\n  {restore_command()}\n{last}"


def restore_command() -> str:
    """Return the command that restores on this machine."""
    if settings.MANAGE_COMMAND == "streetlight":  # installed by deploy/install
        return f"/opt/streetlight/current/deploy/restore {_backups()}"
    return f"{settings.MANAGE_COMMAND} restore --from {_backups()}"


def _backups() -> str:
    """Return the folder with the newest backup that was made here; FOLDER where none is known."""
    try:
        known = json.loads((state_files.folder() / "backup-check.json").read_bytes())["path"]
    except (OSError, ValueError, TypeError, KeyError):
        known = ""
    if known and Path(known).exists():
        return str(Path(known).parent)
    return "FOLDER"


def _had_desk() -> bool:
    """Return whether there was a desk here, and no restore is under way."""
    if settings.SITE_ROLE == "public" or state_files.is_restoring():
        return False
    return state_files.has_files()


def _must_be_known() -> bool:
    """Return whether a database beside these files must hold a keyholder: an interrupted setup has none yet."""
    return _had_desk() and not state_files.setup_is_unfinished()


def _require_own_version(opened: BaseDatabaseWrapper) -> None:
    """Raise OtherVersion for a database that another version made and this one cannot continue.

    After a rollback it records all of our migrations, and newer ones beside them: then it serves on.
    """
    try:
        recorded = set(recorded_migrations(opened))
    except (
        DatabaseError
    ):  # no table yet, or none that this login may read: whatever is asked next says so
        return
    own = set[str]()
    for app in ("newsroom", "reports"):
        folder = settings.BASE_DIR / app / "migrations"
        own |= {f"{app}/migrations/{path.stem}" for path in folder.glob("0*.py")}
    if not (recorded - own and own - recorded):
        return
    if settings.DEMO:
        message = (
            "Another version made this demonstration. Delete the folder %(folder)s and start again."
        )
        raise OtherVersion(message % {"folder": settings.STATE_DIR})
    message = (
        "Another version made this database, and only that one can continue it: it has %(name)s, which this one lacks. "
        "Nothing was changed."
    )
    raise OtherVersion(message % {"name": min(recorded - own)})


def _is_of_this_desk(opened: BaseDatabaseWrapper) -> bool:
    """Return whether it holds a keyholder."""
    try:
        return Member.objects.using(opened.alias).exists()
    except DatabaseError:
        if Member._meta.db_table in opened.introspection.table_names():  # noqa: SLF001 - documented
            raise
        return False
