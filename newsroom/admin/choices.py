"""Short lists of choices, however many rows there are."""

from typing import Any

from django.db.models import Model, Q, QuerySet

MOST = 100


def recent[Row: Model](rows: "QuerySet[Row]", *, keep: Any = None) -> "QuerySet[Row]":
    """Return the newest rows, and the row whose primary key is `keep`, however old."""
    newest = list(rows.order_by("-pk").values_list("pk", flat=True)[:MOST])
    offered = Q(pk__in=newest)
    if str(keep or "").isdecimal():
        offered |= Q(pk=int(str(keep)))
    return rows.filter(offered)
