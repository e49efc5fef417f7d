"""Enquiries on the desk: the list, a page for each, and the one that begins another; they need no unlocked desk."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from newsroom.domain.article_groups import ArticleLink
from reports.admin import danger_fields, drafts, lock
from reports.admin.actions import Attempt, WritingView, addresses
from reports.admin.audit import in_words
from reports.admin.danger_fields import DangerFields
from reports.admin.filters import ColumnTabs
from reports.admin.lock import PhraseForm, page
from reports.admin.paging import PlainList
from reports.domain import enquiries, triage
from reports.domain.errors import Hidden, Refused
from reports.domain.outcomes import articles
from reports.domain.triage import relations
from reports.models import Enquiry, EnquiryStatus, Tip

SHOWN = 200  # linked tips that the page lists
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
MOST_NUMBER = 2**31 - 1  # no key of a story is larger, and the database takes none
NO_TIP = gettext_lazy("There is no tip with this reference. It looks like K7QX-94MW.")


class CodenameForm(forms.Form):
    """Another codename."""

    codename = forms.CharField(
        label=gettext_lazy("New codename"), max_length=60, required=False, widget=forms.TextInput(attrs=PLAIN)
    )


class SummaryForm(forms.Form):
    """A summary, and the version that it takes the place of."""

    text = forms.CharField(
        label=gettext_lazy("What is it about, what is known, what comes next?"),
        required=False,
        strip=False,
        help_text=gettext_lazy("Sealed like a tip. It takes the place of the summary above."),
        widget=forms.Textarea(attrs=PLAIN | {"rows": 8}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)  # of the summary above

    def clean_seen(self) -> int:
        """Return the version; what is no number is none that there ever was."""
        seen = self.cleaned_data["seen"]
        return int(seen) if seen.isdecimal() else 0


class MoveForm(forms.Form):
    """Where to."""

    to = forms.ChoiceField(
        choices=EnquiryStatus.choices,
        error_messages={
            "required": gettext_lazy("Choose where to move it."),
            "invalid_choice": gettext_lazy("Choose where to move it."),
        },
    )


class TipReferenceForm(forms.Form):
    """A tip that the member may see, by its reference."""

    use_required_attribute = False  # the page says what is missing, in its own words

    tip = forms.CharField(
        label=gettext_lazy("Link a tip by its reference"),
        max_length=20,
        error_messages={"required": NO_TIP, "max_length": NO_TIP},
        widget=forms.TextInput(attrs=PLAIN | {"class": "ref", "placeholder": "K7QX-94MW"}),
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Look only among the tips that `by` may see."""
        super().__init__(*args, **kwargs)
        self.tips = Tip.objects.visible_to(by)

    def clean_tip(self) -> Tip:
        """Return the tip."""
        found = self.tips.filter(reference=self.cleaned_data["tip"].upper()).first()
        if found is None:
            raise forms.ValidationError(NO_TIP)
        return found


class LinkTipForm(DangerFields, TipReferenceForm):
    """A tip to link, and for one that this closes, what was done about the danger; asked once that is missing."""

    field_order = ["tip"]


class ColleagueForm(forms.Form):
    """A colleague; those who can be put on the enquiry are offered."""

    use_required_attribute = False  # the page says what is missing, in its own words

    member = forms.ModelChoiceField(
        User.objects.all(),
        label=gettext_lazy("Put somebody on it"),
        error_messages={
            "required": gettext_lazy("Choose a colleague."),
            "invalid_choice": gettext_lazy("Choose a colleague."),
        },
    )

    def offer(self, members: Iterable[User]) -> None:
        """Offer these colleagues."""
        field = cast("forms.ModelChoiceField", self.fields["member"])
        field.choices = [("", _("Choose a colleague")), *((member.pk, member.get_username()) for member in members)]


class StoryForm(forms.Form):
    """A story's number; those that can be named are offered, and the verb refuses any other."""

    use_required_attribute = False  # the page says what is missing, in its own words

    article = forms.IntegerField(
        label=gettext_lazy("A published story that tells its outcome"),
        max_value=MOST_NUMBER,
        error_messages=dict.fromkeys(("required", "invalid", "max_value"), gettext_lazy("Choose a story.")),
    )

    def offer(self, stories: Iterable[ArticleLink]) -> None:
        """Offer these stories."""
        choices = [(story.pk, story.headline) for story in stories]
        self.fields["article"].widget = forms.Select(choices=[("", _("Choose a story")), *choices])


class BeginForm(forms.Form):
    """A codename, or none, and a summary that can wait."""

    codename = forms.CharField(
        label=gettext_lazy("Codename"),
        max_length=60,
        required=False,
        help_text=gettext_lazy(
            "One to four words that say nothing of the people or the place: it stands in clear. Leave it, type your "
            "own, or empty the box for another."
        ),
        widget=forms.TextInput(attrs=PLAIN),
    )
    text = forms.CharField(
        label=gettext_lazy("Summary"),
        required=False,
        strip=False,
        help_text=gettext_lazy(
            "What is it about, what is known, what comes next? Sealed to the desk at once. It can wait."
        ),
        widget=forms.Textarea(attrs=PLAIN | {"rows": 8}),
    )


class EnquiryAdmin(PlainList):
    """Lines of enquiry: begun and changed by the domain's verbs, on pages of their own."""

    list_display = ["codename", "status", "tips", "when", "who"]
    list_display_links = ["codename"]
    list_filter = [("status", ColumnTabs)]
    change_list_template = "admin/reports/enquiries/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with an enquiry."""
        from reports.admin.enquiry_actions import VIEWS  # noqa: PLC0415 - they show the page of this module

        wrap = self.admin_site.admin_view
        acts = addresses(VIEWS, prefix="reports_enquiry", wrap=wrap)
        return [path("begin/", wrap(BeginView.as_view()), name="reports_enquiry_begin"), *acts, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enquiry]:
        """Return the enquiries with their counts, as far as the member may know them."""
        return enquiries.counted(by=cast("User", request.user)).defer("sealed").prefetch_related("people")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show an enquiry; what can be done with it has addresses of its own."""
        if request.method == "POST":
            raise PermissionDenied
        return show(request, enquiry_for(request, self.key_or_404(object_id), right="reports.view_enquiry"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the enquiry: its history stands on its page."""
        return redirect(
            "admin:reports_enquiry_change",
            enquiry_for(request, self.key_or_404(object_id), right="reports.view_enquiry").pk,
        )

    @admin.display(description=gettext_lazy("tips"))
    def tips(self, enquiry: Enquiry) -> str:
        """Return how many tips are linked that the member may see."""
        count = int(vars(enquiry)["tip_count"])
        return ngettext("%(count)d tip", "%(count)d tips", count) % {"count": count}

    @admin.display(description=gettext_lazy("opened"))
    def when(self, enquiry: Enquiry) -> str:
        """Return the week in which it was opened."""
        return _("week of %(day)s") % {"day": formats.date_format(enquiry.week, "j M Y")}

    @admin.display(description=gettext_lazy("people on it"))
    def who(self, enquiry: Enquiry) -> str:
        """Return who works on it."""
        return ", ".join(sorted(member.get_username() for member in enquiry.people.all())) or "–"


def enquiry_for(request: HttpRequest, pk: str, *, right: str) -> Enquiry:
    """Return an enquiry that the member may look at or act on."""
    if not request.user.has_perms(["reports.view_enquiry", right]):
        raise PermissionDenied
    return get_object_or_404(Enquiry.objects.select_related("article"), pk=pk)


class BeginView(WritingView):
    """Asks for a codename and a summary, and begins an enquiry."""

    form_class, template_name = BeginForm, "admin/reports/enquiries/begin.html"

    draft_record, right = "new enquiry", "reports.triage_tip"

    def get_initial(self) -> dict[str, Any]:
        """Offer a codename."""
        return {"codename": enquiries.new_codename()} if self.request.method == "GET" else {}

    def form_valid(self, form: BeginForm) -> HttpResponse:
        """Begin it and go to its page; a refusal stands above what was typed."""
        given, by = form.cleaned_data, cast("User", self.request.user)
        if lock.keys_of(self.request) is None:
            return self.locked(form)
        try:
            new = enquiries.begin(codename=given["codename"], summary=given["text"], by=by)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        self.used_up(form)
        messages.success(self.request, _("“%(name)s” is open.") % {"name": new.codename})
        return redirect("admin:reports_enquiry_change", new.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what every page of the desk needs."""
        opts = Enquiry._meta  # noqa: SLF001 - Django's public name
        return super().get_context_data(**kwargs) | page(self.request, title=_("Begin an enquiry")) | {"opts": opts}


def show(request: HttpRequest, enquiry: Enquiry, attempt: Attempt | None = None) -> TemplateResponse:
    """Return the page. With keys in the session the summary is shown, after its reading is recorded."""
    by = cast("User", request.user)
    summary, hidden = _summary(request, enquiry)
    on_it = list(enquiries.colleagues(enquiry=enquiry))
    others = [one for one in triage.members() if one not in on_it]
    linked = list(enquiries.links(enquiry=enquiry, by=by))
    choices = articles.choices(enquiry=enquiry)
    bound = {attempt.action: attempt.form} if attempt else {}
    draft = drafts.begin(request, record=f"enquiry:{enquiry.pk}", keys=None if hidden else lock.keys_of(request))
    page_forms = {act: bound.get(act, form) for act, form in _forms(enquiry, by, summary or "").items()}
    asks_danger = danger_fields.ask(page_forms["link"], draft, asked=False)  # known only once a reference is typed
    for form in page_forms.values():
        draft.draw(form)
    cast("ColleagueForm", page_forms["join"]).offer(others)
    cast("StoryForm", page_forms["tell"]).offer(choices)
    context = page(request, title=enquiry.codename) | {
        "enquiry": enquiry,
        "draft": draft,
        "told_of": enquiry.version if "summarise" in bound else None,
        "forms": page_forms,
        "attempt": attempt,
        "summary": summary,
        "doubted": summary is not None and _is_doubted(request, enquiry),
        "hidden": hidden,
        "asks_danger": asks_danger,
        "links": linked[:SHOWN],
        "link_count": len(linked),
        "sources": relations.sources(tips=[link.tip for link in linked], by=by),
        "moves": enquiries.moves_from(enquiry.status),
        "stories": articles.stories(enquiry=enquiry),
        "choices": choices,
        "on_it": on_it,
        "others": others,
        "lines": [(event, in_words(event)) for event in enquiries.timeline(enquiry=enquiry, by=by)],
        "phrase_form": PhraseForm(),
        "next": reverse("admin:reports_enquiry_change", args=[enquiry.pk]),
    }
    return TemplateResponse(request, "admin/reports/enquiries/enquiry.html", context)


def _forms(enquiry: Enquiry, by: User, summary: str) -> dict[str, forms.Form]:
    """Return the forms that stand on the page, by the act that each is for."""
    return {
        "rename": CodenameForm(initial={"codename": enquiry.codename}, auto_id="rename_%s"),
        "summarise": SummaryForm(initial={"text": summary, "seen": enquiry.version}, auto_id="summarise_%s"),
        "link": LinkTipForm(by=by, auto_id="link_%s"),
        "join": ColleagueForm(auto_id="join_%s"),
        "tell": StoryForm(auto_id="tell_%s"),
    }


def _is_doubted(request: HttpRequest, enquiry: Enquiry) -> bool:
    """Return whether an unlocked desk finds that the summary is not as it was."""
    keys = lock.keys_of(request)
    return keys is not None and enquiries.doubted(enquiry=enquiry, keys=keys)


def _summary(request: HttpRequest, enquiry: Enquiry) -> tuple[str | None, str]:
    """Return the summary, where the desk is unlocked, and why it is hidden from the member, where it is."""
    by, keys = cast("User", request.user), lock.keys_of(request)
    try:
        enquiries.require_summary(enquiry=enquiry, by=by)
        if keys and by.has_perm("reports.read_tip"):
            return enquiries.read(enquiry=enquiry, by=by, keys=keys), ""
    except Hidden as refusal:
        return None, str(refusal)
    return None, ""
