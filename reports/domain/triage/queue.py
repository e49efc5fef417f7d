"""The queue: what waits in it for a member, and how many tips that is."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q

from reports.models import TipQuerySet
from reports.models.tips import SAYS_SOMETHING, UNREAD, URGENT_AT_END, WAITING, WAITS

PAGE = 40  # tips on a page of the queue


def waiting(*, by: User) -> dict[str, Q]:
    """Return the condition on a tip for each number that `counts` returns: those of WAITING, and what else is counted.

    `waits` is the sum of WAITING, and `to_read` that of its first four.
    """
    more = {"waits": WAITS, "to_read": Q(rank__gte=UNREAD), "urgent_at_end": URGENT_AT_END}
    return WAITING | more | {"mine": WAITS & Q(assignee=by.pk)}


def counts(tips: TipQuerySet, *, by: User, listed: Q | None = None, **more: Q) -> dict[str, int]:
    """Return how many of these tips wait, by the same names, and of how many `more` is true, in one look at each tip.

    `tips` are those that the member may see. `all` counts them all, `listed` those of which that is true, and `lines`
    the same where tips that say the same are one.
    """
    conditions = waiting(by=by) | more
    listed = listed or Q(pk__isnull=False)
    numbers: dict[str, Any] = {
        f"waits_{name}": Count("pk", filter=each) for name, each in conditions.items()
    }
    numbers |= {"waits_all": Count("pk"), "waits_listed": Count("pk", filter=listed)}
    numbers["waits_lines"] = Count("pk", filter=listed & ~SAYS_SOMETHING) + Count(
        "alike", filter=listed & SAYS_SOMETHING, distinct=True
    )
    return {
        name.removeprefix("waits_"): number
        for name, number in tips.order_by().aggregate(**numbers).items()
    }
