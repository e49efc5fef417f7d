"""Acts on several tips at once: each through its view's verb, with its own record; one message says what came of it."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from reports.admin import lock
from reports.admin.actions import ActionView, Attempt, RecordNumber
from reports.admin.audit import refusal_text
from reports.admin.lock import page
from reports.admin.tip_actions import AssignView, LabelView, MoveView, SpamView, TipActionView
from reports.admin.tip_forms import CHOOSE_LABEL, CHOOSE_MOVE, NOT_A_COLLEAGUE, ids
from reports.domain import triage
from reports.domain.errors import Refused
from reports.domain.triage.queue import PAGE
from reports.models import Label, Status, Tip

CHOOSE_ACT = gettext_lazy("Choose what to do with the tips.")
VIEWS: dict[str, type[TipActionView]] = {
    "assign": AssignView,
    "move": MoveView,
    "label": LabelView,
    "spam": SpamView,
}


class TickedField(forms.Field):
    """The tips that were ticked, as they were sent: what is not there any more is counted, not refused."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        """Return them; raises ValidationError for none, and for more than a page."""
        ticked = list(super().clean(value))
        if len(ticked) > PAGE:
            raise forms.ValidationError(_("That is more than %(most)d tips. Nothing was done.") % {"most": PAGE})
        return ticked


class BulkForm(forms.Form):
    """What to do with the ticked tips, and what is chosen for it."""

    use_required_attribute = False
    next = forms.CharField(required=False, widget=forms.HiddenInput)
    as_of = RecordNumber()
    tip = TickedField(error_messages={"required": gettext_lazy("Tick at least one tip first.")})
    do = forms.ChoiceField(
        choices=[(name, "") for name in VIEWS],
        error_messages={"required": CHOOSE_ACT, "invalid_choice": CHOOSE_ACT},
    )
    assign = forms.ModelChoiceField(
        label=gettext_lazy("Give to"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("Nobody"),
        error_messages={"invalid_choice": NOT_A_COLLEAGUE},
    )
    move = forms.ChoiceField(
        label=gettext_lazy("Move to"),
        choices=[choice for choice in Status.choices if choice[0] not in (Status.NEW, Status.SPAM)],
        required=False,
        error_messages={"invalid_choice": CHOOSE_MOVE},
    )
    label = forms.ModelChoiceField(
        label=gettext_lazy("Label"),
        queryset=Label.objects.filter(retired=False),
        required=False,
        empty_label=None,
        error_messages={"invalid_choice": CHOOSE_LABEL},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the members who may triage now."""
        super().__init__(*args, **ids("bulk") | kwargs)
        self.fields["assign"].queryset = triage.members()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a label and a place only where they are needed; what is chosen for another act does not matter."""
        data, wanted = self.cleaned_data, self.cleaned_data.get("do") if "tip" not in self.errors else None
        for name in ("assign", "move", "label"):
            if name != wanted:
                self.errors.pop(name, None)
        if wanted == "move" and not data.get("move") and "move" not in self.errors:
            self.add_error("move", str(CHOOSE_MOVE))
        if wanted == "label" and data.get("label") is None and "label" not in self.errors:
            self.add_error("label", str(CHOOSE_LABEL))
        return data

    @property
    def ticked(self) -> list[str]:
        """Return the tips that were ticked, for a page that shows them again."""
        return list(self["tip"].value() or []) if self.is_bound else []


class Offer(NamedTuple):
    """A bulk act as the queue draws it: `field` has what can be chosen for it; without one it is a button."""

    name: str
    button: str | Promise
    field: forms.BoundField | None


BUTTONS: dict[str, str | Promise] = {
    "assign": gettext_lazy("Give"),
    "move": gettext_lazy("Move"),
    "label": gettext_lazy("Label"),
    "spam": gettext_lazy("Mark as spam"),
}


def offered(user: User, form: forms.Form) -> list[Offer]:
    """Return what the member may do with several tips at once."""
    return [
        Offer(name, BUTTONS[name], form[name] if name in form.fields else None)
        for name, view in VIEWS.items()
        if user.has_perm(view.right)
    ]


class BulkView(ActionView):
    """Does one act on each ticked tip and goes back to where it was asked for; a locked desk keeps the choice."""

    action, title, form_class, keys = "bulk", gettext_lazy("The desk has locked"), BulkForm, "held"
    atomic = False  # each tip for itself
    show_queue: Callable[..., HttpResponse] | None = None  # what draws the queue with an attempt

    def get_record(self) -> None:
        """Let members in who may triage; the act's own right is asked for with the form."""
        if not self.request.user.has_perms(["reports.view_tip", "reports.triage_tip"]):
            raise PermissionDenied

    def get_success_url(self) -> str:
        """Return the page of the queue on which the tips were ticked."""
        return lock.safe_next(self.request, default=reverse("admin:reports_tip_changelist"))

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the newest queue with the ticks, or the page that asks for the words."""
        if attempt.phrase_form is None or not attempt.form.is_valid():
            draw = cast("Callable[..., HttpResponse]", self.show_queue)
            return draw(self.request, address=self.get_success_url(), attempt=attempt._replace(phrase_form=None))
        return self._ask_phrase(attempt)

    def _ask_phrase(self, attempt: Attempt) -> HttpResponse:
        data = attempt.form.cleaned_data
        context = page(self.request, title=str(self.title)) | {
            "attempt": attempt,
            "act": VIEWS[data["do"]].title,
            "count": len(data["tip"]),
            "phrase_form": attempt.phrase_form,
            "opts": Tip._meta,  # noqa: SLF001 - Django's public name
        }
        return TemplateResponse(self.request, "admin/reports/bulk/locked.html", context)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Do it to each tip by itself, and say how many went and which were refused, and why."""
        done, refused = each(self.request, form.cleaned_data)
        went = [
            ngettext("%(count)d tip %(said)s.", "%(count)d tips %(said)s.", count) % {"count": count, "said": said}
            for said, count in done.items()
        ] or [_("Nothing was changed.")]
        if refused:
            went.append(ngettext("Refused: %(count)d.", "Refused: %(count)d.", len(refused)) % {"count": len(refused)})
        (messages.warning if refused else messages.success)(self.request, " ".join([*went, *refused]))
        return redirect(self.get_success_url())


GONE = ngettext_lazy("%(gone)d is not there any more.", "%(gone)d are not there any more.", "gone")


def each(request: HttpRequest, data: dict[str, Any]) -> tuple[dict[str, int], list[str]]:
    """Do the act to each tip; return how many went, by what was done, and why the others were refused."""
    chosen, wanted = data["tip"], data["do"]
    visible = Tip.objects.visible_to(request.user).in_bulk([UUID(pk) for pk in chosen if _is_uuid(pk)])
    done: dict[str, int] = {}
    refused = []
    value = data.get(wanted)
    for tip in visible.values():
        view = VIEWS[wanted](request=request, record=tip)
        try:
            with transaction.atomic():
                said = view.act({"to": value, "label": value, "as_of": data["as_of"]})
        except Refused as refusal:
            refused.append(f"{tip.reference}: {refusal_text(refusal)}")
        else:
            done[said] = done.get(said, 0) + 1
    if gone := len(set(chosen)) - len(visible):
        refused.append(GONE % {"gone": gone})
    return done, refused


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
