"""What the desk's first screen says to each member: what waits, and the rooms that their role opens."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from reports.domain import retention
from reports.models import Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

URGENT_SHOWN = 10  # urgent tips that the first screen names


def what_waits(user: "User | AnonymousUser") -> dict[str, Any]:
    """Return counts (urgent, unread, mine, what is deleted soon, what leads should look at) and the urgent tips.

    Nothing for who may not see tips, and no count of a tip that is hidden from them.
    """
    if not user.has_perm("reports.view_tip"):
        return {}
    urgent, today = Tip.objects.urgent_waiting().visible_to(user), timezone.localdate()
    return {
        "urgent": urgent.count(),
        "unread": Tip.objects.unread().visible_to(user).count(),
        "mine": Tip.objects.filter(assignee=user.pk, decided=None).visible_to(user).count(),
        "going": retention.due(by=today + retention.WARNING).visible_to(user).count(),
        "old": retention.to_review(today=today).visible_to(user).count(),
        "urgent_tips": list(urgent.in_reading_order()[:URGENT_SHOWN]),
    }


def rooms(app_list: list[Any]) -> list[dict[str, Any]]:
    """Return Django's list of what a user may open, without the tips: the tiles lead there."""
    found = [app | {"models": [model for model in app["models"] if model["model"] is not Tip]} for app in app_list]
    return [app for app in found if app["models"]]
