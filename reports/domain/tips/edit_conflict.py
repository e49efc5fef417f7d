"""Optimistic locking of tips: an act is refused if a colleague has meanwhile done something that it would undo.

A page carries the number of the newest audit event at the time of rendering (`now`). An act sends the number back and
names the acts that make it stale; it is refused if a colleague has done one of these to the tip since.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction

from reports.domain.errors import EditConflict
from reports.models import AuditEvent, Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def now() -> int:
    """Return the number of the newest audit event; call it before reading what a page shows."""
    return AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def hold(*, tip: Tip, seen: int, stale_after: Collection[str], by: "User | None" = None) -> Tip:
    """Return the tip's present row, locked until the caller's transaction ends.

    Raises EditConflict if anybody but `by` has done one of `stale_after` (acts) to it after event `seen`, RuntimeError
    outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A tip is held for a transaction; there is none.")
    row = Tip.objects.select_for_update().get(pk=tip.pk)
    theirs = AuditEvent.objects.filter(subject=tip.reference, seq__gt=seen, act__in=stale_after)
    if event := (theirs.exclude(actor=by.get_username()) if by else theirs).order_by("-seq").first():
        raise EditConflict(event)
    return row
