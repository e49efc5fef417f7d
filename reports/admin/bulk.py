"""Acts on several tips at once: each through the verb of the tip's page, with its own record, and one message."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from reports.admin import lock, undo
from reports.admin.actions import ActionView, Attempt, RecordNumber
from reports.admin.audit import refusal_text
from reports.admin.decision import CHOOSE_LABEL, NOT_A_COLLEAGUE, in_words
from reports.admin.lock import PhraseForm, keys_of, keys_or_unlocked, page
from reports.domain import decision, triage
from reports.domain.decision import Changes
from reports.domain.errors import KeptFromSpam, Refused
from reports.domain.triage import undo as undoing
from reports.domain.triage.queue import PAGE
from reports.models import Label, Status, Tip

CHOOSE_ACT = gettext_lazy("Choose what to do with the tips.")
CHOOSE_MOVE = gettext_lazy("Choose where to move the tips.")
NOT_CHOSEN = (Status.NEW, Status.PASSED_ON, Status.SPAM, Status.LINKED)  # the last takes an enquiry
ACTS: dict[str, Callable[[Any], Changes]] = {
    "assign": lambda member: Changes(assignee=member),
    "move": lambda status: Changes(status=status),
    "label": lambda label: Changes(put_on=[label]),
    "spam": lambda _nothing: Changes(status=Status.SPAM),
}


class TickedField(forms.Field):
    """The tips that were ticked, as they were sent: what is not there any more is counted, not refused."""

    widget = hidden_widget = forms.MultipleHiddenInput

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
        choices=[(name, "") for name in ACTS],
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
        choices=[one for one in Status.choices if one[0] not in NOT_CHOSEN],
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
        super().__init__(*args, **{"auto_id": "bulk_%s", "label_suffix": ""} | kwargs)
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
    if not user.has_perm("reports.triage_tip"):
        return []
    return [Offer(name, button, form[name] if name in form.fields else None) for name, button in BUTTONS.items()]


class BulkView(ActionView):
    """Does one act on each ticked tip and goes back to where it was asked for; a locked desk keeps the ticks."""

    action, title, form_class, keys = "bulk", gettext_lazy("The desk has locked"), BulkForm, "held"
    show_queue: Callable[..., HttpResponse] | None = None  # what draws the queue with an attempt

    def get_record(self) -> None:
        """Let members in who may triage."""
        if not self.request.user.has_perms(["reports.view_tip", "reports.triage_tip"]):
            raise PermissionDenied

    def get_success_url(self) -> str:
        """Return the page of the queue on which the tips were ticked."""
        return lock.safe_next(self.request, default=reverse("admin:reports_tip_changelist"))

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the newest queue with the ticks."""
        draw = cast("Callable[..., HttpResponse]", self.show_queue)
        return draw(self.request, address=self.get_success_url(), attempt=attempt)

    def locked(self) -> HttpResponse:
        """Ask for the words on a page that holds the ticks; the queue has them again once the desk is unlocked."""
        form, words = self.get_form(), PhraseForm(self.request.POST if "phrase" in self.request.POST else None)
        if not form.is_valid() or (words.is_bound and keys_or_unlocked(self.request, words)):
            return self.show_record(Attempt(self.action, form))
        context = page(self.request, title=str(self.title)) | {
            "form": form,
            "count": len(form.cleaned_data["tip"]),
            "phrase_form": words,
            "opts": Tip._meta,  # noqa: SLF001 - Django's public name
        }
        return TemplateResponse(self.request, "admin/reports/bulk/locked.html", context)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Do it to each tip by itself, and say how many went, which were left out or refused, and why."""
        press = undoing.new_press()
        done = each(self.request, form.cleaned_data, press=press)
        tags = undo.tags(press) if undoing.offers(press=press) else ""
        (messages.warning if done.left_out or done.refused else messages.success)(self.request, _said(done), tags)
        return redirect(self.get_success_url())


GONE = ngettext_lazy("%(gone)d is not there any more.", "%(gone)d are not there any more.", "gone")


class BulkResult(NamedTuple):
    """What was done, to how many tips, which of them are no spam and were left out, and why others were refused."""

    what: str
    number: int
    left_out: list[str]
    refused: list[str]


def _said(result: BulkResult) -> str:
    """Return it in words."""
    went = ngettext("%(count)d tip %(said)s.", "%(count)d tips %(said)s.", result.number)
    parts = [went % {"count": result.number, "said": result.what} if result.number else _("Nothing was changed.")]
    if left := result.left_out:
        said = ngettext("%(count)d left out: %(listed)s.", "%(count)d left out: %(listed)s.", len(left))
        parts.append(said % {"count": len(left), "listed": "; ".join(left)})
    if refused := result.refused:
        parts.append(ngettext("Refused: %(count)d.", "Refused: %(count)d.", len(refused)) % {"count": len(refused)})
    return " ".join([*parts, *refused])


def each(request: HttpRequest, data: dict[str, Any], *, press: str) -> BulkResult:
    """Do the act to each tip; return what was done, to how many, and why others were not changed."""
    by, chosen, changes = cast("User", request.user), data["tip"], ACTS[data["do"]](data.get(data["do"]))
    visible = Tip.objects.visible_to(by).in_bulk([UUID(pk) for pk in chosen if _is_uuid(pk)])
    done = BulkResult(", ".join(in_words(changes)), len(visible), [], [])
    keys = keys_of(request)
    for tip in visible.values():
        try:
            decision.save(
                tip=tip, changes=changes, since=data["as_of"], by=by, among_others=True, keys=keys, press=press
            )
        except KeptFromSpam as kept:
            done.left_out.append(f"{tip.reference} {get_text_list(kept.reasons, _('and'))}")
        except Refused as refusal:
            done.refused.append(f"{tip.reference}: {refusal_text(refusal)}")
    done = done._replace(number=len(visible) - len(done.left_out) - len(done.refused))
    if gone := len(set(chosen)) - len(visible):
        done.refused.append(GONE % {"gone": gone})
    return done


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
