"""How the engine goes about queries, asked with the values that they ran with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Collect each query that runs meanwhile, and its values."""
    queries: list[tuple[str, Any]] = []

    def collect(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        yield queries


def plans(queries: list[tuple[str, Any]]) -> Iterator[str]:
    """Yield how the engine goes about each of these queries, with its values bound as Django binds them."""
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    for sql, params in queries:
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {sql}", params)
            yield "\n".join(str(row[-1]) for row in cursor.fetchall())
