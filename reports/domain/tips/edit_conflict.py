"""Two officers never overwrite each other: an act is refused when a colleague has done what it would undo, since.

A page carries the number of the record's newest event as it was drawn (`now`). An act sends it back, and names the acts
of the record that make it stale; it is done only when no colleague has done one of these to the tip since that number.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction

from reports.domain.errors import Meanwhile
from reports.models import AuditEvent, Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def now() -> int:
    """Return the number of the record's newest event; to be asked before what a page shows is read."""
    return AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def hold(*, tip: Tip, by: "User", since: int, stale_after: Collection[str]) -> Tip:
    """Return the tip as it is now, locked until the caller's transaction ends.

    Raises Meanwhile when a colleague has done one of `stale_after` to it after event `since`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A tip is held for a transaction; there is none.")
    held = Tip.objects.select_for_update().get(pk=tip.pk)
    theirs = AuditEvent.objects.filter(subject=tip.reference, seq__gt=since, act__in=stale_after)
    if event := theirs.exclude(actor=by.get_username()).order_by("-seq").first():
        raise Meanwhile(event)
    return held
