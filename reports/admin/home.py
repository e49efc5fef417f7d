"""The desk's first screen: what waits for each member, as tiles, the rooms that they may enter, and tips by appeal."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin.lock import page
from reports.domain import outcomes, retention
from reports.domain.intake import unwatched_line
from reports.domain.outcomes import appeals
from reports.domain.triage import urgent_calls
from reports.domain.triage.bounded_count import Count, count
from reports.models import Enquiry, Outcome, Pack, Tip, hidden_from


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


def queue_address(what: str) -> Callable[[], str]:
    """Return what leads to the queue, narrowed to what waits."""
    return lambda: f"{reverse('admin:reports_tip_changelist')}?waiting={what}"


def calls_to_review(user: User) -> Count:
    """Count the calls of earlier days that nobody else has looked at."""
    return count(urgent_calls.waiting(user=user, today=timezone.localdate()).order_by())


def calls_address() -> str:
    """Return where those calls are listed."""
    return reverse("admin:reports_tip_calls")


def packs_to_sign(user: User) -> Count:
    """Count the packs that a colleague has signed and this member has not."""
    return count(Pack.objects.to_sign(user).order_by())


def packs_address() -> str:
    """Return where those packs are listed."""
    return f"{reverse('admin:reports_pack_changelist')}?waiting=me"


def days_until_unwatched(_user: User) -> Count:
    """Return in how many days the form says so, 0 when it is not near."""
    return _days("unwatched")


def days_until_closed(_user: User) -> Count:
    """Return in how many days the form closes, 0 when it is not near."""
    return _days("closed")


def _days(becomes: str) -> Count:
    found = unwatched_line.ahead(now=timezone.now())
    return Count(found[1] if found and found[0] == becomes else 0)


def outcomes_to_sign(user: User) -> Count:
    """Count the outcomes that this member may sign now."""
    return Count(outcomes.to_sign(by=user))


def outcomes_address() -> str:
    """Return where they are listed."""
    return f"{reverse('admin:reports_outcome_changelist')}?status__in=proposed,half_signed"


class Tile(NamedTuple):
    """A name, a count, what it counts, where it leads, the right it takes, and whether it is urgent or always there."""

    name: str
    counts: Callable[[User], Count]
    label: str | Promise
    address: Callable[[], str]
    right: str = "reports.view_tip"
    urgent: bool = False
    always: bool = False


class ShownTile(NamedTuple):
    """A tile as the page draws it."""

    name: str
    waits: Count
    label: str | Promise
    address: str
    urgent: bool


TILES: tuple[Tile, ...] = (
    Tile("urgent", urgent, gettext_lazy("urgent"), queue_address("urgent"), urgent=True, always=True),
    Tile("unread", unread, gettext_lazy("unread"), queue_address("unread"), always=True),
    Tile("answers", answers, gettext_lazy("answers"), queue_address("answers")),
    Tile("mine", mine, gettext_lazy("mine"), queue_address("mine"), always=True),
    Tile("nobody", nobodys, gettext_lazy("given to nobody"), queue_address("nobody"), right="reports.triage_tip"),
    Tile("to_sign", outcomes_to_sign, gettext_lazy("to sign"), outcomes_address, right="reports.sign_outcome"),
    Tile("calls", calls_to_review, gettext_lazy("urgent calls to look at"), calls_address),
    Tile(
        "unwatched",
        days_until_unwatched,
        gettext_lazy("days until the form says that nobody reads"),
        queue_address("unread"),
        right="reports.run_desk",
        urgent=True,
    ),
    Tile(
        "closing",
        days_until_closed,
        gettext_lazy("days until the form closes: nobody reads"),
        queue_address("unread"),
        right="reports.run_desk",
        urgent=True,
    ),
    Tile("packs", packs_to_sign, gettext_lazy("packs to sign"), packs_address, right="reports.view_pack"),
)


def tiles_for(user: User) -> list[ShownTile]:
    """Return the tiles that this member's rights open, with what waits in each."""
    counted = [(tile, tile.counts(user)) for tile in TILES if user.has_perm(tile.right)]
    return [
        ShownTile(tile.name, count, tile.label, tile.address(), tile.urgent and count.number > 0)
        for tile, count in counted
        if tile.always or count.number
    ]


URGENT_SHOWN = 10  # urgent tips that the first screen names


def what_waits(user: User | AnonymousUser) -> dict[str, Any]:
    """Return the tiles, what is deleted soon, what leads should look at again, and the urgent tips by name.

    Only the tiles for who may not see tips, and no count of a tip that is hidden from them.
    """
    member, today = cast("User", user), timezone.localdate()
    if not user.has_perm("reports.view_tip"):
        return {"tiles": tiles_for(member)}
    shown = tiles_for(member)
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


def appeal_counts(request: HttpRequest) -> HttpResponse:
    """Show how many tips answer each appeal: to staff only, as the newsroom knows nothing of tips."""
    if not request.user.has_perm("reports.view_tip"):
        raise PermissionDenied
    rows = appeals.counts(by=cast("User", request.user))
    context = page(request, title=_("Tips by appeal")) | {"rows": rows}
    return TemplateResponse(request, "admin/reports/home/appeals.html", context)
