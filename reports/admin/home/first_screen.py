"""The desk's first screen: what waits for each member, as tiles, and the rooms that they may enter."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

from core.rights import needs
from newsroom.domain import under_way
from reports import questions
from reports.admin.desk.lock import page
from reports.admin.tips import reading, signs
from reports.domain import audit, outcomes, retention
from reports.domain.intake import unwatched_line
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import approvals, urgent_calls
from reports.domain.tips import opening
from reports.domain.triage import alarm, queue, safety
from reports.models import AuditAct, AuditEvent, Enquiry, Outcome, Referral, Tip, TipQuerySet


def narrowed(model: str, query: str) -> Promise:
    """Return the address of a list, narrowed to what waits."""
    return format_lazy("{}?{}", reverse_lazy(f"admin:{model}_changelist"), query)


def _days(becomes: str) -> int:
    """Return in how many days the form says that nobody reads, or closes; 0 when it is not near."""
    state, days = unwatched_line.ahead(now=timezone.now()) or ("", 0)
    return days if state == becomes else 0


class HomeTile(NamedTuple):
    """A name, what it counts, where it leads, the right it takes, and whether it is urgent or always there.

    Without `counts`, which is called with the member, it counts the tips that wait in the queue under this name;
    without an address it leads to them.
    """

    name: str
    label: str | Promise
    counts: Callable[[User], int] | None = None
    address: str | Promise = ""
    right: str = "reports.view_tip"
    urgent: bool = False
    always: bool = False


TILES: tuple[HomeTile, ...] = (
    HomeTile("urgent", gettext_lazy("urgent"), urgent=True, always=True),
    HomeTile("unsure", gettext_lazy("not sure about danger")),
    HomeTile("unread", gettext_lazy("unread"), always=True),
    HomeTile("answers", ngettext_lazy("new answer", "new answers", "count")),
    HomeTile("mine", gettext_lazy("mine"), address=narrowed("reports_tip", "member=(mine)"), always=True),
    HomeTile(
        "nobody",
        gettext_lazy("nobody has it"),
        address=narrowed("reports_tip", "member=(nobody)"),
        right="reports.triage_tip",
    ),
    HomeTile(
        "to_approve",
        ngettext_lazy("public result to approve", "public results to approve", "count"),
        lambda user: outcomes.to_approve(by=user),
        reverse_lazy("admin:reports_outcome_changelist"),
        right="reports.sign_outcome",
    ),
    HomeTile(
        "urgent_at_end",
        gettext_lazy("urgent, but at the end of the queue"),
        address=narrowed("reports_tip", "waiting=at_end"),
        urgent=True,
    ),
    HomeTile("at_end", gettext_lazy("at the end: possible spam or repeated")),
    HomeTile(
        "calls",
        ngettext_lazy("urgent call to check", "urgent calls to check", "count"),
        lambda user: urgent_calls.waiting(user=user, today=timezone.localdate()).count(),
        reverse_lazy("admin:reports_tip_danger"),
    ),
    HomeTile(
        "danger",
        ngettext_lazy("decision about danger to check", "decisions about danger to check", "count"),
        lambda user: safety.waiting(user=user).count(),
        reverse_lazy("admin:reports_tip_danger"),
        right="reports.run_desk",
    ),
    HomeTile(
        "unwatched",
        ngettext_lazy(
            "day until the form says that nobody is reading tips",
            "days until the form says that nobody is reading tips",
            "count",
        ),
        lambda _user: _days("unwatched"),
        narrowed("reports_tip", "waiting=unread"),
        right="reports.run_desk",
        urgent=True,
    ),
    HomeTile(
        "closing",
        ngettext_lazy(
            "day until the form closes because nobody is reading tips",
            "days until the form closes because nobody is reading tips",
            "count",
        ),
        lambda _user: _days("closed"),
        narrowed("reports_tip", "waiting=unread"),
        right="reports.run_desk",
        urgent=True,
    ),
    HomeTile(
        "referrals",
        ngettext_lazy("police referral to approve", "police referrals to approve", "count"),
        lambda user: approvals.to_approve(by=user),
        narrowed("reports_referral", "status__exact=approved_once"),
        right="reports.view_referral",
    ),
)


def tiles_for(user: User, waiting: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the tiles that this member's rights open, with what waits in each; `waiting` is that of the queue."""
    opened = [tile for tile in TILES if user.has_perm(tile.right)]
    counted = [(tile, tile.counts(user) if tile.counts else waiting[tile.name]) for tile in opened]
    return [
        {
            "name": tile.name,
            "waits": count,
            "label": tile.label % {"count": count},
            "address": tile.address or narrowed("reports_tip", f"waiting={tile.name}"),
            "urgent": tile.urgent and count > 0,
        }
        for tile, count in counted
        if tile.always or count
    ]


OWN_SHOWN = 8  # of the member's own tips, and of answers, that the first screen names


def work(user: User, tips: TipQuerySet) -> dict[str, Any]:
    """Return what the first screen names of a member's own work, by their rights; every list is short."""
    parts: dict[str, Any] = {}
    if user.has_perm("reports.view_tip"):
        tips = tips.in_reading_order()
        parts["mine"] = [_line(tip) for tip in tips.undecided().filter(assignee=user.pk)[:OWN_SHOWN]]
        parts["answered"] = [_line(tip) for tip in tips.answered()[:OWN_SHOWN]]
        # With `or` SQLite would look through every tip that is nobody's, and not only those with a day.
        again = tips.to_look_at_again(by=timezone.localdate()).alias(whose=Coalesce("assignee", user.pk))
        again = again.filter(whose=user.pk).order_by("look_again", "pk")
        parts["to_look_at_again"] = [_line(tip) for tip in again[:OWN_SHOWN]]
    if user.has_perm("newsroom.change_article"):
        parts["under_way"] = under_way.under_way(at=timezone.now())
    if user.has_perm("reports.view_auditevent"):
        checkpoints, last = audit.stands()
        looked = AuditEvent.objects.filter(act=AuditAct.VERIFIED).order_by("-at").first()
        parts["record"] = {"events": last[0] if last else 0, "checkpoints": checkpoints, "looked": looked}
    return parts


def _line(tip: Tip) -> dict[str, Any]:
    """Return a tip as the first screen names it: from what stands in clear."""
    return {"tip": tip, "received": reading.received(tip), "kind": questions.label("kind", tip.category)}


URGENT_SHOWN = 10  # urgent tips that the first screen names
URGENT_OPENED = 50  # of which it looks, on an unlocked desk, for what came from a child


def what_waits(user: User, tips: TipQuerySet, keys: Keys | None) -> dict[str, Any]:
    """Return the tiles, what is deleted soon, what team leads should look at again, and the urgent tips by name.

    Only the tiles for who may not see tips, and no count of a tip that is hidden from them: `tips` are those shown.
    """
    if not user.has_perm("reports.view_tip"):
        return {"tiles": tiles_for(user, {})}
    today = timezone.localdate()
    going, old = retention.is_due(by=today + retention.WARNING), retention.is_to_review(today=today)
    waiting = queue.counts(tips, by=user, going=going, old=old)
    return {
        "tiles": tiles_for(user, waiting),
        "waits": waiting,
        "going": waiting["going"],
        "old": waiting["old"] if user.has_perm("reports.run_desk") else 0,
        "urgent_tips": _urgent(tips.urgent_waiting().in_reading_order(), keys),
        "unsure_tips": [_line(tip) for tip in tips.unsure_waiting().in_reading_order()[:URGENT_SHOWN]],
        "taken_tips": _urgent(tips.taken().order_by("acknowledged_at"), keys),
        "taken_for": alarm.TAKEN_FOR // alarm.HOUR,
    }


def _urgent(tips: TipQuerySet, keys: Keys | None) -> list[dict[str, Any]]:
    """Return the urgent tips that the first screen names, each with its kind.

    On an unlocked desk also with what its sender ticked, and then children's come first. Nothing of that is stored.
    """
    rows = list(tips[: URGENT_OPENED if keys else URGENT_SHOWN])
    answers = opening.about_danger(tips=[tip for tip in rows if tip.opened], keys=keys) if keys else {}
    lines = [_line(tip) | {"alarm": signs.alarm(tip)} | signs.ticked_by_sender(answers.get(tip.pk, [])) for tip in rows]
    return sorted(lines, key=lambda line: (not line["under_18"], not line["danger"]))[:URGENT_SHOWN]


@needs("reports.run_desk")
def for_team_leads(request: HttpRequest) -> HttpResponse:
    """Show the links to what only team leads look through."""
    context = page(request, title=gettext("For team leads"))
    return TemplateResponse(request, "admin/reports/home/team_leads.html", context)


def rooms(app_list: list[Any]) -> list[dict[str, Any]]:
    """Return Django's list of what a user may open, without what the tiles and the bar above lead to."""
    listed = (Tip, Enquiry, Outcome, Referral, AuditEvent)
    apps = [app | {"models": [model for model in app["models"] if model["model"] not in listed]} for app in app_list]
    return [app for app in apps if app["models"]]
