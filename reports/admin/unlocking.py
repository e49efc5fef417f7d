"""The pages around the lock: unlock, lock now, read next."""

import logging
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from reports.admin import lock
from reports.domain import triage
from reports.domain.errors import Refused
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.models import Tip

log = logging.getLogger(__name__)

STEPS = 2  # batches of new tips that one request opens at the most

may_read = permission_required("reports.read_tip", raise_exception=True)


class PhraseInput(forms.PasswordInput):
    """A box that never comes back filled; hidden by CSS and not by its type, so that no browser offers to keep it."""

    input_type = "text"


class PhraseForm(forms.Form):
    """The member's six words."""

    phrase = forms.CharField(
        label=gettext_lazy("Your six words"),
        max_length=200,
        error_messages={"required": gettext_lazy("Type your six words.")},
        widget=PhraseInput(
            attrs={"class": "words", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def unlock(self, request: HttpRequest) -> Keys | None:
        """Return the keys that the words give, and None with the reason beside the field when they give none."""
        if not self.is_valid():
            return None
        try:
            return lock.unlock(request, phrase=self.cleaned_data["phrase"])
        except Refused as refusal:
            self.add_error("phrase", str(refusal))
        return None


@may_read
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for the phrase; go on to `next` once it opens the desk."""
    form = PhraseForm(request.POST or None)
    target = lock.safe_next(request, default=reverse("admin:index"))
    if request.method == "POST" and (keys := form.unlock(request)):
        _say_opened(request, open_new(request, keys))
        return redirect(target)
    if request.method == "GET" and lock.keys_of(request):
        return redirect(target)
    state = keyholders.state_of(cast("User", request.user))
    context = page(request, title=_("Unlock the desk")) | {"phrase_form": form, "next": target, "key_state": state}
    return TemplateResponse(request, "admin/unlock.html", context)


@require_POST
@may_read
def lock_now(request: HttpRequest) -> HttpResponse:
    """Lock the desk and go back to the first screen."""
    lock.lock(request)
    messages.success(request, _("The desk is locked."))
    return redirect("admin:index")


@may_read
def read_next(request: HttpRequest) -> HttpResponse:
    """Go to the tip that should be read next."""
    if lock.keys_of(request) is None:
        return redirect(unlock_first(request.get_full_path()))
    let_in(request)
    after = Tip.objects.filter(reference=request.GET.get("after", "")).first()
    tip = triage.next_to_read(by=cast("User", request.user), after=after)
    if tip is None:
        messages.success(request, _("You have read everything that waits."))
        return redirect("admin:reports_tip_changelist")
    return redirect("admin:reports_tip_change", tip.pk)


def unlock_first(path: str) -> str:
    """Return the address of the unlock page that comes back to `path`."""
    return f"{reverse('admin:unlock')}?{urlencode({'next': path})}"


def let_in(request: HttpRequest) -> None:
    """Drain the outbox, and open what is new when the desk is unlocked; a failure leaves everything where it waits."""
    try:
        outbox.drain()
    except (OSError, DatabaseError):
        log.warning("drain failed; entries wait in the outbox", exc_info=True)
    if keys := lock.keys_of(request):
        open_new(request, keys)


def open_new(request: HttpRequest, keys: Keys) -> int:
    """Unseal new tips in bounded steps and return how many arrivals were opened."""
    total = 0
    for _step in range(STEPS):
        opened = opening.open_new(by=cast("User", request.user), keys=keys)
        if not opened:
            break
        total += opened
    return total


def keys_or_unlocked(request: HttpRequest, form: PhraseForm, *, fresh: bool = False) -> Keys | None:
    """Return the session's keys; on a locked desk, those that a phrase sent along with the act gives."""
    if keys := lock.fresh_keys_of(request) if fresh else lock.keys_of(request):
        return keys
    keys = form.unlock(request) if "phrase" in request.POST else None
    if keys:
        open_new(request, keys)
    return keys


def _say_opened(request: HttpRequest, count: int) -> None:
    opened = ngettext("%(count)d new arrival opened.", "%(count)d new arrivals opened.", count) % {"count": count}
    messages.success(request, f"{_('The desk is unlocked.')} {opened if count else ''}".strip())


def page(request: HttpRequest, *, title: str) -> dict[str, Any]:
    """Return what every page of the admin needs."""
    idle, hours = lock.limits()
    return {**admin.site.each_context(request), "title": title, "idle_minutes": idle, "lock_hours": hours}
