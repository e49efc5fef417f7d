"""Walking the queue from tip to tip: the session remembers the page of it that the member looked at last."""

from collections.abc import Sequence
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from reports.admin import lock
from reports.models import Tip

SLOT, KEYS_OFF = "walk", "keys-off"


class Beside(NamedTuple):
    """Where the tips before and after this one are; empty at an end of the page."""

    earlier: str
    later: str


def remember(request: HttpRequest, tips: Sequence[Tip]) -> None:
    """Keep a page's tips in their order; the sealed session is written only when they are others than before."""
    seen = [str(tip.pk) for tip in tips]
    if request.session.get(SLOT) != seen:
        request.session[SLOT] = seen


def beside(request: HttpRequest, tip: Tip) -> Beside | None:
    """Return the tips around this one; None when the member did not come from a page that lists it."""
    seen = request.session.get(SLOT, [])
    if str(tip.pk) not in seen:
        return None
    at = seen.index(str(tip.pk))
    around = (seen[at - 1] if at else "", seen[at + 1] if at + 1 < len(seen) else "")
    return Beside(*(reverse("admin:reports_tip_change", args=[pk]) if pk else "" for pk in around))


@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Turn the single keys off for this session, or on again: speech input types letters that nobody meant."""
    if not request.user.has_perm("reports.view_tip"):
        raise PermissionDenied
    request.session[KEYS_OFF] = request.POST.get("keys") == "off"
    return redirect(lock.safe_next(request, default=reverse("admin:reports_tip_changelist")))


def keys_off(request: HttpRequest) -> bool:
    """Return whether the member has turned the single keys off."""
    return bool(request.session.get(KEYS_OFF))
