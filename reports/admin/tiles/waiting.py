"""The tiles of the queue: urgent, unread, mine, and what nobody has taken."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.urls import reverse

from reports.domain.reading import counting
from reports.models import Tip, TipQuerySet


@counting.for_each
def urgent(user: User) -> TipQuerySet:
    """Count urgent tips that nobody has acknowledged."""
    return Tip.objects.urgent_waiting().visible_to(user, counted=True).in_reading_order()


@counting.for_each
def unread(user: User) -> TipQuerySet:
    """Count tips that hold something nobody has read."""
    return Tip.objects.unread().visible_to(user, counted=True).in_reading_order()


@counting.for_each
def answers(user: User) -> TipQuerySet:
    """Count unread tips whose sender has answered from their mailbox."""
    return Tip.objects.answered().visible_to(user, counted=True).in_reading_order()


@counting.for_each
def mine(user: User) -> TipQuerySet:
    """Count the member's own tips that are not decided."""
    return Tip.objects.undecided().filter(assignee=user.pk).visible_to(user, counted=True).in_reading_order()


@counting.for_each
def nobodys(user: User) -> TipQuerySet:
    """Count the tips that are not decided and that nobody has taken."""
    return Tip.objects.undecided().filter(assignee=None).visible_to(user, counted=True).in_reading_order("assignee")


def at(what: str) -> Callable[[], str]:
    """Return what leads to the queue, narrowed to what waits."""
    return lambda: f"{reverse('admin:reports_tip_changelist')}?waiting={what}"
