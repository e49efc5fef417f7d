"""Optimistic locking of tips: an act is refused if another member has since done something that it would undo."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from reports.domain.audit.staleness import now, require_unchanged
from reports.models import Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = ["hold", "now"]


def hold(*, tip: Tip, seen: int, stale_after: Collection[str], by: "User | None" = None) -> Tip:
    """Return the tip's present row, locked until the caller's transaction ends.

    Raises EditConflict if anyone but `by` has done one of `stale_after` (acts) to it after event `seen`.
    """
    row = Tip.objects.select_for_update().get(pk=tip.pk)
    by_whom = by.get_username() if by else ""
    require_unchanged(subject=tip.reference, seen=seen, stale_after=stale_after, but_by=by_whom)
    return row
