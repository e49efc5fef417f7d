"""Enquiries on the desk: the list, and a page for each with its acts."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone

from core.action_form import ActionForm
from core.lists import ColumnTabs
from core.rights import needs
from core.text import plural
from newsroom.models import Article
from reports import questions
from reports.admin.pages import lock, page_drafts, undo
from reports.admin.pages.actions import ActionView, Attempt, RecordNumber, addresses, choose
from reports.admin.pages.history import in_words
from reports.admin.pages.paging import PlainList
from reports.admin.tips import signs
from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.errors import Hidden, Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import public_results
from reports.domain.referrals import consent, denials
from reports.domain.retention import schedule
from reports.domain.rights import READ_TIP, TRIAGE_TIP
from reports.domain.tips import opening
from reports.domain.tips.opened_entry import OpenedEntry
from reports.domain.triage import relations, undoing
from reports.models import Enquiry, EnquiryStatus, Link

SHOWN = 200  # linked tips that the page lists
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
STORIES = 100  # published stories to choose from, the newest


class CodenameForm(ActionForm):
    """Another codename."""

    codename = forms.CharField(
        label="New codename", max_length=60, required=False, widget=forms.TextInput(attrs=PLAIN)
    )


class SummaryForm(ActionForm):
    """A summary, and the newest event when the one was seen that it takes the place of."""

    text = forms.CharField(
        label="What is this enquiry about, what do we know, and what comes next?",
        required=False,
        strip=False,
        help_text="We encrypt your summary at once. It will replace any summary that is there now.",
        widget=forms.Textarea(attrs=PLAIN | {"rows": 8}),
    )
    seen = RecordNumber()


class AddForm(ActionForm):
    """Tips to add."""

    references = forms.CharField(
        label="Add tips: type their references, with spaces between",
        error_messages={"required": "Type the references of the tips."},
        widget=forms.TextInput(attrs=PLAIN),
    )


class MoveForm(ActionForm):
    """Where to."""

    to = forms.ChoiceField(
        choices=EnquiryStatus.choices,
        error_messages=choose("Choose a status for the enquiry."),
    )
    sure = forms.BooleanField(required=False)  # what follows from closing it was read
    deletes = True  # whether tips are deleted because it is closed
    asks = False

    def clean(self) -> dict[str, Any]:
        """Ask once before it is closed."""
        data = super().clean() or self.cleaned_data
        is_sure = data.pop("sure", False) or not self.deletes
        if not is_sure and data.get("to") == EnquiryStatus.CLOSED:
            self.asks = True
            raise forms.ValidationError(
                "It is not closed yet. Read what will follow, then press “Closed” again."
            )
        return data


class ProposalForm(ActionForm):
    """The story that tells what came of it, and the sentence of an outcome."""

    article: "forms.ModelChoiceField[Article]" = forms.ModelChoiceField(
        None,
        label="Published story that tells the result",
        empty_label="Choose a story",
        error_messages=choose("Choose a story."),
    )
    sentence = forms.CharField(
        label="Public result, in a sentence", required=False, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the newest stories; say how a sentence begins, and when it is told."""
        super().__init__(*args, **kwargs)
        newest = Article.objects.published().values("pk")[:STORIES]
        cast("Any", self.fields["article"]).queryset = Article.objects.filter(pk__in=newest).defer(
            "body"
        )
        self.fields["sentence"].help_text = (
            f"Begin with “{public_results.OPENING}”. Say only what the story says. Do not say what a tip said or how "
            "many tips there were. The sentence is not encrypted, because the people who approve it may "
            "have no key. An editor and a team lead must approve it. Senders will see it the day after, "
            "but only while the story is published and the tips in the enquiry come from at least "
            f"{settings.OUTCOME_LEAST} sources."
        )

    def clean_sentence(self) -> str:
        """Return the sentence, once it may be published: before anyone has typed their words for nothing."""
        try:
            return public_results.publishable(self.cleaned_data["sentence"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class EnquiryAdmin(PlainList):
    """Lines of enquiry: begun and changed by the domain's verbs, on pages of their own."""

    list_display = ["codename", "status", "tips", "when"]
    list_filter = [("status", ColumnTabs)]
    change_list_template = "admin/reports/enquiries/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with an enquiry."""
        wrap = self.admin_site.admin_view
        acts = addresses(ACTS, prefix="reports_enquiry", wrap=wrap)
        return [
            path("begin/", wrap(begin), name="reports_enquiry_begin"),
            *acts,
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enquiry]:
        """Return the enquiries with their counts, as far as the member may know them."""
        return enquiries.counted(by=cast("User", request.user)).defer("sealed")

    def show(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return an enquiry's page."""
        return show(request, enquiry_for(pk))

    @admin.display(description="tips")
    def tips(self, enquiry: Enquiry) -> str:
        """Return how many tips are linked that the member may see."""
        count = int(vars(enquiry)["tip_count"])
        return plural(count, f"{count} tip", f"{count} tips")

    @admin.display(description="opened")
    def when(self, enquiry: Enquiry) -> str:
        """Return the week in which it was opened."""
        return f"week of {formats.date_format(enquiry.week, 'j M Y')}"


def enquiry_for(pk: Any) -> Enquiry:
    """Return an enquiry; raises Http404 if there is none."""
    return get_object_or_404(Enquiry, pk=pk)


@needs(post=TRIAGE_TIP)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin an enquiry under a codename of the word list, and go to its page: it is renamed and summed up there."""
    if lock.keys_of(request) is None:  # what is sealed there is verified
        return redirect(lock.unlock_first(reverse("admin:reports_enquiry_changelist")))
    new = enquiries.begin(by=cast("User", request.user))
    messages.success(request, f"You have started “{new.codename}”.")
    return redirect("admin:reports_enquiry_change", new.pk)


def show(
    request: HttpRequest, enquiry: Enquiry, attempt: Attempt | None = None
) -> TemplateResponse:
    """Return the page. With keys in the session the summary is shown, after its reading is recorded."""
    by = cast("User", request.user)
    keys = lock.keys_of(request)
    seen = staleness.now()
    enquiry.refresh_from_db()
    summary, hidden = _summary(enquiry, by, keys)
    linked = list(enquiries.links(enquiry=enquiry, by=by))
    draft = page_drafts.for_page(
        request, target=f"enquiry:{enquiry.pk}", keys=None if hidden else keys
    )
    initial = {
        "codename": enquiry.codename,
        "text": summary or "",
        "seen": seen,
        "sentence": f"{public_results.OPENING} ",
    }
    told_of = None
    if attempt and attempt.action == "summarise":
        told_of = seen
    context = lock.page(request, title=enquiry.codename) | {
        "enquiry": enquiry,
        "draft": draft,
        "told_of": told_of,
        "forms": {name: draft.draw(form) for name, form in _forms(initial, attempt).items()},
        "attempt": attempt,
        "summary": summary,
        "hidden": hidden,
        "moves": enquiries.moves_from(enquiry.status),
        "closing": _after_closing(enquiry, by),
        "lines": [(event, in_words(event)) for event in enquiries.timeline(enquiry=enquiry, by=by)],
        "passphrase_form": lock.PassphraseForm(),
        "next": reverse("admin:reports_enquiry_change", args=[enquiry.pk]),
        **_about_tips(linked, by, keys),
    }
    return TemplateResponse(request, "admin/reports/enquiries/enquiry.html", context)


def _about_tips(links: list[Link], by: User, keys: Keys | None) -> dict[str, Any]:
    """Return what the page says of the linked tips, and whether they are too few for an outcome."""
    tips = [link.tip for link in links]
    denied = dict[Any, str]()
    with suppress(Refused):  # the tip's own page says what does not open
        if keys:
            denied = denials.marked(tips=tips, keys=keys)
    return {
        "rows": _rows(links[:SHOWN], by, keys),
        "link_count": len(links),
        "sources": signs.sources(tips, by=by, denied=denied),
        "too_few": relations.sources(tips=tips, by=by).most < settings.OUTCOME_LEAST,
        "least": settings.OUTCOME_LEAST,
    }


def _after_closing(enquiry: Enquiry, by: User) -> str:
    """Return what will follow from closing an enquiry, with its date; "" if it is closed."""
    if EnquiryStatus.CLOSED not in enquiries.moves_from(enquiry.status):
        return ""
    days = _deleted_by_closing(enquiry, by)
    if not days:
        return "If you close it, we will not delete any tip because of that."
    first = formats.date_format(days[0], "j F Y")
    return plural(
        len(days),
        f"If you close it, we will delete 1 tip on {first}, unless something else keeps it.",
        f"If you close it, we will delete {len(days)} tips, the first on {first}, unless something else keeps them.",
    )


def _deleted_by_closing(enquiry: Enquiry, by: User) -> Sequence[date]:
    """Return the days on which tips will be deleted if it is closed."""
    return schedule.due_after_closing(enquiry=enquiry, user=by, today=timezone.localdate())


def _rows(links: Sequence[Link], by: User, keys: Keys | None) -> list[dict[str, Any]]:
    """Return what the page says of each linked tip: on an unlocked desk also its first line, once that is recorded."""
    entries: Mapping[Any, list[OpenedEntry]] = {}
    if keys and by.has_perm(READ_TIP):
        opened = [link.tip for link in links if link.tip.opened]
        entries = opening.glimpse_entries(tips=opened, by=by, keys=keys)
    rows = []
    for link in links:
        its = entries.get(link.tip_id, [])
        row = {
            "link": link,
            "kind": questions.label("kind", link.tip.category),
            "area": questions.label("area", link.tip.area),
            "line": signs.line(entry.answers for entry in its),
            "police": "",
        }
        if entries:
            row["police"] = consent.in_words(consent.known(its).police)
        rows.append(row)
    return rows


def _forms(initial: dict[str, Any], attempt: Attempt | None) -> dict[str, forms.Form]:
    """Return the forms that stand on the page, by the act that each is for: the one that was refused, or new ones."""
    new: dict[str, forms.Form] = {}
    for act in ACTS:
        if act.action != "move":  # its buttons have no form of their own
            new[act.action] = act.form_class(initial=initial, auto_id=f"{act.action}_%s")
    if attempt:
        new[attempt.action] = attempt.form
    return new


def _summary(enquiry: Enquiry, by: User, keys: Keys | None) -> tuple[str | None, str]:
    """Return the summary, where the desk is unlocked, and why it is hidden from the member, where it is."""
    try:
        enquiries.require_summary(enquiry=enquiry, by=by)
        if keys and by.has_perm(READ_TIP):
            return enquiries.read(enquiry=enquiry, by=by, keys=keys), ""
    except Hidden as refusal:
        return None, str(refusal)
    return None, ""


class EnquiryActionView(ActionView):
    """An act on an enquiry, which all but the summary do on a locked desk too.

    Nobody's unlocking proves a text that they did not write.
    """

    right = TRIAGE_TIP

    def get_target(self) -> Enquiry:
        """Return the enquiry."""
        return enquiry_for(self.kwargs["pk"])

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the enquiry's newest page."""
        return show(self.request, self.target, attempt)


class AddView(EnquiryActionView):
    """Adds tips to the enquiry: all that are typed, or none."""

    action = "include"
    form_class = AddForm
    refused_field = "references"

    def perform(self, data: dict[str, Any]) -> str:
        press = undoing.new_press()
        number = decision.add_to_enquiry(enquiry=self.target, **data, by=self.member, press=press)
        self.tags = ""
        if undoing.offers(press=press):
            self.tags = f"{undo.MARK}{press}"
        return plural(number, f"{number} tip added.", f"{number} tips added.")


class RenameView(EnquiryActionView):
    """Gives an enquiry another codename."""

    action = "rename"
    form_class = CodenameForm
    refused_field = "codename"

    def perform(self, data: dict[str, Any]) -> str:
        enquiries.rename(enquiry=self.target, **data, by=self.member)
        return f"The codename is now “{self.target.codename}”."


class SummariseView(EnquiryActionView):
    """Saves the summary."""

    action = "summarise"
    form_class = SummaryForm
    refused_field = "text"
    keys = "unlocked"

    def perform(self, data: dict[str, Any]) -> str:
        enquiries.summarise(enquiry=self.target, **data, by=self.member)
        return "The summary is saved and encrypted."


class MoveView(EnquiryActionView):
    """Moves an enquiry to another status."""

    action = "move"
    form_class = MoveForm

    def get_form(self, form_class: Any = None) -> forms.Form:
        """Return the form, which asks once more only where closing deletes something."""
        form = cast("MoveForm", super().get_form(form_class))
        form.deletes = bool(_deleted_by_closing(self.target, self.member))
        return form

    def perform(self, data: dict[str, Any]) -> str:
        enquiries.move(enquiry=self.target, **data, by=self.member, keys=self.desk_keys)
        return f"“{self.target.codename}” is now: {self.target.get_status_display()}."


class ProposeView(EnquiryActionView):
    """Proposes an outcome of an enquiry, with words typed for it."""

    action = "propose"
    form_class = ProposalForm
    refused_field = "sentence"
    title = "Propose a public result"
    keys = "words"

    def perform(self, data: dict[str, Any]) -> str:
        public_results.propose(
            enquiry=self.target,
            **data,
            by=self.member,
            keys=self.desk_keys,
            reauthentication=self.reauthentication,
        )
        return (
            f"You have proposed a public result for “{self.target.codename}”. An editor and a team lead must approve "
            "it: two people, and not you."
        )


ACTS = (AddView, RenameView, SummariseView, MoveView, ProposeView)
