"""Outcomes on the desk: what waits for an approval, exactly what a tipster would see, and what can be done with it.

They are proposed on the page of an enquiry.
"""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from core.lists import ColumnTabs
from reports.admin.pages.actions import ActionView, Attempt, addresses, choose
from reports.admin.pages.lock import keys_of, page, unlock_first
from reports.admin.pages.paging import PlainList
from reports.admin.people.reauthentication import ReauthenticationForm, ReauthenticationView
from reports.domain.outcomes import approvals, public_results
from reports.domain.people import accounts, second_person
from reports.domain.rights import APPROVE_OUTCOME, VIEW_OUTCOME
from reports.models import Outcome


class ApprovalForm(ReauthenticationForm):
    """As what the member approves."""

    capacity = forms.ChoiceField(
        choices=[(capacity, capacity) for capacity in public_results.CAPACITIES],
        error_messages=choose("Choose whether you approve as an editor or as a team lead."),
        widget=forms.HiddenInput,
    )


class OutcomeAdmin(PlainList):
    """What may be told: proposed, approved and withdrawn by the domain's verbs, on pages of their own."""

    list_display = ["sentence", "status", "article", "proposer"]
    list_filter = [("status", ColumnTabs)]
    list_select_related = ["article"]
    ordering = ["released", "approved_on", "pk"]
    change_list_template = "admin/reports/outcomes/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with an outcome."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<uuid:pk>/approve/", wrap(ApprovalView.as_view()), name="reports_outcome_approve"
            ),
            *addresses([WithdrawView], prefix="reports_outcome", wrap=wrap),
            *super().get_urls(),
        ]

    def show(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return an outcome's page."""
        return show(request, outcome_for(pk))


def outcome_for(pk: Any) -> Outcome:
    """Return an outcome; raises Http404 if there is none."""
    return get_object_or_404(Outcome.objects.select_related("article", "enquiry"), pk=pk)


def show(
    request: HttpRequest, outcome: Outcome, attempt: Attempt | None = None
) -> TemplateResponse:
    """Return the page: what a tipster would see, what stands against it, and who approves."""
    by = cast("User", request.user)
    keys = keys_of(request)
    here = reverse("admin:reports_outcome_change", args=[outcome.pk])
    new_until = None
    if by.has_perm(APPROVE_OUTCOME):
        new_until = second_person.settles_at(APPROVE_OUTCOME, user=by)
    context = page(request, title="Public result") | {
        "outcome": outcome,
        "preview": public_results.preview(outcome=outcome),
        "hindrances": public_results.hindrances(outcome=outcome),
        "doubts": approvals.doubts(outcome=outcome, keys=keys),
        "can_approve": public_results.can_approve(outcome=outcome),
        "capacities": public_results.capacities(outcome=outcome, by=by),
        "unlock_first": unlock_first(here) if _must_unlock(request) else "",
        "new_until": new_until,
        "final": outcome.status == public_results.WITHDRAWN,
        "attempt": attempt,
    }
    return TemplateResponse(request, "admin/reports/outcomes/outcome.html", context)


class WithdrawView(ActionView):
    """Withdraws an outcome."""

    action = "withdraw"
    right = VIEW_OUTCOME

    def get_target(self) -> Outcome:
        """Return the outcome."""
        return outcome_for(self.kwargs["pk"])

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the outcome's newest page."""
        self.target.refresh_from_db()
        return show(self.request, self.target, attempt)

    def perform(self, data: dict[str, Any]) -> str:
        public_results.withdraw(outcome=self.target, by=self.member)
        return "You have withdrawn the public result. Senders and readers no longer see it."


class ApprovalView(ReauthenticationView):
    """Shows once more what is approved, and approves it as an editor or as a team lead, who show that it is them."""

    form_class = ApprovalForm
    template_name = "admin/reports/outcomes/approve.html"
    right = APPROVE_OUTCOME
    title = "Approve a public result"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who may approve; whoever has a key approves on an unlocked desk."""
        self.outcome = outcome_for(kwargs["pk"])
        if request.method == "GET" and _must_unlock(request):
            return redirect(unlock_first(request.get_full_path()))
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Take from the button as what the member approves."""
        return {"capacity": self.request.GET.get("capacity", "")}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Approve it and go back to its page."""
        capacity = form.cleaned_data["capacity"]
        keys = keys_of(self.request)
        reauthentication = form.reauthenticate()
        public_results.approve(
            outcome=self.outcome,
            capacity=capacity,
            by=form.user,
            reauthentication=reauthentication,
            keys=keys,
        )
        messages.success(
            self.request, "You have approved the public result. You can withdraw it at any time."
        )
        return redirect("admin:reports_outcome_change", self.outcome.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is approved."""
        preview = public_results.preview(outcome=self.outcome)
        return super().get_context_data(**kwargs) | {"outcome": self.outcome, "preview": preview}


def _must_unlock(request: HttpRequest) -> bool:
    """Return whether the member has a key, whose desk is locked: their approval is named under its MAC."""
    return (
        keys_of(request) is None
        and accounts.way_of(user=cast("User", request.user)) == accounts.Way.WORDS
    )
