"""Undo, from the line that reports an act, and for a day from the tip."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from core.rights import needs
from core.text import plural
from reports.admin.pages import lock, page_drafts
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.rights import TRIAGE_TIP
from reports.domain.triage import undoing
from reports.models import Tip

MARK = "undo-"  # before the press in the tags of a message that offers to undo it (templates/admin/_messages.html)
LOCKED = "The desk is locked, so nothing was undone. Unlock the desk, then press Undo again."


class UndoForm(forms.Form):
    """From which tip's page a press is undone, if from one."""

    tip = forms.UUIDField(required=False)


@needs(post=TRIAGE_TIP)
def undo_press(request: HttpRequest, press: str) -> HttpResponse:
    """Undo a press, for who may do what it did; what was typed on the page is kept."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        raise Http404
    back = lock.safe_next(request, default=reverse("admin:reports_tip_changelist"))
    if pk := form.cleaned_data["tip"]:
        get_object_or_404(Tip.objects.visible_to(request.user), pk=pk)
        back = reverse("admin:reports_tip_change", args=[pk])
    page_drafts.save(request)
    if (keys := lock.keys_of(request)) is None:
        messages.warning(request, LOCKED, extra_tags=f"{MARK}{press}")
    else:
        _report(request, press, keys)
    return redirect(back)


def _report(request: HttpRequest, press: str, keys: Keys) -> None:
    """Undo a press and say what came of it."""
    try:
        done = undoing.undo(press=press, by=cast("User", request.user), keys=keys)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return
    message = plural(
        done.number,
        f"{done.number} tip is as it was before.",
        f"{done.number} tips are as they were before.",
    )
    parts: list[Any] = [message if done.number else "Nothing was undone."]
    if done.number and (stays := undoing.stays(press=press)):
        parts.append(f"We left these as they are: {', '.join(stays)}.")
    parts += [f"{reference}: {refusal}" for reference, refusal in done.refused]
    (messages.warning if done.refused else messages.success)(request, " ".join(parts))
