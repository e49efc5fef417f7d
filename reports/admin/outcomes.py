"""Outcomes on the desk: what waits for a signature, exactly what a tipster would see, and what can be done with it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from newsroom.domain import outcome_notice
from reports.admin.lists import PlainList
from reports.admin.lock import page
from reports.admin.naming import row_or_404
from reports.domain import outcomes
from reports.domain.errors import Refused
from reports.models import Enquiry, Outcome


class Act(NamedTuple):
    """One act: the right that it takes, what it does, and what is said afterwards."""

    right: str
    do: Callable[[HttpRequest, Outcome], None]


def _member(request: HttpRequest) -> User:
    return cast("User", request.user)


def _sign(request: HttpRequest, outcome: Outcome) -> None:
    outcomes.sign(outcome=outcome, capacity=request.POST.get("capacity", ""), by=_member(request))
    messages.success(request, _("You have signed. You can take it back until it is released."))


def _take_back(request: HttpRequest, outcome: Outcome) -> None:
    outcomes.take_back(outcome=outcome, by=_member(request))
    messages.success(request, _("Your signature is gone."))


def _withdraw(request: HttpRequest, outcome: Outcome) -> None:
    outcomes.withdraw(outcome=outcome, by=_member(request))
    messages.success(request, _("It is withdrawn. Nobody is told it any more."))


ACTS = {
    "sign": Act("reports.sign_outcome", _sign),
    "take-back": Act("reports.sign_outcome", _take_back),
    "withdraw": Act("reports.view_outcome", _withdraw),
}


class OutcomeAdmin(PlainList):
    """What may be told: proposed, signed and withdrawn by the domain's verbs, on pages of their own."""

    list_display = ["sentence", "status", "article", "proposer"]
    list_display_links = ["sentence"]
    list_filter = ["status"]
    list_select_related = ["article"]
    ordering = ["released", "signed_on", "pk"]
    change_list_template = "admin/reports/outcome/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with an outcome."""
        wrap = self.admin_site.admin_view
        acts = [
            path(f"<uuid:pk>/{name}/", wrap(partial(act, name=name)), name=f"reports_outcome_{name}") for name in ACTS
        ]
        new = path("propose/<uuid:enquiry>/", wrap(propose), name="reports_outcome_propose")
        return [new, *acts, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outcome]:
        """Return the outcomes with their stories."""
        return super().get_queryset(request).select_related("article", "enquiry")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under its name."""
        return super().changelist_view(request, {"title": _("Outcomes"), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an outcome; what can be done with it has addresses of its own."""
        if request.method == "POST":
            raise PermissionDenied
        return show(request, _outcome(request, object_id, "reports.view_outcome"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the outcome: who proposed and signed stands on its page."""
        return redirect("admin:reports_outcome_change", _outcome(request, object_id, "reports.view_outcome").pk)


def _outcome(request: HttpRequest, pk: str, right: str) -> Outcome:
    if not request.user.has_perms(["reports.view_outcome", right]):
        raise PermissionDenied
    return row_or_404(Outcome.objects.select_related("article", "enquiry"), pk=pk)


@require_POST
def act(request: HttpRequest, pk: str, name: str) -> HttpResponse:
    """Do one act on an outcome, say what was done or why not, and go back."""
    outcome = _outcome(request, pk, ACTS[name].right)
    try:
        ACTS[name].do(request, outcome)
    except Refused as refusal:
        outcome.refresh_from_db()
        return show(request, outcome, str(refusal))
    return redirect("admin:reports_outcome_change", outcome.pk)


def show(request: HttpRequest, outcome: Outcome, problem: str = "") -> TemplateResponse:
    """Return the page: what a tipster would see, what stands against it, and who signs."""
    name = _member(request).get_username()
    context = page(request, title=_("Outcome")) | {
        "outcome": outcome,
        "told": outcomes.preview(outcome=outcome),
        "hindrances": outcomes.hindrances(outcome=outcome),
        "capacities": outcomes.capacities(outcome=outcome, by=_member(request)),
        "mine": name in (outcome.editor, outcome.lead) and "take_back" in outcomes.moves_from(outcome.status),
        "final": not outcomes.moves_from(outcome.status),
        "problem": problem,
    }
    return TemplateResponse(request, "admin/reports/outcome/outcome.html", context)


def propose(request: HttpRequest, enquiry: str) -> HttpResponse:
    """Ask for the story and the sentence, and propose them."""
    if not request.user.has_perms(["reports.view_enquiry", "reports.view_outcome", "reports.triage_tip"]):
        raise PermissionDenied
    found = get_object_or_404(Enquiry, pk=enquiry)
    typed: Mapping[str, str] = request.POST if request.method == "POST" else {"sentence": f"{outcomes.OPENING} "}
    problem = ""
    if request.method == "POST":
        try:
            return redirect("admin:reports_outcome_change", _proposed(request, found).pk)
        except Refused as refusal:
            problem = str(refusal)
    context = page(request, title=_("Propose an outcome")) | {
        "enquiry": found,
        "stories": outcome_notice.newest(),
        "typed": typed,
        "problem": problem,
        "opening": outcomes.OPENING,
        "length": outcomes.LENGTH,
        "chosen": str(typed.get("story", "")) or str(found.article_id or ""),
    }
    return TemplateResponse(request, "admin/reports/outcome/propose.html", context)


def _proposed(request: HttpRequest, enquiry: Enquiry) -> Outcome:
    chosen = request.POST.get("story", "")
    story = outcome_notice.story(number=int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    if story is None:
        raise Refused(_("Choose the story that tells what came of it."))
    sentence = request.POST.get("sentence", "")
    return outcomes.propose(enquiry=enquiry, article=story, sentence=sentence, by=_member(request))
