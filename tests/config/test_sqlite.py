"""Kept connections: one for many requests, and never to a file that is not the database any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from config import env
from config.sqlite import base as sqlite


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "db.sqlite3"


@pytest.fixture
def database(
    file: Path, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[BaseDatabaseWrapper]:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with django_db_blocker.unblock():
        found = ConnectionHandler({"default": env.database("DATABASE_URL", sqlite=file)})["default"]
        yield found
        found.close()


def ask(database: BaseDatabaseWrapper, sql: str) -> list[tuple[object, ...]]:
    """Ask as a request does: Django looks at the connection before and after."""
    database.close_if_unusable_or_obsolete()
    with database.cursor() as cursor:
        rows = list(cursor.execute(sql).fetchall())
    database.close_if_unusable_or_obsolete()
    return rows


def test_a_connection_is_kept_from_request_to_request(database: BaseDatabaseWrapper) -> None:
    ask(database, "CREATE TABLE told (words)")
    kept = database.connection
    assert ask(database, "SELECT * FROM told") == []
    assert kept is not None
    assert database.connection is kept


def test_a_database_that_was_put_back_is_the_one_that_is_written(database: BaseDatabaseWrapper, file: Path) -> None:
    ask(database, "CREATE TABLE told (words)")
    ask(database, "INSERT INTO told VALUES ('before')")
    database.close()
    backup = file.read_bytes()
    ask(database, "INSERT INTO told VALUES ('after')")
    for end in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{end}").rename(file.with_name(f"old{end}"))
    file.write_bytes(backup)
    assert ask(database, "SELECT * FROM told") == [("before",)]


def test_a_database_that_is_gone_is_missed_at_once(database: BaseDatabaseWrapper, file: Path) -> None:
    ask(database, "CREATE TABLE told (words)")
    file.rename(file.with_name("old"))
    file.mkdir()
    with pytest.raises(OperationalError):
        ask(database, "SELECT * FROM told")


def test_json_is_known_without_asking(database: BaseDatabaseWrapper) -> None:
    """Django would ask in a transaction, which on SQLite begins by writing; while another writes it learns wrongly."""

    def refuse(*args: object) -> None:
        raise OperationalError("database is locked")

    with database.execute_wrapper(refuse):
        assert database.features.supports_json_field
    assert ask(database, "SELECT json_object('told', 1)") == [('{"told":1}',)]


@pytest.mark.parametrize("blanks", [0, sqlite.LONG])
def test_places_of_values_are_found_in_a_statement_of_any_length_and_form(
    database: BaseDatabaseWrapper, blanks: int
) -> None:
    numbered = f"SELECT '100%%', %s,{' ' * blanks} '%%s', %s"
    named = f"SELECT '100%%', %(one)s,{' ' * blanks} %(two)s, %(one)s"
    for values in (("a", "b"), ("%s", "?")):
        with database.cursor() as cursor:
            assert cursor.execute(numbered, values).fetchall() == [("100%", values[0], "%s", values[1])]
            asked = dict(zip(("one", "two"), values, strict=True))
            assert cursor.execute(named, asked).fetchall() == [("100%", values[0], values[1], values[0])]
