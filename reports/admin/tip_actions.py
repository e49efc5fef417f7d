"""What can be done from a tip's page, one row each: the verb, the right it takes, and what a locked desk does to it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports import questions
from reports.admin import history, lock, tip_sections
from reports.admin import tip as tip_page
from reports.admin.lock import PhraseForm, keys_or_unlocked, page, unlock_first
from reports.admin.naming import row_or_404
from reports.domain import enquiries, triage
from reports.domain.errors import Refused
from reports.domain.handover import grading, own_words
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages as mailbox_messages
from reports.domain.tips import edit_conflict, opening
from reports.domain.triage import relations
from reports.models import Enquiry, Entry, Label, ReplyTemplate, Tip

HAND_OVER = tip_sections.RIGHT
STAYS = tip_sections.STAYS


def _member(request: HttpRequest) -> User:
    return cast("User", request.user)


def _move(request: HttpRequest, tip: Tip) -> str:
    triage.move(tip=tip, to=request.POST.get("to", ""), by=_member(request))
    return _("%(tip)s: moved to “%(status)s”.") % {"tip": tip.reference, "status": tip.get_status_display()}


def colleague(chosen: str) -> User | None:
    """Return the member of that number who can be given a tip, None for nobody; raises Refused for anybody else."""
    to = tip_sections.colleagues().filter(pk=chosen).first() if chosen.isdecimal() else None
    if chosen and to is None:
        raise Refused(_("That person cannot be given a tip any more. Choose somebody else."))
    return to


def _assign(request: HttpRequest, tip: Tip) -> str:
    to = colleague(request.POST.get("to", ""))
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


def _label(request: HttpRequest, tip: Tip) -> str:
    found = label_of(request.POST.get("label", ""))
    triage.label(tip=tip, label=found, by=_member(request))
    return _("%(tip)s: labelled “%(label)s”.") % {"tip": tip.reference, "label": found.name}


def _unlabel(request: HttpRequest, tip: Tip) -> str:
    found = label_of(request.POST.get("label", ""))
    triage.unlabel(tip=tip, label=found, by=_member(request))
    return _("%(tip)s: no longer labelled “%(label)s”.") % {"tip": tip.reference, "label": found.name}


def label_of(chosen: str) -> Label:
    """Return the label of that number; raises Refused when there is none."""
    found = Label.objects.filter(pk=chosen).first() if chosen.isdecimal() else None
    if found is None:
        raise Refused(_("Choose a label."))
    return found


def _link(request: HttpRequest, tip: Tip) -> str:
    """Link the tip to the enquiry that was chosen, or to a new one under the codename that was typed."""
    codename, by = request.POST.get("codename", "").strip(), _member(request)
    if codename:
        enquiry = enquiries.begin_with(tip=tip, codename=codename, by=by)
    else:
        enquiry = _enquiry(request)
        enquiries.link(tip=tip, enquiry=enquiry, by=by)
    return _("%(tip)s: now part of “%(enquiry)s”.") % {"tip": tip.reference, "enquiry": enquiry.codename}


def _unlink(request: HttpRequest, tip: Tip) -> str:
    enquiry = _enquiry(request)
    enquiries.unlink(tip=tip, enquiry=enquiry, by=_member(request))
    return _("%(tip)s: no longer part of “%(enquiry)s”.") % {"tip": tip.reference, "enquiry": enquiry.codename}


def _enquiry(request: HttpRequest) -> Enquiry:
    try:
        return Enquiry.objects.get(pk=request.POST.get("enquiry", ""))
    except (Enquiry.DoesNotExist, ValidationError):
        raise Refused(_("Choose an enquiry, or type a codename for a new one.")) from None


def _grade(request: HttpRequest, tip: Tip) -> str:
    chosen = {name: request.POST.get(name, "") for name in ("source", "information", "handling", "conditions")}
    grading.grade(tip=tip, **chosen, seen=_seen(request), by=_member(request))
    return _("%(tip)s: the suggested grading is saved.") % {"tip": tip.reference}


def _sanitise(request: HttpRequest, tip: Tip) -> str:
    typed = {name: request.POST.get(name, "") for name in ("text", "removed", "contact")}
    stays = {name.removeprefix(STAYS): request.POST[name] for name in request.POST if name.startswith(STAYS)}
    keys = cast("Keys", lock.keys_of(request))
    own_words.sanitise(tip=tip, **typed, stays=stays, seen=_seen(request), by=_member(request), keys=keys)
    return _("%(tip)s: the text in our words is saved. Look whether something is asked about it.") % {
        "tip": tip.reference
    }


def _seen(request: HttpRequest) -> int:
    """Return the number of the version that the member saw."""
    number = request.POST.get("seen", "")
    return int(number) if number.isdecimal() and len(number) < 9 else 0


def _stand_alone(request: HttpRequest, tip: Tip) -> str:
    relations.stand_alone(tip=tip, reason=request.POST.get("reason", ""), by=_member(request))
    return _("%(tip)s: counts as a source of its own now.") % {"tip": tip.reference}


def _write(request: HttpRequest, tip: Tip) -> str:
    """Send what was typed: a question, or a message that wants no answer."""
    asks = request.POST.get("asks") == "yes"
    by, keys = cast("User", request.user), cast("Keys", lock.keys_of(request))
    mailbox_messages.write(tip=tip, text=request.POST.get("text", ""), question=asks, by=by, keys=keys)
    if asks:
        return _("Your question is in the sender's mailbox. The tip waits for an answer.")
    return _("Your message is in the sender's mailbox.")


class Act(NamedTuple):
    """One act: what is done (it returns what to tell the member), its right, and what it takes of the desk.

    `keys`: none, an unlocked desk, or one whose words were typed within ten minutes. `typed`: a refusal shows the page
    with what was typed in its place (`state.typed`), instead of a message above the newest state. `stale_after`: the
    acts on record by which a colleague makes this one stale (see `meanwhile`); its form sends the page's `as_of` along.
    """

    do: Callable[[HttpRequest, Tip], str]
    name: str | Promise
    keys: Literal["none", "held", "fresh"] = "held"
    right: str = "reports.triage_tip"
    typed: bool = False
    stale_after: tuple[str, ...] = ()


ACTS: dict[str, Act] = {
    "move": Act(_move, gettext_lazy("Move this tip"), stale_after=("moved",)),
    "assign": Act(_assign, gettext_lazy("Give this tip to somebody"), stale_after=("assigned",)),
    "acknowledge": Act(_acknowledge, gettext_lazy("Acknowledge this tip"), keys="none"),
    "note": Act(_note, gettext_lazy("Write a note"), keys="none", typed=True),
    "label": Act(_label, gettext_lazy("Label this tip")),
    "unlabel": Act(_unlabel, gettext_lazy("Take a label off this tip")),
    "link": Act(_link, gettext_lazy("Link this tip to an enquiry"), typed=True),
    "alone": Act(_stand_alone, gettext_lazy("Count this tip as a source of its own"), keys="none", typed=True),
    "unlink": Act(_unlink, gettext_lazy("Take this tip out of an enquiry")),
    "grade": Act(_grade, gettext_lazy("Grade this tip"), keys="none", right=HAND_OVER, typed=True),
    "write": Act(_write, gettext_lazy("Write to the sender"), typed=True),
    "sanitise": Act(_sanitise, gettext_lazy("Save the text in our words"), right=HAND_OVER, typed=True),
}


def addresses(wrap: Callable[[Any], Any], acts: Mapping[str, Act] = ACTS) -> list[URLPattern]:
    """Return the acts' addresses, below the tips': `<tip>/<name>/`, called `reports_tip_<name>`."""
    return [
        path(f"<uuid:pk>/{name}/", wrap(partial(act, name=name, wanted=wanted)), name=f"reports_tip_{name}")
        for name, wanted in acts.items()
    ]


@require_POST
def act(request: HttpRequest, pk: str, name: str, wanted: Act) -> HttpResponse:
    """Do one act on a tip, say what was done, and go on."""
    tip, form = tip_for(request, pk, right=wanted.right), PhraseForm(request.POST)
    if wanted.keys != "none" and keys_or_unlocked(request, form, fresh=wanted.keys == "fresh") is None:
        return _ask_phrase(request, tip, form, name=str(wanted.name))
    try:
        messages.success(request, do(request, tip, wanted))
    except Refused as refusal:
        return _refused(request, tip, refusal, act=name if wanted.typed else "")
    return redirect(_onward(request, tip))


def do(request: HttpRequest, tip: Tip, wanted: Act) -> str:
    """Do one act in a transaction and return what to tell the member; raises Meanwhile where a colleague was faster."""
    with transaction.atomic():
        if wanted.stale_after:
            since = as_of(request)
            tip = edit_conflict.hold(tip=tip, by=_member(request), since=since, stale_after=wanted.stale_after)
        return wanted.do(request, tip)


def as_of(request: HttpRequest) -> int:
    """Return the record's number as of which the member saw what they act on; 0 when the form does not say."""
    number = request.POST.get("as_of", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


@require_POST
def reveal(request: HttpRequest, pk: str) -> HttpResponse:
    """Show the contact details once, after their showing is recorded with its reason."""
    tip, form = tip_for(request, pk, right="reports.reveal_contact"), PhraseForm(request.POST)
    keys = keys_or_unlocked(request, form, fresh=True)
    if keys is None:
        return _ask_phrase(request, tip, form, name=_("Reveal the contact details"))
    try:
        contact = opening.reveal(tip=tip, by=_member(request), keys=keys, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _refused(request, tip, refusal)
    shown = [(questions.question(name).label, text) for name, text in contact.items()]
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


def tip_for(request: HttpRequest, pk: str, *, right: str) -> Tip:
    """Return a tip that the member may act on; one that is hidden from them is not there."""
    if not request.user.has_perms(["reports.view_tip", right]):
        raise PermissionDenied
    return row_or_404(Tip.objects.visible_to(request.user).select_related("assignee"), pk=pk)


def _ask_phrase(request: HttpRequest, tip: Tip, form: PhraseForm, *, name: str) -> HttpResponse:
    """Show the page of the locked tip with the act and everything that was typed in it, ready to go on."""
    asked = form if "phrase" in request.POST else PhraseForm()
    pending = tip_page.Pending.of(request, name=name)
    return tip_page.show(request, tip, tip_page.State(pending=pending, phrase_form=asked))


def _refused(request: HttpRequest, tip: Tip, refusal: Refused, *, act: str = "") -> HttpResponse:
    """Say why: beside what was typed in the act, or above the page in its newest state."""
    if act:
        return tip_page.show(
            request, tip, tip_page.State(act=act, typed=request.POST, error=history.meanwhile(refusal))
        )
    messages.error(request, history.meanwhile(refusal))
    return HttpResponseRedirect(reverse("admin:reports_tip_change", args=[tip.pk]))


def _onward(request: HttpRequest, tip: Tip) -> str:
    """Return where to go after an act: to the next tip when asked for, else back."""
    if request.POST.get("then") == "next":
        return f"{reverse('admin:next')}?{urlencode({'after': tip.reference})}"
    return lock.safe_next(request, default=reverse("admin:reports_tip_change", args=[tip.pk]))


@require_POST
def start(request: HttpRequest, pk: str) -> HttpResponse:
    """Show the tip with a ready reply below what was typed; nothing is sent."""
    tip = tip_for(request, pk, right="reports.triage_tip")
    chosen = request.POST.get("reply", "")
    ready = get_object_or_404(ReplyTemplate, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 9 else 0)
    text = "\n\n".join(part for part in (request.POST.get("text", "").strip(), ready.text) if part)
    return tip_page.show(request, tip, tip_page.State(act="write", typed={"text": text}))
