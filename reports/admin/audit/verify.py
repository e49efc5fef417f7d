"""The check of the audit log for tampering."""

from collections.abc import Iterable
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.rights import needs
from reports.admin.pages import lock
from reports.domain.audit import times, verification
from reports.domain.errors import Refused
from reports.domain.rights import RUN_DESK, VIEW_AUDIT_LOG
from reports.domain.tips import recusal, tampering
from reports.models import Tip, hidden_from


class MarkForm(forms.Form):
    """A log check code that was noted; it is not secret, so it may be in the address."""

    use_required_attribute = False  # the page says what is missing, in its own words

    mark = forms.CharField(
        label="Log check code from your notes or from the weekly email",
        max_length=40,
        error_messages={"required": "Enter the log check code."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    known: bool | None = None  # whether the log has the code

    def clean_mark(self) -> str:
        """Look for the code in the log; refuse what is not one."""
        mark = str(self.cleaned_data["mark"])
        try:
            self.known = verification.knows(mark)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return mark


class ClockForm(forms.Form):
    """At which events the clock was wrong: the numbers of the first and the last, as the check found them."""

    first = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    last = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


def _told(findings: Iterable[str], user: User) -> list[str]:
    """Return the findings without those that name what is hidden from a user."""
    hidden = _hidden(user)

    def names_hidden(sentence: str) -> bool:
        return any(reference in sentence for reference in hidden)

    return [sentence for sentence in findings if not names_hidden(sentence)]


@needs(VIEW_AUDIT_LOG)
def verify(request: HttpRequest) -> HttpResponse:
    """Check the whole audit log at a press of the button, show what was found, and add the check to the log."""
    context = lock.page(request, title="Check the audit log for tampering") | {
        "mark": verification.mark()
    }
    if request.method == "POST":
        keys = lock.keys_of(request)
        user = cast("User", request.user)
        look, doubts = tampering.verify(keys=keys)
        verification.conclude(look, by=user)
        sentences = _told(look.findings, user)[: verification.TOLD]  # the others are only counted
        context |= {
            "look": look,
            "sentences": sentences,
            "more": len(look.findings) - len(sentences),
        }
        context["doubts"] = doubts if keys and user.has_perm(RUN_DESK) else []
    context["mark_form"] = mark_form = MarkForm(request.GET if "mark" in request.GET else None)
    mark_form.is_valid()  # the page says first whether the log has the code
    return TemplateResponse(request, "admin/reports/audit/verify.html", context)


@needs(post=RUN_DESK)
def say_clock_was_wrong(request: HttpRequest) -> HttpResponse:
    """Record that the clock was wrong at events whose times the check doubts."""
    here = reverse("admin:reports_auditevent_verify")
    form = ClockForm(request.POST)
    keys = lock.keys_of(request)
    if keys is None:
        return redirect(lock.unlock_first(here))
    if not form.is_valid():
        messages.error(request, "Check the audit log for tampering again.")
        return redirect(here)
    try:
        times.say_clock_was_wrong(**form.cleaned_data, by=cast("User", request.user), keys=keys)
        messages.success(
            request, "The audit log says that the clock was wrong then. Check it again."
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(here)


def _hidden(user: User) -> list[str]:
    """Return the references that are not named to a member, as they are recused; what nobody can see is named."""
    hidden = Tip.objects.filter(pk__in=hidden_from(user)).exclude(pk__in=recusal.hidden_from_all())
    return list(hidden.values_list("reference", flat=True))
