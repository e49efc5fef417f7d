"""Queries that the ORM writes into SQL once, and that are then only run with other values: writing takes far longer.

A query is a queryset with marks where its values go. Its rules stay those of the querysets that it is made of, and what
it holds of settings is that of the moment at which it is first run.
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from config.statements import beside, stored

PLACES = re.compile("%%|%s")
type Converters = list[tuple[int, tuple[list[Callable[..., Any]], Any]]]


class Prepared:
    """`Prepared(lambda: Tip.objects.filter(lookup=MARK).values_list("pk"), lookup=MARK)`.

    A mark must stand nowhere else in the query, and no row may have it. The queryset is one of `values` or
    `values_list`; the engine is the one that there is at the first run. Numbers, true, false and nothing that always
    stay are written into the SQL: then the engine knows that an index of some rows has all that are asked for.
    """

    def __init__(self, write: Callable[[], QuerySet[Any, Any]], **marks: Any) -> None:
        """Take what gives the queryset, and the mark of each value by the name that the value gets."""
        self._write, self._marks = write, marks

    def run(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows with these values in place of the marks, in the ORM's own types. Raises DatabaseError."""
        sql, params, converters = self._written
        given = {name: stored(value) for name, value in values.items()}
        with beside(planned=True) as cursor:
            cursor.execute(sql, [given[name] if name else param for name, param in params])
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return [_converted(row, converters) for row in rows] if converters else rows

    @cached_property
    def _written(self) -> tuple[str, list[tuple[str | None, Any]], Converters]:
        compiler = self._write().query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        names = {stored(mark): name for name, mark in self._marks.items()}
        plain = [str(param) if isinstance(param, str) else param for param in params]  # an Enum binds slowly
        asked = [(names.get(param), param) for param in plain]
        places = ["%s" if name else _literal(param) for name, param in asked]
        bound = [one for one, place in zip(asked, places, strict=True) if place == "%s"]
        left = iter(places)
        sql = PLACES.sub(lambda found: next(left) if found[0] == "%s" else found[0], sql)
        chosen = [expression for expression, *_ in compiler.select[: compiler.col_count]]
        return sql, bound, list(compiler.get_converters(chosen).items())


def _literal(param: Any) -> str:
    """Return a plain number, true, false or an empty text as an index's condition has it; a place for all else."""
    if isinstance(param, int):
        return str(param) if connection.vendor == "postgresql" else str(int(param))
    return "''" if param == "" else "%s"


def _converted(row: tuple[Any, ...], converters: Converters) -> tuple[Any, ...]:
    values = list(row)
    for place, (steps, expression) in converters:
        for step in steps:
            values[place] = step(values[place], expression, connection)
    return tuple(values)
