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
from reports.admin.desk import actions, lock
from reports.admin.tips.confirmation import ConfirmationView
from reports.domain import retention
from reports.domain.tips import reasons
from reports.models import Hold, Status, Tip, hidden_from

SHOWN = 200  # tips in each list


class HoldView(ConfirmationView):
    """Asks for the reason, then keeps the tip."""

    action, right = "hold", "reports.run_desk"
    title = "Put this tip under a legal hold"
    label = "Who asked for the legal hold, and why?"
    consequences = (
        "We will not delete any of this tip until a team lead ends the legal hold.",
        "Use a legal hold if a court, the police or the law says that we must keep this tip.",
    )
    button = "Put under a legal hold"

    def perform(self, data: dict[str, Any]) -> str:
        retention.hold(tip=self.target, reason=data["reason"], by=self.member, keys=self.desk_keys)
        return f"{self.target.reference} is under a legal hold."


@needs(get="reports.view_tip", post="reports.run_desk")
def deletions(request: HttpRequest) -> HttpResponse:
    """Show what goes within a week and why; to team leads also holds, with reasons once they ask, and what is old."""
    today, by = timezone.localdate(), cast("User", request.user)
    held = Hold.objects.exclude(tip__in=hidden_from(by)).select_related("tip")[:SHOWN]
    holds, told = list(held) if by.has_perm("reports.run_desk") else [], dict[str, str]()
    if request.method == "POST":
        if (keys := lock.keys_of(request)) is None:
            return redirect(lock.unlock_first(request.path))
        told = reasons.read(rows=holds, by=by, keys=keys)
    going = retention.due(by=today + retention.WARNING).visible_to(by).order_by("decided", "reference")[:SHOWN]
    old = Tip.objects.visible_to(by).filter(retention.is_to_review(today=today))
    context = lock.page(request, title="Deletion schedule") | {
        "going": sorted(((retention.due_on(tip), tip) for tip in going), key=lambda row: (row[0], row[1].reference)),
        "holds": [(row, told.get(str(row.pk))) for row in holds],
        "old": old.order_by("received", "reference")[:SHOWN],
        "schedule": [(status.label, rule) for status, rule in retention.SCHEDULE.items() if rule],
        "never_deleted": [status.label for status in Status if retention.SCHEDULE[status] is None],
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
