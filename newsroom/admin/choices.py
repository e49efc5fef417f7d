"""Short lists to choose from, however much there is."""

from typing import Any

from django.db.models import Model, Q, QuerySet

MOST = 100


def recent[Row: Model](rows: "QuerySet[Row]", *, keep: Any = None) -> "QuerySet[Row]":
    """Return the newest rows, and the one whose key is `keep`, wherever it stands."""
    newest = list(rows.order_by("-pk").values_list("pk", flat=True)[:MOST])
    wanted = Q(pk__in=newest)
    if str(keep or "").isdecimal():
        wanted |= Q(pk=int(str(keep)))
    return rows.filter(wanted)
