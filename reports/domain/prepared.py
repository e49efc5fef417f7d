"""A query that the ORM writes into SQL once and that is then only run: writing it takes longer than running it."""

import secrets
from typing import Any

from django.db import connection
from django.db.models import QuerySet

BLANK = secrets.token_hex(32)  # stands in a query for the text that each run gives; nothing else is ever equal to it

type Row = dict[str, Any]


class Prepared:
    """One `values()` query with a BLANK in it; the engine is the one that there was when it was prepared."""

    def __init__(self, query: "QuerySet[Any, Row]", *, names: tuple[str, ...]) -> None:
        """Take a query and what its columns shall be called, in their order. Raises DatabaseError."""
        compiler = query.query.get_compiler(connection=connection)
        self._sql, params = compiler.as_sql()
        self._params = [str(param) if isinstance(param, str) else param for param in params]  # an Enum binds slowly
        chosen = [expression for expression, *_ in compiler.select[: compiler.col_count]]
        self._read_by = list(compiler.get_converters(chosen).items())
        self._names = names

    def run(self, text: str) -> list[Row]:
        """Return the rows for a text in place of BLANK. Raises DatabaseError."""
        params = [text if param == BLANK else param for param in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            return [self._row(list(values)) for values in cursor.fetchall()]

    def _row(self, values: list[Any]) -> Row:
        """Name the values, each as the ORM would have read it."""
        for place, (converters, expression) in self._read_by:
            for converter in converters:
                values[place] = converter(values[place], expression, connection)
        return dict(zip(self._names, values, strict=True))
