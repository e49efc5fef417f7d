"""“I know someone here”: a member hides a tip from themself; team leads see who did, and can show it again."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from core.rights import needs
from reports.admin.pages import actions, lock
from reports.admin.pages.actions import ActionView, Attempt, choose
from reports.admin.tips.confirmation import ConfirmationView
from reports.domain.rights import READ_TIP, RUN_DESK
from reports.domain.search import matching
from reports.domain.tips import reasons, recusal, tampering
from reports.models import Recusal, Tip


class RecuseView(ConfirmationView):
    """Asks for the reason, then hides the tip and goes back to the queue."""

    action = "recuse"
    right = READ_TIP
    title = "I know someone here"
    label = "How do you know them?"
    consequences = (
        (
            "We will hide this tip, its notes, its pictures and anything related to it from you. We will "
            "also unassign it from you."
        ),
        (
            "We will also hide other tips that name the same house, number plate or phone number, until a colleague "
            "has compared them with this one."
        ),
        "Only a team lead can show you the tip again. We encrypt your reason, and team leads can read it.",
        "The audit log will record that you did this. Do not talk to anyone about what you have already read.",
    )
    button = "Hide this tip from me"

    def perform(self, data: dict[str, Any]) -> str:
        matching.recuse(tip=self.target, reason=data["reason"], by=self.member, keys=self.desk_keys)
        return f"{self.target.reference} is hidden from you."

    def get_success_url(self) -> str:
        """Return the queue's address: the tip is not there any more."""
        return reverse("admin:reports_tip_changelist")


class LiftForm(forms.Form):
    """Why a member can see the tip again."""

    reason = forms.ChoiceField(
        label="Why can they see it again?",
        choices=recusal.LIFT_REASONS,
        error_messages=choose("Choose why they can see this tip again."),
    )


@needs(READ_TIP, post=RUN_DESK)
def recusals(request: HttpRequest) -> HttpResponse:
    """Show who has hidden what from themself to who may show it again; a team lead who asks, the reasons too."""
    by = cast("User", request.user)
    keys = lock.keys_of(request)
    if request.method != "POST":
        return show(request)
    if keys is None:
        return redirect(lock.unlock_first(request.path))
    return show(request, texts=reasons.read(rows=list(recusal.shown_to(by=by)), by=by, keys=keys))


def show(
    request: HttpRequest, *, texts: Mapping[str, str] = {}, attempt: Attempt | None = None
) -> HttpResponse:
    """Return the list, with the reasons that were asked for."""
    rows = recusal.shown_to(by=cast("User", request.user))
    context = lock.page(request, title="Conflicts of interest") | {
        "rows": [
            (row, texts.get(str(row.pk)), LiftForm(auto_id=f"lift-{row.pk}_%s")) for row in rows
        ],
        "hidden_from_all": _hidden_from_all(request),
        "attempt": attempt,
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    return TemplateResponse(request, "admin/reports/tips/recusals.html", context)


def _hidden_from_all(request: HttpRequest) -> list[str]:
    """Return for a team lead which tips nobody can see, in words."""
    is_team_lead = request.user.has_perm(RUN_DESK)
    if is_team_lead:
        return [tampering.hidden_sentence(tip) for tip in recusal.hidden_from_all()]
    return []


class LiftView(ActionView):
    """Shows a tip to its member again."""

    action = "lift"
    right = READ_TIP
    keys = "words"
    form_class = LiftForm
    title = "Show a hidden tip again"

    def get_target(self) -> Recusal:
        """Return the recusal, which is never the member's own."""
        return get_object_or_404(recusal.shown_to(by=self.member), pk=self.kwargs["pk"])

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the list with what is wrong."""
        return show(self.request, attempt=attempt)

    def asked_for(self, form: forms.Form) -> str:
        """Name the tip and the member."""
        return f"{self.title}: {self.target.tip.reference}, {self.target.user.get_username()}"

    def perform(self, data: dict[str, Any]) -> str:
        """Lift it."""
        recusal.lift(
            recusal=self.target,
            by=self.member,
            reason=data["reason"],
            keys=self.desk_keys,
            reauthentication=self.reauthentication,
        )
        return f"{self.target.tip.reference}: {self.target.user.get_username()} can see this tip again."

    def get_target_url(self) -> str:
        """Return the list's address."""
        return reverse("admin:reports_tip_recusals")


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the pages' addresses, below the tips'."""
    return [
        path("recusals/", wrap(recusals), name="reports_tip_recusals"),
        *actions.addresses((RecuseView,), prefix="reports_tip", wrap=wrap),
        *actions.addresses((LiftView,), prefix="reports_tip", wrap=wrap, key="recusals/<uuid:pk>"),
    ]
