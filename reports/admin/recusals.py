"""“I know someone here”: a member hides a tip from themself; leads see who did, and can show it again."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin import confirmation, lock, tip_actions
from reports.admin.lock import page, unlock_first
from reports.domain.errors import Refused
from reports.domain.tips import reasons, recusal
from reports.models import Tip

ASKED = confirmation.Question(
    gettext_lazy("I know someone here"),
    (
        gettext_lazy(
            "This tip, its notes and its pictures are hidden from you from now on, and so is what is related to it. "
            "It is taken from your list."
        ),
        gettext_lazy("Only a lead can show it to you again. Your reason is sealed; leads can read it."),
        gettext_lazy("That you did this stands on the record. Talk to nobody about what you have read already."),
    ),
    gettext_lazy("How do you know them?"),
    gettext_lazy("Hide this tip from me"),
    gettext_lazy("%(tip)s is hidden from you."),
)


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the pages' addresses, below the tips'."""
    return [
        path("<uuid:pk>/recuse/", wrap(recuse), name="reports_tip_recuse"),
        path("recusals/", wrap(recusals), name="reports_tip_recusals"),
        path("recusals/<uuid:pk>/lift/", wrap(lift), name="reports_tip_lift"),
    ]


def recuse(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask for the reason, then hide the tip and go back to the queue."""
    tip = tip_actions.tip_for(request, pk, right="reports.read_tip")
    do = partial(recusal.recuse, tip=tip, by=cast("User", request.user))
    return confirmation.ask(request, tip, ASKED, do=do, onward=reverse("admin:reports_tip_changelist"))


def recusals(request: HttpRequest) -> HttpResponse:
    """Show a lead who has hidden what from themself; the reasons on an unlocked desk, once they ask for them."""
    rows, by = list(recusal.shown_to(by=lead(request))), cast("User", request.user)
    keys = lock.keys_of(request)
    if request.method == "POST" and keys is None:
        return redirect(unlock_first(request.path))
    told = reasons.read(rows=rows, by=by, keys=keys) if request.method == "POST" and keys else {}
    context = page(request, title=_("Hidden from members")) | {
        "rows": [(row, told.get(str(row.pk))) for row in rows],
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    return TemplateResponse(request, "admin/reports/recusals/recusals.html", context)


@require_POST
def lift(request: HttpRequest, pk: str) -> HttpResponse:
    """Show a tip to its member again."""
    found = get_object_or_404(recusal.shown_to(by=lead(request)), pk=pk)
    try:
        recusal.lift(recusal=found, by=cast("User", request.user))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("%(tip)s: %(name)s can see it again.")
        messages.success(request, said % {"name": found.user.get_username(), "tip": found.tip.reference})
    return redirect("admin:reports_tip_recusals")


def lead(request: HttpRequest) -> User:
    """Return the asker, who must be a lead."""
    if not request.user.has_perms(["reports.view_tip", "reports.run_desk"]):
        raise PermissionDenied
    return cast("User", request.user)
