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


def count(*parts: QuerySet[Any], most: int | None = None) -> Count:
    """Count the rows of disjoint querysets up to `most` (MOST), reading at most one more than that of each.

    Each queryset must be in the order of an index that finds its rows. Otherwise PostgreSQL, which expects the rows
    all over the table, reads the table from its beginning, where the oldest are.
    """
    number, most = 0, MOST if most is None else most
    for part in parts:
        number += part[: most + 1].count()
        if number > most:
            break
    return Count(min(number, most), more=number > most)
