"""What the desk's first screen says to each member: what waits, and the rooms that their role opens."""

from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone

from reports.admin import tiles
from reports.domain import retention
from reports.domain.triage.bounded_count import count
from reports.models import Enquiry, Outcome, Pack, Tip, hidden_from

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
    hidden = [row["tip"] for row in hidden_from(user)]  # asked once, as there are many parts
    going = retention.due_in_parts(by=today + retention.WARNING)
    old = retention.to_review(today=today) if user.has_perm("reports.run_desk") else None
    return {
        "tiles": shown,
        "waits": {tile.name: tile.waits for tile in shown},
        "going": count(*(tips.exclude(pk__in=hidden) for tips in going)),
        "old": None if old is None else count(*(tips.exclude(pk__in=hidden) for tips in old)),
        "urgent_tips": list(Tip.objects.urgent_waiting().exclude(pk__in=hidden).in_reading_order()[:URGENT_SHOWN]),
    }


def rooms(app_list: list[Any]) -> list[dict[str, Any]]:
    """Return Django's list of what a user may open, without what the tiles and the bar above lead to."""
    shown = (Tip, Enquiry, Outcome, Pack)
    found = [app | {"models": [model for model in app["models"] if model["model"] not in shown]} for app in app_list]
    return [app for app in found if app["models"]]
