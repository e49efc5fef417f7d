"""Optimistic locking of tips: an act is refused if a colleague has meanwhile done something that it would undo."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction

from reports.domain.audit.staleness import now, require_unchanged
from reports.models import Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = ["hold", "now"]


def hold(*, tip: Tip, by: "User", since: int, stale_after: Collection[str]) -> Tip:
    """Return the tip's present row, locked until the caller's transaction ends.

    Raises EditConflict if a colleague has done one of `stale_after` (acts) to it after event `since`, RuntimeError
    outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A tip is held for a transaction; there is none.")
    row = Tip.objects.select_for_update().get(pk=tip.pk)
    require_unchanged(subject=tip.reference, seen=since, stale_after=stale_after, but_by=by.get_username())
    return row
