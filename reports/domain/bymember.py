"""Queries that every page of the desk asks: their SQL is put together once, and only the member's key set each time.

Django takes ten times as long to put such a query together as the database takes to answer it.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import connection

if TYPE_CHECKING:
    from django.db.models import QuerySet

NOBODY = -(2**31) + 1  # the key of the member that stands in while the SQL is put together: no row has it


class ByMember:
    """A query by member, given as a function to a queryset of plain values (`values_list`) that no date goes into."""

    def __init__(self, rows: "Callable[[User], QuerySet[Any, tuple[Any, ...]]]") -> None:
        """Take the function; it is called once, for a member that stands in for all others."""
        self._rows = rows

    def __call__(self, user: User) -> list[tuple[Any, ...]]:
        """Return the rows, as the database's driver gives them."""
        sql, values = self._sql
        with connection.cursor() as cursor:
            cursor.execute(sql, [user.pk if value == NOBODY else value for value in values])
            return list(cursor.fetchall())

    @cached_property
    def _sql(self) -> tuple[str, tuple[Any, ...]]:
        sql, values = self._rows(User(pk=NOBODY)).query.sql_with_params()
        return sql, tuple(values)
