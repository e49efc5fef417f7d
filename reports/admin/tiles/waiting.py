"""The tiles of the queue: urgent, unread, mine, and what nobody has taken."""

from collections.abc import Callable

from django.contrib.auth.models import User
from django.urls import reverse

from reports.domain.triage.bounded_count import Count, count
from reports.models import Tip


def urgent(user: User) -> Count:
    """Count urgent tips that nobody has acknowledged."""
    return count(Tip.objects.urgent_waiting().visible_to(user).in_reading_order())


def unread(user: User) -> Count:
    """Count tips that hold something nobody has read."""
    return count(Tip.objects.unread().visible_to(user).in_reading_order())


def answers(user: User) -> Count:
    """Count unread tips whose sender has answered from their mailbox."""
    return count(Tip.objects.answered().visible_to(user).in_reading_order())


def mine(user: User) -> Count:
    """Count the member's own tips that are not decided."""
    return count(Tip.objects.undecided().filter(assignee=user.pk).visible_to(user).in_reading_order())


def nobodys(user: User) -> Count:
    """Count the tips that are not decided and that nobody has taken."""
    return count(Tip.objects.undecided().filter(assignee=None).visible_to(user).in_reading_order("assignee"))


def at(what: str) -> Callable[[], str]:
    """Return what leads to the queue, narrowed to what waits."""
    return lambda: f"{reverse('admin:reports_tip_changelist')}?waiting={what}"
