"""What the desk's first screen says to each member: what waits, and the rooms that their role opens."""

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone

from reports.admin import tiles
from reports.domain.keeping import retention
from reports.domain.reading import counting
from reports.models import Enquiry, Outcome, Pack, Tip, TipQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

URGENT_SHOWN = 10  # urgent tips that the first screen names


def what_waits(user: "User | AnonymousUser") -> dict[str, Any]:
    """Return the tiles, what is deleted soon, what leads should look at again, and the urgent tips by name.

    Only the tiles for who may not see tips, and no count of a tip that is hidden from them.
    """
    member, today = cast("User", user), timezone.localdate()
    if not user.has_perm("reports.view_tip"):
        return {"tiles": tiles.shown_to(member)}
    shown = tiles.shown_to(member)
    return {
        "tiles": shown,
        "waits": {tile.name: tile.waits for tile in shown},
        "going": _going(member, today + retention.WARNING),
        "old": _old(member, today) if user.has_perm("reports.run_desk") else None,
        "urgent_tips": list(Tip.objects.urgent_waiting().visible_to(user).in_reading_order()[:URGENT_SHOWN]),
    }


@counting.of_day
def _going(user: "User", day: date) -> list[TipQuerySet]:
    """Count the tips that are deleted by a day."""
    return [tips.visible_to(user) for tips in retention.due_in_parts(by=day)]


@counting.of_day
def _old(user: "User", day: date) -> list[TipQuerySet]:
    """Count the tips of which somebody should say whether they are still needed."""
    return [tips.visible_to(user) for tips in retention.to_review(today=day)]


def rooms(app_list: list[Any]) -> list[dict[str, Any]]:
    """Return Django's list of what a user may open, without what the tiles and the bar above lead to."""
    shown = (Tip, Enquiry, Outcome, Pack)
    found = [app | {"models": [model for model in app["models"] if model["model"] not in shown]} for app in app_list]
    return [app for app in found if app["models"]]
