"""What goes wrong with a machine's database for a while: each takes the machine, and at its end all is as before."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, contextmanager

import psycopg
import pytest
from psycopg import sql

from tests.system.harness.databases import maintain, name_of
from tests.system.harness.homes import Home

type Trouble = Callable[[Home], AbstractContextManager[None]]

END = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}")


@contextmanager
def nothing(home):
    """Let everything be well."""
    yield


@contextmanager
def away(home):
    """Take the database away: a folder stands where SQLite's file was; PostgreSQL ends and refuses connections."""
    if home.database_url:
        with _altered(home, "ALLOW_CONNECTIONS {}", "false", "true"):
            yield
        return
    kept = home.database.with_name("kept.sqlite3")
    home.database.rename(kept)
    home.database.mkdir()
    yield
    home.database.rmdir()
    kept.rename(home.database)


@contextmanager
def deleted(home):
    """Delete SQLite's file; nothing may make an empty one until it is put back."""
    kept = home.path / "kept"
    kept.mkdir()
    for path in home.state.glob("db.sqlite3*"):
        shutil.move(path, kept)
    yield
    assert not home.database.exists(), "something made an empty one"
    for path in kept.iterdir():
        shutil.move(path, home.state)
    kept.rmdir()


@contextmanager
def damaged(home):
    """Fill SQLite's file with noise, as a dying disk does; on PostgreSQL let the table of tips be gone."""
    if home.database_url:
        with psycopg.connect(home.database_url, autocommit=True) as owner:
            owner.execute("ALTER TABLE reports_tip RENAME TO reports_tip_lost")
            yield
            owner.execute("ALTER TABLE reports_tip_lost RENAME TO reports_tip")
        return
    copy = home.database.with_name("kept.sqlite3")
    shutil.copy2(home.database, copy)
    with home.database.open("r+b") as file:
        file.write(os.urandom(copy.stat().st_size))
    yield
    for left in home.state.glob("db.sqlite3-*"):
        left.unlink()
    copy.replace(home.database)


@contextmanager
def held(home):
    """Hold the database, or on PostgreSQL the table of tips, so that nobody else can even read it."""
    if home.database_url:
        with psycopg.connect(home.database_url) as holder:
            holder.execute("LOCK TABLE reports_tip IN ACCESS EXCLUSIVE MODE")
            yield
        return
    with closing(sqlite3.connect(home.database, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(home.database, timeout=0).execute(
                "SELECT 1 FROM reports_tip"
            ).fetchall()
        yield


@contextmanager
def written(home):
    """Hold SQLite's one place for a writer, as a long backup or a stuck command does."""
    with closing(sqlite3.connect(home.database, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def read_only(home):
    """Refuse every write: PostgreSQL by its own setting, SQLite by a trigger, as root may write any file."""
    if home.database_url:
        with _altered(home, "SET default_transaction_read_only = {}", "on", "off"):
            yield
        return
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON reports_tip BEGIN SELECT RAISE(ABORT, 'read-only'); END"
    with closing(sqlite3.connect(home.database, timeout=20)) as database:
        database.execute(refuse)
        yield
        database.execute("DROP TRIGGER refuse")


@contextmanager
def _altered(home, setting, *values):
    """Let a PostgreSQL database have the first of two values meanwhile, in every connection."""
    name = name_of(home.database_url)
    first, second = (
        sql.SQL("ALTER DATABASE {} " + setting).format(sql.Identifier(name), sql.SQL(value))
        for value in values
    )
    maintain(home.database_url, first)
    maintain(home.database_url, END.format(sql.Literal(name)))
    yield
    maintain(home.database_url, second)
    maintain(home.database_url, END.format(sql.Literal(name)))
