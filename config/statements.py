"""Statements in SQL of our own, for what is done so often that the ORM would take longer than the engine."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection


def stored(value: Any) -> Any:
    """Return a value as the database is given it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def beside(*, planned: bool) -> Any:
    """Return a cursor that sends values beside the statement; `planned`: an engine may plan it once in a connection.

    SQLite's cursors do so anyway. Django's for PostgreSQL write the values into the statement: planning it each time
    takes longer than answering, and bytes become twice as long.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    made = _cursor(planned=planned)(connection.connection)
    return connection._prepare_cursor(made)  # type: ignore[attr-defined] # noqa: SLF001 - as `connection.cursor` does


@cache
def _cursor(*, planned: bool) -> Any:
    from psycopg import Cursor  # noqa: PLC0415 - SQLite's processes need not load it

    class Planned(Cursor[Any]):
        def execute(self, *given: Any, **options: Any) -> Any:
            # For this statement alone: of all others psycopg would keep the words, and what Django wrote into them.
            self.connection.prepare_threshold = 0
            try:
                return super().execute(*given, **options)
            finally:
                self.connection.prepare_threshold = None

    return Planned if planned else Cursor


def run_with(rows: Sequence[Sequence[Any]], sql: str) -> None:
    """Run a statement for all these rows at once: they stand in the place of `{rows}`, a VALUES without its word.

    One for each row takes three times as long. Values are in the database's types, as `stored` gives them.
    """
    if rows:
        places = f"({', '.join(['%s'] * len(rows[0]))})"
        with beside(planned=False) as cursor:
            cursor.execute(sql.format(rows=", ".join([places] * len(rows))), list(chain.from_iterable(rows)))
