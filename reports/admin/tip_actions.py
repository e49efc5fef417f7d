"""What can be done from a tip's page: each act binds a form and calls a verb."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import questions
from reports.admin import actions, lock, tip_forms, tip_sections
from reports.admin import tip as tip_page
from reports.admin.actions import ActionView, Attempt
from reports.admin.lock import page, unlock_first
from reports.domain import enquiries, triage
from reports.domain.errors import Refused
from reports.domain.handover import grading, own_words
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.tips import edit_conflict, opening
from reports.domain.triage import relations
from reports.models import Entry, Status, Tip


def tip_for(request: HttpRequest, pk: str, *, right: str) -> Tip:
    """Return a tip that the member may act on; one that is hidden from them is not there."""
    if not request.user.has_perms(["reports.view_tip", right]):
        raise PermissionDenied
    return get_object_or_404(Tip.objects.visible_to(request.user).select_related("assignee"), pk=pk)


class TipActionView(ActionView):
    """An act on a tip, from its page.

    `stale_after` names the acts on record by which a colleague makes this one stale since the page's `as_of`.
    """

    form_class: type[forms.Form] = tip_forms.TipActionForm
    keys: ClassVar[Literal["none", "held", "fresh"]] = "held"
    right: ClassVar[str] = "reports.triage_tip"
    stale_after: ClassVar[tuple[str, ...]] = ()

    record: Tip

    @property
    def member(self) -> User:
        """Return who acts."""
        return cast("User", self.request.user)

    @cached_property
    def desk_keys(self) -> Keys:
        """Return the keys of an unlocked desk."""
        return cast("Keys", lock.keys_of(self.request))

    def get_record(self) -> Tip:
        """Return the tip."""
        return tip_for(self.request, self.kwargs["pk"], right=self.right)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form's fields the ids that the page gives them."""
        return super().get_form_kwargs() | tip_forms.ids(self.action)

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the tip's newest page."""
        return tip_page.show(self.request, self.record, attempt)

    def get_success_url(self) -> str:
        """Return where to go after the act: back to where it was asked for."""
        return lock.safe_next(self.request, default=reverse("admin:reports_tip_change", args=[self.record.pk]))

    def perform(self, data: dict[str, Any]) -> str:
        """Do it and say so of this tip."""
        return _("%(tip)s: %(done)s.") % {"done": self.act(data), "tip": self.record.reference}

    def act(self, data: dict[str, Any]) -> str:
        """Do it and return what was done, to be said of one tip or of several; raises EditConflict and Refused."""
        if self.stale_after:
            self.record = edit_conflict.hold(
                tip=self.record, by=self.member, since=data["as_of"], stale_after=self.stale_after
            )
        return self.call_verb(data)

    def call_verb(self, data: dict[str, Any]) -> str:
        """Call the verb and return what was done."""
        raise NotImplementedError


class MoveView(TipActionView):
    """Moves a tip."""

    action, title, form_class = "move", gettext_lazy("Move this tip"), tip_forms.MoveForm
    stale_after = ("moved",)

    def call_verb(self, data: dict[str, Any]) -> str:
        """Move it."""
        triage.move(tip=self.record, to=data["to"], by=self.member)
        return _("moved to “%(status)s”") % {"status": self.record.get_status_display()}

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Go on to the next tip when asked for."""
        self.goes_on = form.cleaned_data["then"]
        return super().form_valid(form)

    def get_success_url(self) -> str:
        """Return the address of the next tip, or of where the act was asked for."""
        if self.goes_on:
            return f"{reverse('admin:next')}?{urlencode({'after': self.record.reference})}"
        return super().get_success_url()


class SpamView(TipActionView):
    """Marks a tip as spam, which the queue offers for several."""

    action, title, stale_after = "spam", gettext_lazy("Mark as spam"), ("moved",)

    def call_verb(self, data: dict[str, Any]) -> str:
        """Move it there."""
        triage.move(tip=self.record, to=Status.SPAM, by=self.member)
        return _("marked as spam")


class AssignView(TipActionView):
    """Gives a tip to a colleague, or to nobody."""

    action, title, form_class = "assign", gettext_lazy("Give this tip to somebody"), tip_forms.AssignForm
    stale_after = ("assigned",)

    def call_verb(self, data: dict[str, Any]) -> str:
        """Give it."""
        to = data["to"]
        triage.assign(tip=self.record, to=to, by=self.member)
        return _("given to %(name)s") % {"name": to.get_username() if to else _("nobody")}


class AcknowledgeView(TipActionView):
    """Says that a person takes care of an urgent tip."""

    action, title, keys = "acknowledge", gettext_lazy("Acknowledge this tip"), "none"

    def call_verb(self, data: dict[str, Any]) -> str:
        """Acknowledge it."""
        triage.acknowledge(tip=self.record, by=self.member)
        return _("acknowledged. No more notices are sent for it")


class NoteView(TipActionView):
    """Seals a note."""

    action, title, form_class = "note", gettext_lazy("Write a note"), tip_forms.NoteForm
    keys, refused_field = "none", "text"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Let the hint fit the desk."""
        return super().get_form_kwargs() | {"unlocked": lock.keys_of(self.request) is not None}

    def perform(self, data: dict[str, Any]) -> str:
        """Seal it."""
        triage.note(tip=self.record, text=data["text"], by=self.member)
        if lock.keys_of(self.request) is None:
            return _("Your note is saved. The desk is locked: unlock it to read the notes.")
        return _("Your note is saved.")


class LabelView(TipActionView):
    """Puts a label on a tip."""

    action, title, form_class = "label", gettext_lazy("Label this tip"), tip_forms.LabelForm

    def call_verb(self, data: dict[str, Any]) -> str:
        """Label it."""
        triage.label(tip=self.record, label=data["label"], by=self.member)
        return _("labelled “%(label)s”") % {"label": data["label"].name}


class UnlabelView(TipActionView):
    """Takes a label off a tip."""

    action, title, form_class = "unlabel", gettext_lazy("Take a label off this tip"), tip_forms.LabelForm

    def call_verb(self, data: dict[str, Any]) -> str:
        """Take it off."""
        triage.unlabel(tip=self.record, label=data["label"], by=self.member)
        return _("no longer labelled “%(label)s”") % {"label": data["label"].name}


class LinkView(TipActionView):
    """Links a tip to an enquiry, or begins one with it."""

    action, title, form_class = "link", gettext_lazy("Link this tip to an enquiry"), tip_forms.LinkForm

    def call_verb(self, data: dict[str, Any]) -> str:
        """Link it to the enquiry that was chosen, or to a new one under the codename that was typed."""
        if data["codename"]:
            enquiry = enquiries.begin_with(tip=self.record, codename=data["codename"], by=self.member)
        else:
            enquiry = data["enquiry"]
            enquiries.link(tip=self.record, enquiry=enquiry, by=self.member)
        return _("now part of “%(enquiry)s”") % {"enquiry": enquiry.codename}


class UnlinkView(TipActionView):
    """Takes a tip out of an enquiry."""

    action, title, form_class = "unlink", gettext_lazy("Take this tip out of an enquiry"), tip_forms.UnlinkForm

    def call_verb(self, data: dict[str, Any]) -> str:
        """Take the link back."""
        enquiries.unlink(tip=self.record, enquiry=data["enquiry"], by=self.member)
        return _("no longer part of “%(enquiry)s”") % {"enquiry": data["enquiry"].codename}


class StandAloneView(TipActionView):
    """Records why a tip is a source of its own."""

    action, title, form_class = "alone", gettext_lazy("Count this tip as a source of its own"), tip_forms.StandAloneForm
    keys, refused_field = "none", "reason"

    def call_verb(self, data: dict[str, Any]) -> str:
        """Record it."""
        relations.stand_alone(tip=self.record, reason=data["reason"], by=self.member)
        return _("counts as a source of its own now")


class GradeView(TipActionView):
    """Saves a suggested grading."""

    action, title, form_class = "grade", gettext_lazy("Grade this tip"), tip_forms.GradeForm
    keys, right = "none", tip_sections.HAND_OVER

    def call_verb(self, data: dict[str, Any]) -> str:
        """Seal it as the next version."""
        grade = {name: data[name] for name in ("source", "information", "handling", "conditions", "seen")}
        grading.grade(tip=self.record, **grade, by=self.member)
        return _("the suggested grading is saved")


class SanitiseView(TipActionView):
    """Saves the tip in our words."""

    action, title, form_class = "sanitise", gettext_lazy("Save the text in our words"), tip_forms.SanitiseForm
    right, refused_field = tip_sections.HAND_OVER, "text"

    def call_verb(self, data: dict[str, Any]) -> str:
        """Seal it as the next version."""
        typed = {name: data[name] for name in ("text", "removed", "contact", "seen")}
        stays = tip_forms.stays(data)
        own_words.sanitise(tip=self.record, **typed, stays=stays, by=self.member, keys=self.desk_keys)
        return _("the text in our words is saved. Look whether something is asked about it")


class WriteView(TipActionView):
    """Writes to the tip's sender: it takes an unlocked desk, since the sender's key lies inside the tip."""

    action, title, form_class = "write", gettext_lazy("Write to the sender"), tip_forms.WriteForm
    refused_field = "text"

    def perform(self, data: dict[str, Any]) -> str:
        """Send what was typed: a question, or a message that wants no answer."""
        asks = data["asks"] == "yes"
        messages.write(tip=self.record, text=data["text"], question=asks, by=self.member, keys=self.desk_keys)
        if asks:
            return _("Your question is in the sender's mailbox. The tip waits for an answer.")
        return _("Your message is in the sender's mailbox.")


class StartView(TipActionView):
    """Shows the tip with a ready reply below what was typed; nothing is sent."""

    action, title, form_class, keys = "write/start", gettext_lazy("Start from this"), tip_forms.ReplyForm, "none"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Put the reply below."""
        parts = (form.cleaned_data["text"].strip(), form.cleaned_data["reply"].text)
        text = "\n\n".join(part for part in parts if part)
        ready = tip_forms.WriteForm(initial={"text": text}, **tip_forms.ids("write"))
        return self.show_record(Attempt("write", ready))

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """There is no such reply."""
        raise Http404


class RevealView(TipActionView):
    """Shows the contact details once, after their showing is recorded with its reason."""

    action, title, form_class = "reveal", gettext_lazy("Reveal the contact details"), tip_forms.RevealForm
    keys, right, refused_field = "fresh", "reports.reveal_contact", "reason"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Record the reason, then show them."""
        tip, reason = self.record, form.cleaned_data["reason"]
        try:
            contact = opening.reveal(tip=tip, by=self.member, keys=self.desk_keys, reason=reason)
        except Refused as refusal:
            form.add_error(self.refused_field, str(refusal))
            return self.form_invalid(form)
        shown = [(questions.question(name).label, text) for name, text in contact.items()]
        title = _("Contact details of %(tip)s") % {"tip": tip.reference}
        context = page(self.request, title=title) | {"tip": tip, "contact": shown}
        return TemplateResponse(self.request, "admin/reports/tip/contact.html", context)


VIEWS: tuple[type[TipActionView], ...] = (
    MoveView,
    AssignView,
    AcknowledgeView,
    NoteView,
    LabelView,
    UnlabelView,
    LinkView,
    UnlinkView,
    StandAloneView,
    GradeView,
    SanitiseView,
    WriteView,
    RevealView,
)


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the acts' addresses, below the tips': `<tip>/<action>/`, called `reports_tip_<action>`."""
    return [
        *actions.addresses(VIEWS, prefix="reports_tip", wrap=wrap),
        path("<uuid:pk>/write/start/", wrap(StartView.as_view()), name="reports_tip_start"),
        path("<uuid:pk>/<uuid:entry>/<int:number>/", wrap(picture), name="reports_tip_picture"),
    ]


def picture(request: HttpRequest, pk: str, entry: str, number: int) -> HttpResponse:
    """Send one picture, after its reading is recorded; the site's wrapper says that no browser may keep it."""
    tip, keys = tip_for(request, pk, right="reports.read_tip"), lock.keys_of(request)
    if keys is None:
        return redirect(unlock_first(reverse("admin:reports_tip_change", args=[tip.pk])))
    found = get_object_or_404(Entry.objects.select_related("tip"), pk=entry, tip=tip)
    try:
        jpeg = opening.picture(entry=found, number=number, by=cast("User", request.user), keys=keys)
    except Refused as refusal:
        raise Http404(str(refusal)) from refusal
    headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(jpeg, content_type="image/jpeg", headers=headers)
