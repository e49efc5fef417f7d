"""Counts with an upper bound, which cost the same in a store of any size."""

from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.formats import number_format

MOST = 99  # shown as "99+" beyond that


class Count(NamedTuple):
    """A count; `more` says that there are more than `number`."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        """Return it for a page: `99+` says that there are more."""
        return number_format(self.number, force_grouping=True) + ("+" if self.more else "")


def count(*parts: QuerySet[Any]) -> Count:
    """Count the rows of disjoint querysets, reading at most MOST + 1 of each.

    Each queryset must be in the order of an index that finds its rows. Otherwise PostgreSQL, which expects the rows
    all over the table, reads the table from its beginning, where the oldest are.
    """
    number = 0
    for part in parts:
        number += part[: MOST + 1].count()
        if number > MOST:
            break
    return Count(min(number, MOST), more=number > MOST)
