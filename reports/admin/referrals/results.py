"""What became of police referrals: the list, and the page of one, where a member records what the police said."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats

from core.rights import needs
from reports.admin.pages import lock
from reports.admin.pages.actions import ActionView, Attempt, choose
from reports.domain.errors import Refused
from reports.domain.referrals import grading, results
from reports.domain.rights import REFER
from reports.models import ReferralResult


class ResultForm(forms.Form):
    """What the police said; the verb asks for what is missing."""

    result = forms.ChoiceField(
        label="What became of it?",
        choices=[*results.RESULTS.items()],
        error_messages=choose("Choose what became of it."),
        widget=forms.RadioSelect,
    )
    wrong = forms.ChoiceField(
        label="If it was not borne out: was it the wrong address or the wrong person?",
        choices=[*results.WRONG.items()],
        required=False,
        widget=forms.RadioSelect,
    )


@needs(get=REFER)
def listed(request: HttpRequest) -> HttpResponse:
    """Show the referrals that the police confirmed in the last two years, first those without a result."""
    rows = ReferralResult.objects.visible_to(request.user).defer("sealed")
    context = lock.page(request, title="What became of police referrals") | {
        "rows": rows.order_by("answered", "week", "reference"),
    }
    return TemplateResponse(request, "admin/reports/referrals/results.html", context)


class ResultView(ActionView):
    """Shows what became of a referral, and records it."""

    http_method_names = ["get", "post"]
    action = "result"
    form_class = ResultForm
    right = REFER
    keys = "unlocked"

    def get_target(self) -> ReferralResult:
        """Return the row; that of a referral with a tip that is hidden from the member is not there."""
        return get_object_or_404(
            ReferralResult.objects.visible_to(self.request.user), pk=self.kwargs["pk"]
        )

    def get_target_url(self) -> str:
        """Return the address of this page."""
        return reverse("admin:reports_referral_result", args=[self.target.pk])

    def locked(self) -> HttpResponse:
        """Say that nothing was saved: there is no text to keep as a draft."""
        messages.warning(
            self.request, "The desk is locked, so nothing was saved. Unlock it, then choose again."
        )
        return redirect(self.get_target_url())

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the page; on an unlocked desk with what is known, which is recorded first."""
        keys = lock.keys_of(self.request)
        facts = dict[str, str]()
        problem = ""
        try:
            facts = results.read(row=self.target, by=self.member, keys=keys) if keys else {}
        except Refused as refusal:
            problem = str(refusal)
        context = lock.page(self.request, title=f"What became of {self.target.reference}") | {
            "row": self.target,
            "form": attempt.form,
            "facts": _in_words(facts) if facts else [],
            "problem": problem,
            "next": self.get_target_url(),
            "passphrase_form": lock.PassphraseForm(),
        }
        return TemplateResponse(self.request, "admin/reports/referrals/result.html", context)

    def perform(self, data: dict[str, Any]) -> str:
        results.record(row=self.target, **data, by=self.member, keys=self.desk_keys)
        return f"You have recorded what became of {self.target.reference}."


def _in_words(facts: dict[str, str]) -> list[tuple[str, str]]:
    """Return each fact of a row under its name."""
    letter = facts["letter"]
    worth = grading.INFORMATION.get(letter, "not known")
    lines = [
        ("Sources", f"at most {facts['sources']}"),
        ("Weakest letter of the grading", f"{letter} {worth}".strip()),
    ]
    if facts["result"]:
        lines.append(("Result", results.RESULTS.get(facts["result"], facts["result"])))
        lines.append(("Heard in", _month(facts["month"])))
    if facts["wrong"]:
        lines.append(("Wrong address or person", facts["wrong"]))
    return lines


def _month(month: str) -> str:
    try:
        return formats.date_format(date.fromisoformat(f"{month}-01"), "F Y")
    except ValueError:
        return month
