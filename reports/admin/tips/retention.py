"""How long tips are kept: what will be deleted and why, legal holds, and what should be looked at again."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from core.rights import needs
from reports.admin.pages import actions, lock
from reports.admin.tips.confirmation import ConfirmationView
from reports.domain.retention import schedule
from reports.domain.rights import RUN_DESK, VIEW_TIP
from reports.domain.tips import reasons
from reports.models import Hold, Status, Tip, hidden_from

SHOWN = 200  # tips in each list


class HoldView(ConfirmationView):
    """Asks for the reason, then keeps the tip."""

    action = "hold"
    right = RUN_DESK
    title = "Put this tip under a legal hold"
    label = "Who asked for the legal hold, and why?"
    consequences = (
        "We will not delete any of this tip until a team lead ends the legal hold.",
        "Use a legal hold if a court, the police or the law says that we must keep this tip.",
    )
    button = "Put under a legal hold"

    def perform(self, data: dict[str, Any]) -> str:
        schedule.hold(tip=self.target, reason=data["reason"], by=self.member, keys=self.desk_keys)
        return f"{self.target.reference} is under a legal hold."


@needs(get=VIEW_TIP, post=RUN_DESK)
def deletions(request: HttpRequest) -> HttpResponse:
    """Show what goes within a week and why; to team leads also holds, with reasons once they ask, and what is old."""
    today = timezone.localdate()
    by = cast("User", request.user)
    held = Hold.objects.exclude(tip__in=hidden_from(by)).select_related("tip")[:SHOWN]
    holds = list(held) if by.has_perm(RUN_DESK) else []
    told = dict[str, str]()
    if request.method == "POST":
        if (keys := lock.keys_of(request)) is None:
            return redirect(lock.unlock_first(request.path))
        told = reasons.read(rows=holds, by=by, keys=keys)
    going = (
        schedule.due(by=today + schedule.WARNING)
        .visible_to(by)
        .order_by("decided", "reference")[:SHOWN]
    )
    old = Tip.objects.visible_to(by).filter(schedule.is_to_review(today=today))
    context = lock.page(request, title="Deletion schedule") | {
        "going": sorted(
            ((schedule.due_on(tip), tip) for tip in going),
            key=lambda row: (row[0], row[1].reference),
        ),
        "holds": [(row, told.get(str(row.pk))) for row in holds],
        "old": old.order_by("received", "reference")[:SHOWN],
        "schedule": [(status.label, rule) for status, rule in schedule.SCHEDULE.items() if rule],
        "never_deleted": [status.label for status in Status if schedule.SCHEDULE[status] is None],
        "today": today,
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    return TemplateResponse(request, "admin/reports/tips/deletions.html", context)


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the pages' addresses, below the tips'."""
    return [
        path("deletions/", wrap(deletions), name="reports_tip_deletions"),
        *actions.addresses((HoldView,), prefix="reports_tip", wrap=wrap),
    ]
