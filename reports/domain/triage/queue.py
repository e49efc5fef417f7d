"""The queue: what waits in it for a member, and how many tips that is."""

from typing import TYPE_CHECKING

from django.db.models import Count, Q

from reports.models.tips import WAITING

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.models import TipQuerySet

PAGE = 40  # tips on a page of the queue


def waiting(*, by: "User") -> dict[str, Q]:
    """Return the condition on a tip for each thing that waits, by its name in an address of the queue."""
    return WAITING | {"mine": Q(assignee=by.pk, decided=None)}


def counts(tips: "TipQuerySet", *, by: "User", **more: Q) -> dict[str, int]:
    """Return how many of these tips wait, by the same names, and of how many `more` is true, in one look at each tip.

    `tips` are those that the member may see.
    """
    conditions = waiting(by=by) | more
    numbers = {f"waits_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
    return {name.removeprefix("waits_"): number for name, number in tips.order_by().aggregate(**numbers).items()}
