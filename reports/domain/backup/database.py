"""The database of a backup: copied as it stands at one moment, looked into, and put in a new one's place."""

import os
import re
import secrets
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from reports.domain.errors import Refused
from reports.models import AuditEvent, Entry, Tip
from reports.sealing import archive

COUNTED = {"reports_tip": "tips", "reports_entry": "entries", "reports_auditevent": "events"}
LEFT = "reports_arrival"  # what public machines left there, and the desk's has not taken in
KEY_FILES = "reports_keyfilemark"
# An old session must not come alive again. Whatever has a foreign key to a table that is left out is left out as well.
LEFT_OUT = ("reports_sessionowner", "django_session")

_COPY = re.compile(rb"COPY public\.(\w+) \((.+)\) FROM stdin;\n")


@dataclass(frozen=True)
class Counts:
    """The number of tips, entries and events."""

    tips: int
    entries: int
    events: int


def engine() -> str:
    """Return the database's kind: `sqlite` or `postgresql`."""
    return connection.vendor


def clock() -> datetime:
    """Return the time by this machine's clock or by the database's, the earlier: other machines compare with both."""
    if engine() == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return min(timezone.now(), there)


@contextmanager
def copy() -> Iterator[tuple[archive.Stream, Counts]]:
    """Yield the database's content at one moment as a stream, and what is in it."""
    with _sqlite_copy() if connection.vendor == "sqlite" else _postgres_copy() as copied:
        yield copied


def contents_of(path: Path) -> tuple[Counts, set[str]]:
    """Return what a copy holds, and the tags of its entries; raises Refused for a damaged one."""
    look = _look_in_sqlite if connection.vendor == "sqlite" else _look_in_postgres
    try:
        return look(path)
    except (sqlite3.DatabaseError, subprocess.CalledProcessError) as error:
        raise Refused("The database in this backup is damaged.") from error


def newest_key_file(path: Path) -> int:
    """Return the version of the newest key file that a copy knows of; 0 for none."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
            versions = [
                version
                for (version,) in database.execute(f"SELECT version FROM {KEY_FILES}")  # noqa: S608 - ours
            ]
    else:
        with _started(
            "pg_restore", "--data-only", f"--table={KEY_FILES}", "--file=-", str(path)
        ) as stream:
            versions = [int(row["version"]) for _table, row in _rows(stream, "version")]
    return max(versions, default=0)


def replace(path: Path) -> None:
    """Put a copy in the place of this machine's empty database; raises Refused if the database does not take it."""
    connection.close()
    database: Path | None = settings.DATABASE_FILE
    if database:
        for left in database.parent.glob(f"{database.name}-*"):
            left.unlink()
        with closing(sqlite3.connect(path)) as source:
            _leave_out(source)  # older backups have the owners of sessions
        path.rename(database)
        return
    options = [
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
    ]
    try:
        listed = _run("pg_restore", "--list", str(path)).splitlines()  # before anything goes
        for table in LEFT_OUT:  # older backups have the owners of sessions
            listed = [line for line in listed if f" TABLE DATA public {table} " not in line]
        with unfinished("list") as wanted:
            wanted.write_text("\n".join(listed))
            _drop_tables()
            _run(
                "pg_restore", *options, f"--use-list={wanted}", f"--dbname={_conninfo()}", str(path)
            )
    except subprocess.CalledProcessError as error:
        raise Refused(f"PostgreSQL could not load the backup: {error.stderr.strip()}") from error


def _drop_tables() -> None:
    """Drop the empty machine's tables: those of a newer version would stand in the way of an older backup's."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")
    connection.close()


@contextmanager
def unfinished(name: str) -> Iterator[Path]:
    """Yield a new path (0600) in the state folder for a file that nobody needs afterwards."""
    path: Path = settings.STATE_DIR / f".{name}-{secrets.token_hex(4)}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _sqlite_copy() -> Iterator[tuple[archive.Stream, Counts]]:
    with unfinished("backup") as path:
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as target:
            connection.connection.backup(
                target
            )  # in one step: writers do not wait, and it begins once
            _leave_out(target)
            counts = _counts(target)
        with path.open("rb") as stream:
            yield stream, counts


def _leave_out(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA secure_delete = ON")
    for table in LEFT_OUT:
        database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own name
    database.commit()


@contextmanager
def _postgres_copy() -> Iterator[tuple[archive.Stream, Counts]]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        counts = Counts(Tip.objects.count(), Entry.objects.count(), AuditEvent.objects.count())
        arguments = [
            "--format=custom",
            "--compress=1",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
        ]
        arguments += [f"--exclude-table-data={table}" for table in LEFT_OUT]
        try:
            with _started("pg_dump", *arguments, _conninfo()) as stream:
                yield stream, counts
        except subprocess.CalledProcessError as error:
            raise Refused(f"PostgreSQL could not make a copy: {error.stderr.strip()}") from error


def _look_in_sqlite(path: Path) -> tuple[Counts, set[str]]:
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("quick_check")
        rows = database.execute(f"SELECT tag FROM reports_entry UNION SELECT tag FROM {LEFT}")  # noqa: S608 - ours
        return _counts(database), {tag for (tag,) in rows}


def _look_in_postgres(path: Path) -> tuple[Counts, set[str]]:
    """Read the three tables as pg_restore writes them out."""
    tables = [f"--table={table}" for table in (*COUNTED, LEFT)]
    counts = Counter[str]()
    tags = set()
    with _started("pg_restore", "--data-only", *tables, "--file=-", str(path)) as stream:
        for table, row in _rows(stream, "tag"):
            counts[table] += 1
            tags |= set(row.values())
    return Counts(**{noun: counts[table] for table, noun in COUNTED.items()}), tags


def _rows(lines: Iterable[bytes], column: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row of a dump's text: its table, and the column where it has that."""
    table = ""
    place = -1
    for line in lines:
        if begins := _COPY.fullmatch(line):
            table = begins[1].decode()
            columns = begins[2].decode().split(", ")
            place = columns.index(column) if column in columns else -1
        elif line == b"\\.\n":
            table = ""
        elif table:
            row = {}
            if place >= 0:
                row[column] = line.rstrip(b"\n").split(b"\t")[place].decode()
            yield table, row


def _counts(database: sqlite3.Connection) -> Counts:
    numbers = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COUNTED]  # noqa: S608 - ours
    return Counts(*numbers)


def _conninfo() -> str:
    """Return where the database is, as PostgreSQL's own programs take it; the password goes another way."""
    known = settings.DATABASES["default"] | {"NAME": connection.settings_dict["NAME"]}
    where = {name.lower(): known[name] for name in ("HOST", "PORT", "USER") if known[name]}
    return psycopg.conninfo.make_conninfo(dbname=known["NAME"], **where, **known["OPTIONS"])


def _environment() -> dict[str, str]:
    password = settings.DATABASES["default"]["PASSWORD"]
    if not password:
        return dict(os.environ)
    return os.environ | {"PGPASSWORD": password}


@contextmanager
def _started(*command: str) -> Iterator[IO[bytes]]:
    """Yield what a program of PostgreSQL's writes; raises Refused where it is missing.

    At the end raises CalledProcessError if the program failed, or was not read to its end: half a copy must be none.
    """
    with unfinished("errors") as path, path.open("w+") as errors:
        try:
            process = subprocess.Popen(  # noqa: S603 - our own names
                command, stdout=subprocess.PIPE, stderr=errors, env=_environment()
            )
        except FileNotFoundError as error:
            raise _no_program(command[0]) from error
        with process:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            yield process.stdout
        if process.returncode:
            raise subprocess.CalledProcessError(
                process.returncode, command, stderr=path.read_text()
            )


def _run(*command: str) -> str:
    """Return what a program of PostgreSQL's printed; raises CalledProcessError, and Refused where it is missing."""
    try:
        ran = subprocess.run(  # noqa: S603 - our own names
            command, env=_environment(), check=True, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise _no_program(command[0]) from error
    return ran.stdout


def _no_program(name: str) -> Refused:
    message = f"{name} is not on this server. Install the PostgreSQL client of the same version as the database."
    return Refused(message)
