"""Writing to a tip's sender: an act that takes an unlocked desk, since the sender's key lies inside the tip."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports.admin import acts, lock, tippage
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.models import ReplyTemplate, Tip


def _write(request: HttpRequest, tip: Tip) -> str:
    """Send what was typed: a question, or a message that wants no answer."""
    asks = request.POST.get("asks") == "yes"
    by, keys = cast("User", request.user), cast("Keys", lock.keys_of(request))
    messages.write(tip=tip, text=request.POST.get("text", ""), question=asks, by=by, keys=keys)
    if asks:
        return _("Your question is in the sender's mailbox. The tip waits for an answer.")
    return _("Your message is in the sender's mailbox.")


ACTS = {"write": acts.Act(_write, gettext_lazy("Write to the sender"), typed=True)}


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the addresses, below the tips'."""
    return [*acts.addresses(wrap, ACTS), path("<uuid:pk>/write/start/", wrap(start), name="reports_tip_start")]


@require_POST
def start(request: HttpRequest, pk: str) -> HttpResponse:
    """Show the tip with a ready reply below what was typed; nothing is sent."""
    tip = acts.tip_for(request, pk, right="reports.triage_tip")
    chosen = request.POST.get("reply", "")
    ready = get_object_or_404(ReplyTemplate, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 9 else 0)
    text = "\n\n".join(part for part in (request.POST.get("text", "").strip(), ready.text) if part)
    return tippage.show(request, tip, tippage.State(act="write", typed={"text": text}))
