"""Outcomes on the desk: what waits for a signature, exactly what a tipster would see, and what can be done with it."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.domain import outcome_notice
from reports.admin.actions import Attempt, Button, ButtonView, WritingView, addresses
from reports.admin.filters import Tabs
from reports.admin.lock import PhraseForm, keys_of, page, unlock_first
from reports.admin.paging import PlainList
from reports.admin.reauthentication import ReauthenticationForm, ReauthenticationView
from reports.domain import outcomes
from reports.domain.errors import Refused
from reports.domain.outcomes import signatures
from reports.domain.people import accounts, second_person
from reports.models import Enquiry, Outcome, OutcomeStatus

CHOOSE_STORY = gettext_lazy("Choose the story that tells what came of it.")


class SignForm(ReauthenticationForm):
    """As what the member signs."""

    capacity = forms.ChoiceField(
        choices=[(capacity, capacity) for capacity in outcomes.CAPACITIES],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose as what you sign.")),
        widget=forms.HiddenInput,
    )


class ProposalForm(forms.Form):
    """The story, by its number, and the sentence, which the verb judges."""

    use_required_attribute = False  # the page says what is missing, in its own words

    story = forms.IntegerField(
        label=gettext_lazy("The story that tells what came of it"),
        error_messages=dict.fromkeys(("required", "invalid"), CHOOSE_STORY),
    )
    sentence = forms.CharField(
        label=gettext_lazy("The sentence"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": outcomes.LENGTH}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the newest stories."""
        super().__init__(*args, **kwargs)
        newest = [(story.pk, story.headline) for story in outcome_notice.newest()]
        self.fields["story"].widget = forms.Select(choices=[("", _("Choose a story")), *newest])
        self.fields["sentence"].help_text = _(
            "Begin with “%(opening)s”. Say only what the story says. Never what a report said, nor how many there "
            "were. It stands in clear: who signs may have no key."
        ) % {"opening": outcomes.OPENING}

    def clean_story(self) -> Any:
        """Return the story; one that is withdrawn or gone cannot be chosen."""
        story = outcome_notice.find(number=self.cleaned_data["story"])
        if story is None:
            raise forms.ValidationError(CHOOSE_STORY)
        return story

    def clean_sentence(self) -> str:
        """Return the sentence, once it may be published: before anybody has typed their words for nothing."""
        try:
            return outcomes.publishable(self.cleaned_data["sentence"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class Standing(Tabs):
    """Outcomes to sign, and those that are released."""

    title, parameter_name = gettext_lazy("status"), "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return both."""
        return [("to_sign", _("To sign")), ("released", _("Released"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Outcome]) -> QuerySet[Outcome]:
        """Return these; all of them for what is neither."""
        asked = {"to_sign": [OutcomeStatus.PROPOSED, OutcomeStatus.HALF_SIGNED], "released": [OutcomeStatus.RELEASED]}
        found = asked.get(self.value() or "")
        return queryset.filter(status__in=found) if found else queryset


class OutcomeAdmin(PlainList):
    """What may be told: proposed, signed and withdrawn by the domain's verbs, on pages of their own."""

    list_display = ["sentence", "status", "article", "proposer"]
    list_display_links = ["sentence"]
    list_filter = [Standing]
    list_select_related = ["article"]
    ordering = ["released", "signed_on", "pk"]
    change_list_template = "admin/reports/outcomes/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with an outcome."""
        wrap = self.admin_site.admin_view
        return [
            path("propose/<uuid:enquiry>/", wrap(ProposeView.as_view()), name="reports_outcome_propose"),
            path("<uuid:pk>/sign/", wrap(SignView.as_view()), name="reports_outcome_sign"),
            *addresses(ACTS, prefix="reports_outcome", wrap=wrap, buttons=OutcomeActionView),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outcome]:
        """Return the outcomes with their stories."""
        return super().get_queryset(request).select_related("article", "enquiry")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an outcome; what can be done with it has addresses of its own."""
        if request.method == "POST":
            raise PermissionDenied
        return show(request, outcome_for(request, self.key_or_404(object_id), right="reports.view_outcome"))


def outcome_for(request: HttpRequest, pk: str, *, right: str) -> Outcome:
    """Return an outcome that the member may look at or act on."""
    if not request.user.has_perms(["reports.view_outcome", right]):
        raise PermissionDenied
    return get_object_or_404(Outcome.objects.select_related("article", "enquiry"), pk=pk)


def show(request: HttpRequest, outcome: Outcome, attempt: Attempt | None = None) -> TemplateResponse:
    """Return the page: what a tipster would see, what stands against it, and who signs."""
    by, keys = cast("User", request.user), keys_of(request)
    here = reverse("admin:reports_outcome_change", args=[outcome.pk])
    context = page(request, title=_("Outcome")) | {
        "outcome": outcome,
        "told": outcomes.preview(outcome=outcome),
        "hindrances": outcomes.hindrances(outcome=outcome),
        "doubts": signatures.doubts(outcome=outcome, keys=keys),
        "capacities": outcomes.capacities(outcome=outcome, by=by),
        "unlock_first": unlock_first(here) if _must_unlock(request) else "",
        "mine": by.get_username() in (outcome.editor, outcome.lead)
        and "take_back" in outcomes.moves_from(outcome.status),
        "new_until": second_person.settles_at(user=by) if by.has_perm("reports.sign_outcome") else None,
        "final": not outcomes.moves_from(outcome.status),
        "attempt": attempt,
    }
    return TemplateResponse(request, "admin/reports/outcomes/outcome.html", context)


class OutcomeActionView(ButtonView):
    """An act on an outcome that is a button, for those with its right."""

    record_name = "outcome"

    def get_record(self) -> Outcome:
        """Return the outcome."""
        return outcome_for(self.request, self.kwargs["pk"], right=self.right)

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the outcome's newest page."""
        self.record.refresh_from_db()
        return show(self.request, self.record, attempt)

    def get_success_url(self) -> str:
        """Return the outcome's page."""
        return reverse("admin:reports_outcome_change", args=[self.record.pk])


ACTS = (
    Button("take-back", "reports.sign_outcome", outcomes.take_back, gettext_lazy("Your signature is gone.")),
    Button(
        "withdraw",
        "reports.view_outcome",
        outcomes.withdraw,
        gettext_lazy("It is withdrawn. Nobody is told it any more."),
    ),
)


class SignView(ReauthenticationView):
    """Shows once more what is signed, and signs it as an editor or as a lead, who show that it is them."""

    form_class, template_name = SignForm, "admin/reports/outcomes/sign.html"
    right = "reports.sign_outcome"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who may sign; whoever has a key signs on an unlocked desk."""
        self.outcome = outcome_for(request, kwargs["pk"], right=self.right)
        if request.method == "GET" and _must_unlock(request):
            return redirect(unlock_first(request.get_full_path()))
        return super().dispatch(request, *args, **kwargs)

    def page_title(self) -> str:
        """Return the page's title."""
        return _("Sign an outcome")

    def get_initial(self) -> dict[str, Any]:
        """Take from the button as what the member signs."""
        return {"capacity": self.request.GET.get("capacity", "")}

    def perform(self, form: ReauthenticationForm) -> HttpResponse:
        """Sign it and go back to its page."""
        capacity, keys = form.cleaned_data["capacity"], keys_of(self.request)
        shown = form.reauthenticate()
        outcomes.sign(outcome=self.outcome, capacity=capacity, by=form.user, shown=shown, keys=keys)
        messages.success(self.request, _("You have signed. You can take it back until it is released."))
        return redirect("admin:reports_outcome_change", self.outcome.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what is signed."""
        told = outcomes.preview(outcome=self.outcome)
        return super().get_context_data(**kwargs) | {"outcome": self.outcome, "told": told}


def _must_unlock(request: HttpRequest) -> bool:
    """Return whether the member has a key, whose desk is locked: their signature is named under its MAC."""
    return keys_of(request) is None and accounts.way_of(user=cast("User", request.user)) == accounts.Way.WORDS


class ProposeView(WritingView):
    """Asks for the story, the sentence and the member's words, and proposes it."""

    form_class, template_name = ProposalForm, "admin/reports/outcomes/propose.html"
    right = "reports.triage_tip"
    words: PhraseForm | None = None  # that were typed

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let in who may triage."""
        if not request.user.has_perms(["reports.view_enquiry", "reports.view_outcome", "reports.triage_tip"]):
            raise PermissionDenied
        self.enquiry = get_object_or_404(Enquiry, pk=kwargs["enquiry"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def draft_record(self) -> str:
        """Return the enquiry's outcome."""
        return f"outcome:{self.enquiry.pk}"

    def get_initial(self) -> dict[str, Any]:
        """Begin the sentence as every one begins, and choose the story that tells of the enquiry."""
        return {"sentence": f"{outcomes.OPENING} ", "story": self.enquiry.article_id}

    def form_valid(self, form: ProposalForm) -> HttpResponse:
        """Propose it and go to its page; a refusal stands above what was typed."""
        story, sentence = form.cleaned_data["story"], form.cleaned_data["sentence"]
        if keys_of(self.request) is None:
            return self.locked(form)
        self.words = PhraseForm(self.request.POST)
        shown = self.words.reauthenticate(self.request)
        if shown is None:
            return self.form_invalid(form)
        try:
            by = cast("User", self.request.user)
            new = outcomes.propose(enquiry=self.enquiry, article=story, sentence=sentence, by=by, shown=shown)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        self.used_up(form)
        return redirect("admin:reports_outcome_change", new.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the enquiry and what every page of the desk needs."""
        more = page(self.request, title=_("Propose an outcome"))
        more |= {"enquiry": self.enquiry, "least": settings.OUTCOME_LEAST}
        more |= {"phrase_form": (self.words or PhraseForm()) if keys_of(self.request) else None}
        return super().get_context_data(**kwargs) | more
