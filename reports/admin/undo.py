"""Undo, from the line that reports an act, and for a day from the tip."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reports.admin import drafts, lock
from reports.admin.actions import ActionView
from reports.domain.errors import Refused
from reports.domain.triage import undo
from reports.models import Tip

MARK = "undo-"  # begins the tags of a message that reports a press; the press follows, then the message's section
LOCKED = gettext_lazy("The desk is locked, so nothing was undone. Unlock the desk, then undo it.")


def tags(press: str, section: str = "") -> str:
    """Return the tags of a message whose line offers to undo a press."""
    return f"{MARK}{press} {section}".rstrip()


def read_tags(text: str | None) -> tuple[str, str]:
    """Return the press that a message's line can undo, and the section in which it stands; either may be empty."""
    if not (text or "").startswith(MARK):
        return "", text or ""
    press, _between, section = str(text).removeprefix(MARK).partition(" ")
    return press, section


class UndoForm(forms.Form):
    """Of which tip alone a press is undone; without one, of all that it changed."""

    tip = forms.UUIDField(required=False)


class UndoView(ActionView):
    """Undoes a press, of one tip or of all its tips, for who may do what it did."""

    action, title, form_class = "undo", gettext_lazy("Undo"), UndoForm
    right = "reports.triage_tip"

    def get_record(self) -> str:
        """Return the press."""
        if not self.request.user.has_perms(["reports.view_tip", "reports.triage_tip"]):
            raise PermissionDenied
        return str(self.kwargs["press"])

    def get_success_url(self) -> str:
        """Return the tip's page, or the page on which the line stood."""
        return self.back

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Undo it, and say of how many tips; what was typed on the page is kept as a draft."""
        by, pk, tip = cast("User", self.request.user), form.cleaned_data["tip"], None
        self.back = lock.safe_next(self.request, default=reverse("admin:reports_tip_changelist"))
        if pk:
            tip = get_object_or_404(Tip.objects.visible_to(by), pk=pk)
            self.back = reverse("admin:reports_tip_change", args=[pk])
        drafts.save(self.request)
        if undo.needs_keys(press=self.record) and lock.keys_of(self.request) is None:
            messages.warning(self.request, LOCKED, extra_tags=tags(self.record))
        else:
            _report(self.request, self.record, tip)
        return redirect(self.get_success_url())

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """There is no such tip."""
        raise Http404


def _report(request: HttpRequest, press: str, tip: Tip | None) -> None:
    """Undo a press and say what came of it."""
    try:
        done = undo.undo(press=press, by=cast("User", request.user), tip=tip)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return
    said = ngettext("%(count)d tip is as it was before.", "%(count)d tips are as they were before.", done.number)
    parts: list[Any] = [said % {"count": done.number} if done.number else _("Nothing was undone.")]
    parts += [f"{reference}: {refusal}" for reference, refusal in done.refused]
    (messages.warning if done.refused else messages.success)(request, " ".join(parts))
