"""What can be done from a tip's page, one row each: the verb, the right it takes, and what happens on a locked desk."""

from collections.abc import Callable
from typing import NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports import answers
from reports.admin import lock, tippage
from reports.admin.unlocking import PhraseForm, open_new, page, unlock_first
from reports.domain import opening, triage
from reports.domain.errors import Refused
from reports.domain.keyholders import Keys
from reports.models import Entry, Status, Tip


def _member(request: HttpRequest) -> User:
    return cast("User", request.user)


def _move(request: HttpRequest, tip: Tip) -> str:
    """Move the tip from the status that the officer saw, which may not be the one it has by now."""
    seen = request.POST.get("seen", "")
    if seen in Status.values:
        tip.status = seen
    triage.move(tip=tip, to=request.POST.get("to", ""), by=_member(request))
    return _("%(tip)s: moved to “%(status)s”.") % {"tip": tip.reference, "status": tip.get_status_display()}


def _assign(request: HttpRequest, tip: Tip) -> str:
    chosen = request.POST.get("to", "")
    to = tippage.colleagues().filter(pk=chosen).first() if chosen.isdecimal() else None  # type: ignore[attr-defined]
    if chosen and to is None:
        raise Refused(_("That person cannot be given a tip any more. Choose somebody else."))
    triage.assign(tip=tip, to=to, by=_member(request))
    name = to.get_username() if to else _("nobody")
    return _("%(tip)s: given to %(name)s.") % {"tip": tip.reference, "name": name}


def _acknowledge(request: HttpRequest, tip: Tip) -> str:
    triage.acknowledge(tip=tip, by=_member(request))
    return _("%(tip)s: acknowledged. No more notices are sent for it.") % {"tip": tip.reference}


def _note(request: HttpRequest, tip: Tip) -> str:
    triage.note(tip=tip, text=request.POST.get("text", ""), by=_member(request))
    if lock.keys_of(request) is None:
        return _("Your note is saved. The desk is locked: unlock it to read the notes.")
    return _("Your note is saved.")


class Act(NamedTuple):
    """One act: what is done (it returns what to tell the member), and whether it takes an unlocked desk."""

    do: Callable[[HttpRequest, Tip], str]
    name: str | Promise
    takes_keys: bool = True


ACTS: dict[str, Act] = {
    "move": Act(_move, gettext_lazy("Move this tip")),
    "assign": Act(_assign, gettext_lazy("Give this tip to somebody")),
    "acknowledge": Act(_acknowledge, gettext_lazy("Acknowledge this tip"), takes_keys=False),
    "note": Act(_note, gettext_lazy("Write a note"), takes_keys=False),
}


@require_POST
def act(request: HttpRequest, pk: str, name: str) -> HttpResponse:
    """Do one act on a tip, say what was done, and go on."""
    tip, wanted = tip_for(request, pk, right="reports.triage_tip"), ACTS[name]
    form = PhraseForm(request.POST)
    if wanted.takes_keys and keys_or_unlocked(request, form) is None:
        return _ask_phrase(request, tip, form, name=str(wanted.name))
    try:
        messages.success(request, wanted.do(request, tip))
    except Refused as refusal:
        return _refused(request, tip, refusal, name=name)
    return redirect(_onward(request, tip))


@require_POST
def reveal(request: HttpRequest, pk: str) -> HttpResponse:
    """Show the contact details once, after their showing is recorded with its reason."""
    tip, form = tip_for(request, pk, right="reports.reveal_contact"), PhraseForm(request.POST)
    keys = lock.fresh_keys_of(request) or unlocked_by(request, form)
    if keys is None:
        return _ask_phrase(request, tip, form, name=_("Reveal the contact details"))
    try:
        contact = opening.reveal(tip=tip, by=_member(request), keys=keys, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _refused(request, tip, refusal, name="reveal")
    shown = [(answers.question(name).label, text) for name, text in contact.items()]
    title = _("Contact details of %(tip)s") % {"tip": tip.reference}
    context = page(request, title=title) | {"tip": tip, "contact": shown}
    return TemplateResponse(request, "admin/reports/tip/contact.html", context)


def picture(request: HttpRequest, pk: str, entry: str, number: int) -> HttpResponse:
    """Send one picture, after its reading is recorded; the site's wrapper says that no browser may keep it."""
    tip, keys = tip_for(request, pk, right="reports.read_tip"), lock.keys_of(request)
    if keys is None:
        return redirect(unlock_first(reverse("admin:reports_tip_change", args=[tip.pk])))
    found = get_object_or_404(Entry.objects.select_related("tip"), pk=entry, tip=tip)
    try:
        jpeg = opening.picture(entry=found, number=number, by=_member(request), keys=keys)
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal
    headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(jpeg, content_type="image/jpeg", headers=headers)


def keys_or_unlocked(request: HttpRequest, form: PhraseForm) -> Keys | None:
    """Return the session's keys; on a locked desk, those that a phrase sent along with the act gives."""
    return lock.keys_of(request) or unlocked_by(request, form)


def unlocked_by(request: HttpRequest, form: PhraseForm) -> Keys | None:
    """Return the keys that a phrase sent along with the act gives, if there is one."""
    keys = form.unlock(request) if "phrase" in request.POST else None
    if keys:
        open_new(request, keys)
    return keys


def tip_for(request: HttpRequest, pk: str, *, right: str) -> Tip:
    """Return a tip that the member may act on; one that is hidden from them is not there."""
    if not request.user.has_perms(["reports.view_tip", right]):
        raise PermissionDenied
    return get_object_or_404(Tip.objects.visible_to(request.user).select_related("assignee"), pk=pk)


def _ask_phrase(request: HttpRequest, tip: Tip, form: PhraseForm, *, name: str) -> HttpResponse:
    """Show the page of the locked tip with the act and everything that was typed in it, ready to go on."""
    kept = [
        (field, value)
        for field, values in request.POST.lists()
        if field not in ("csrfmiddlewaretoken", "phrase")
        for value in values
    ]
    asked = form if "phrase" in request.POST else PhraseForm()
    pending = tippage.Pending(request.path, name, kept)
    return tippage.show(request, tip, tippage.State(pending=pending, phrase_form=asked))


def _refused(request: HttpRequest, tip: Tip, refusal: Refused, *, name: str) -> HttpResponse:
    """Say why: beside the box when it holds a text, above the page in its newest state when not."""
    if name == "note":
        return tippage.show(request, tip, tippage.State(note=request.POST.get("text", ""), note_error=str(refusal)))
    messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("admin:reports_tip_change", args=[tip.pk]))


def _onward(request: HttpRequest, tip: Tip) -> str:
    """Return where to go after an act: to the next tip when asked for, else back."""
    if request.POST.get("then") == "next":
        return f"{reverse('admin:next')}?{urlencode({'after': tip.reference})}"
    return lock.safe_next(request, default=reverse("admin:reports_tip_change", args=[tip.pk]))
