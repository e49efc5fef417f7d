"""Urgent calls: the two acts on the tip's page, and the list of calls that wait for a second person."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin import tip_actions
from reports.admin.lock import page
from reports.domain.errors import Refused
from reports.domain.triage import urgent_calls
from reports.models import Disclosure, Tip

SHOWN = 200


def _disclose(request: HttpRequest, tip: Tip) -> str:
    said = {name: request.POST.get(name, "") for name in ("to", "whom", "when", "reference")}
    urgent_calls.disclose(tip=tip, **said, by=cast("User", request.user))
    return _("%(tip)s: your call is on record. A second person looks at it tomorrow.") % {"tip": tip.reference}


def _review(request: HttpRequest, tip: Tip) -> str:
    try:
        found = tip.disclosures.select_related("tip").get(pk=request.POST.get("call", ""))
    except (Disclosure.DoesNotExist, ValidationError):
        raise Refused(_("There is no such call.")) from None
    urgent_calls.review(disclosure=found, found=request.POST.get("found", ""), by=cast("User", request.user))
    return _("%(tip)s: you have looked at the call. What you found is a note.") % {"tip": tip.reference}


ACTS: dict[str, tip_actions.Act] = {
    "disclose": tip_actions.Act(_disclose, gettext_lazy("Record an urgent call"), keys="none", typed=True),
    "review": tip_actions.Act(_review, gettext_lazy("Look at an urgent call"), keys="none", typed=True),
}


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the acts' and the list's addresses, below the tips'."""
    return [*tip_actions.addresses(wrap, ACTS), path("calls/", wrap(calls), name="reports_tip_calls")]


def calls(request: HttpRequest) -> HttpResponse:
    """List the calls that wait for a second person."""
    if not request.user.has_perm("reports.view_tip"):
        raise PermissionDenied
    user = cast("User", request.user)
    rows = urgent_calls.waiting(user=user, today=timezone.localdate())[:SHOWN]
    context = page(request, title=_("Urgent calls to look at")) | {
        "rows": rows,
        "alone": not urgent_calls.second_person(author=user.get_username()),
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    return TemplateResponse(request, "admin/reports/urgent_calls/urgent_calls.html", context)
