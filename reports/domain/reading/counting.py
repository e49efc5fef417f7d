"""Counts that cost the same however much there is: nobody needs to know whether 300 or 400,000 wait."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, lru_cache, partial, wraps
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import QuerySet, Value

from config.prepared import Prepared

MOST = 99  # as everybody knows it from unread mail: "99+"
NOBODY = -(2**31) + 1  # the key of the member that stands in while a count is written into SQL: no row has it
type Rows = QuerySet[Any] | Sequence[QuerySet[Any]]


class Count(NamedTuple):
    """How many there are, as far as anybody counted."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        """Return it for a page: `99+` says that there are more."""
        return f"{self.number:,}{'+' if self.more else ''}"


def for_each(rows: Callable[[User], Rows]) -> Callable[[User], Count]:
    """Return what counts, for a member, the rows that the function gives; looks at `MOST` and one in each part of them.

    Parts have no row in common, and each is to be in the order of an index that finds it. Without one PostgreSQL, which
    expects the wanted rows all over the table, reads it from its beginning, where the oldest lie.
    """

    @cache
    def written() -> list[Prepared]:
        asked = rows(User(pk=NOBODY))
        parts = [asked] if isinstance(asked, QuerySet) else asked
        return [Prepared(partial(_some, part), member=NOBODY) for part in parts]

    @wraps(rows)
    def counted(user: User) -> Count:
        found = 0
        for part in written():
            found += len(part.run(member=user.pk))
            if found > MOST:
                break
        return Count(min(found, MOST), more=found > MOST)

    return counted


def _some(rows: "QuerySet[Any]") -> "QuerySet[Any, Any]":
    # A number for each, not its key: to make a hundred keys would take longer than to find them.
    return rows.values_list(Value(1))[: MOST + 1]


def of_day(rows: Callable[[User, date], Rows]) -> Callable[[User, date], Count]:
    """Return what counts in the same way rows that the day decides too; its SQL is written once a day."""

    @lru_cache(maxsize=1)
    def count_of(day: date) -> Callable[[User], Count]:
        return for_each(lambda user: rows(user, day))

    @wraps(rows)
    def counted(user: User, day: date) -> Count:
        return count_of(day)(user)

    return counted
