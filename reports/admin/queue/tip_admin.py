"""The queue: Django's list of the tips, what narrows it, and the way to each tip's page."""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OrderBy, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import NullIf
from django.forms import Media, Script
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.lists import TABS
from core.rights import needs
from core.text import plural
from reports import questions
from reports.admin.pages import lock
from reports.admin.pages.filters import ChoiceFilter
from reports.admin.pages.paging import PlainList
from reports.admin.queue import bulk
from reports.admin.tips import acts, addresses, reading, signs, tip_page
from reports.domain import state_files
from reports.domain.audit import staleness
from reports.domain.rights import READ_TIP, TRIAGE_TIP, VIEW_ENQUIRY
from reports.domain.tips import opening
from reports.domain.triage import at_end, queue, triaging
from reports.models import Enquiry, Label, Link, Status, Tip, TipQuerySet, UrgentCall, shown_to
from reports.models.tips import AT_END, ORDER, WAITING, WAITS
from reports.models.urgent_calls import MISTAKEN
from reports.templatetags.hidden_characters import show_hidden

NEWEST = tuple(f"-{column}" for column in ORDER)
OLDEST = ("-rank", "received", "reference")
NONE = mark_safe('<span class="none">–</span>')


# In place of a username, which has no brackets.
MINE = "(mine)"
NOBODY = "(nobody)"
MOST_SORTED = (
    1_000  # tips of a filter, the first in the standing order, that a column sorts: it has no index
)
SORTS: dict[str, tuple[Any, str | OrderBy]] = {
    "week": ("By week", "-received"),
    "kind": ("By kind", NullIf(F("category"), Value("")).asc(nulls_last=True)),
    "area": ("By area", NullIf(F("area"), Value("")).asc(nulls_last=True)),
    "assignee": ("By team member", F("assignee__username").asc(nulls_last=True)),
}


def order(request: HttpRequest) -> tuple[str, ...]:
    """Return the standing order, that of “Read next tip”; an address may ask for the newest week first.

    What is urgent or unread comes first, what is moved to the end of the queue last. Only the week is known of a tip:
    those of one week stand by reference.
    """
    if sort(request) or request.GET.get("order") == "newest":
        return NEWEST
    return OLDEST


def sort(request: HttpRequest) -> tuple[str | OrderBy, ...]:
    """Return by which column an address sorts before the standing order; nothing without one."""
    asks = request.GET.get("order", "")
    if asks in SORTS:
        return SORTS[asks][1:]
    return ()


NAMES = {  # of the tabs, the first seven as in WAITING
    "urgent": "Urgent",
    "unsure": "Not sure",
    "answers": "Answers",
    "unread": "Unread",
    "undecided": "Undecided",
    "asked": "Waiting for an answer",
    "at_end": "At the end",
    "all": "All",
    "mine": "Mine",
}


def tabs(counts: Mapping[str, int], *, selected: str | None = None) -> dict[str, SafeString]:
    """Return the words of each tab that is selected, holds any tip, or is always there, with how many, by its name."""
    numbers: dict[str, int | str] = {**counts}
    if counts["urgent_at_end"]:
        numbers["at_end"] = f"{counts['at_end']}, {counts['urgent_at_end']} urgent"
    shown = [
        name
        for name in NAMES
        if counts[name] or name in ("urgent", "unread", "all", "mine", selected)
    ]
    return {name: format_html("{} <b>{}</b>", NAMES[name], numbers[name]) for name in shown}


class Waiting(admin.SimpleListFilter):
    """The tabs: what waits, each tip in one of them, and how many that is of those that the other filters leave."""

    title = "Waiting"
    parameter_name = "waiting"
    template = TABS
    place = "tabs"
    counts: Mapping[str, int] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the views of the queue."""
        return [(name, NAMES[name]) for name in WAITING]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        """Return what waits, everything for what is no view, and count both."""
        view = WAITING.get(self.value() or "")
        by = cast("User", request.user)
        self.counts = vars(request)["counts"] = queue.counts(
            cast("TipQuerySet", queryset), by=by, listed=view
        )
        if view:
            return queryset.filter(view)
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield those that hold any, with how many; then all, and the switch to one's own."""
        everything, *views = super().choices(changelist)
        words = tabs(self.counts, selected=self.value())
        for view, name in zip(views, WAITING, strict=True):
            if name in words:
                yield view | {"display": words[name]}
        yield everything | {"display": words["all"]}
        if "member" not in changelist.filter_params:
            yield {
                "query_string": changelist.get_query_string({"member": MINE}),
                "display": words["mine"],
            }


class Order(ChoiceFilter):
    """Oldest or newest week first, after urgent and unread tips, or by a column; `order` and `sort` read it."""

    title = "Sort"
    parameter_name = "order"
    nothing = "Oldest week first"
    options = [
        ("newest", "Newest week first"),
        *((name, label) for name, (label, _by) in SORTS.items()),
    ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        """Leave out none."""
        return queryset


class ByStatus(ChoiceFilter):
    """A status."""

    title = "Status"
    parameter_name = "status"
    options = Status.choices


class ByKind(ChoiceFilter):
    """A kind."""

    title = "Kind"
    parameter_name = "category"
    options = questions.CHOICES["kind"]


class ByArea(ChoiceFilter):
    """An area."""

    title = "Area"
    parameter_name = "area"
    options = questions.CHOICES["area"]


class ByAppeal(ChoiceFilter):
    """An appeal: an open one as the public form knows it, or that of the address, whose tips can still be found."""

    title = "Appeal"
    parameter_name = "appeal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return their keys and titles."""
        offered = {key: appeal.title for key, appeal in state_files.form_state().appeals.items()}
        chosen = admin.SimpleListFilter.value(self)
        if chosen and chosen.isprintable():
            offered.setdefault(chosen, chosen)
        return list(offered.items())


class ByLabel(ChoiceFilter):
    """A label."""

    title = "Label"
    parameter_name = "label"
    column = "labels"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all of them, retired ones too."""
        return [(str(pk), name) for pk, name in Label.objects.values_list("pk", "name")]


class ByEnquiry(ChoiceFilter):
    """An enquiry, for who may see enquiries."""

    title = "Enquiry"
    parameter_name = "enquiry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return them with their codenames, closed ones last."""
        if not request.user.has_perm(VIEW_ENQUIRY):
            return []
        return [
            (str(pk), name)
            for pk, name in Enquiry.objects.in_working_order().values_list("pk", "codename")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        """Return the tips that are part of it."""
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(
            pk__in=Link.objects.standing().filter(enquiry=UUID(chosen)).values("tip")
        )


class ByUrgency(ChoiceFilter):
    """Urgent tips, taken or not."""

    title = "Urgency"
    parameter_name = "urgent"
    options = [("1", "Urgent")]


class ByMember(ChoiceFilter):
    """Who has the tips that wait: the member, nobody, or another."""

    title = "Waiting, and who has it"
    parameter_name = "member"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the members who may triage."""
        names = triaging.members().values_list("username", flat=True)
        members = [(name, f"{name} has it") for name in names]
        return [(MINE, "I have it"), (NOBODY, "nobody has it"), *members]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        """Return theirs."""
        name = self.value()
        if not name:
            return queryset
        whose = {MINE: Q(assignee=request.user.pk), NOBODY: Q(assignee=None)}
        return queryset.filter(WAITS & whose.get(name, Q(assignee__username=name)))


class SayingTheSame(ChoiceFilter):
    """Tips that say the same as one, by its reference. Without one, the first of such tips stands for all of them.

    It is the last of the filters: the first is the first of those that the others leave. So it is here that tips which
    a column sorts are limited to MOST_SORTED; each of these stands for itself.
    """

    title = "Says the same as"
    parameter_name = "same"
    options = [("", "")]
    place = "nowhere"

    def value(self) -> str | None:
        """Return the reference."""
        return admin.SimpleListFilter.value(self)

    @property
    def in_words(self) -> str:
        """Return which tip it is."""
        if self.value():
            return f"says the same as {self.value()}"
        return ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        """Return each by itself, or one for all."""
        if reference := self.value():
            alike = at_end.alike(reference, by=cast("User", request.user))
            queryset = queryset.filter(alike=alike) if alike else queryset.none()
        elif not sort(request):
            vars(request)["lines"] = vars(request)["counts"]["lines"]
            queryset = cast("TipQuerySet", queryset).one_of_each(*order(request))
        first = queryset.order_by(*order(request)).values("pk")[:MOST_SORTED]
        if sort(request):
            return queryset.filter(pk__in=first)
        return queryset


class TipAdmin(PlainList):
    """Tips: nothing is added, changed or deleted by Django's forms; acts go through the domain's verbs."""

    list_display = ["reference", "when", "kind", "flags", "place", "status", "given_to"]
    list_filter = [
        *(ByMember, Order, ByStatus, ByKind, ByArea, ByAppeal, ByLabel, ByEnquiry, ByUrgency),
        *(
            Waiting,
            SayingTheSame,
        ),  # these two last: what they do follows from what the others leave
    ]
    list_per_page = queue.PAGE
    list_select_related = ["assignee"]
    actions = bulk.ACTIONS
    actions_on_top = False  # the list's template has their buttons
    change_list_template = "admin/reports/queue/change_list.html"

    @property
    def media(self) -> Media:
        """Return the keys and the ticks; the page works without them."""
        return Media(
            js=cast("Any", [Script("js/desk.js", defer=True), Script("js/queue.js", defer=True)])
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the tip page's acts."""
        return [*addresses.of_tips(self.admin_site.admin_view), *super().get_urls()]

    def has_triage_permission(self, request: HttpRequest) -> bool:
        """Return whether the member may act on several tips at once."""
        return request.user.has_perm(TRIAGE_TIP)

    def has_enquiry_permission(self, request: HttpRequest) -> bool:
        """Return whether the member may also add them to an enquiry."""
        return self.has_triage_permission(request) and request.user.has_perm(VIEW_ENQUIRY)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tip]:
        """Return the tips without those that the member has hidden from themself, with what the list says of each."""
        links = (
            Link.objects.standing() if request.user.has_perm(VIEW_ENQUIRY) else Link.objects.none()
        )
        named = links.select_related("enquiry").only("tip", "enquiry__codename")
        called = Exists(UrgentCall.objects.filter(tip=OuterRef("pk")).exclude(MISTAKEN).order_by())
        return (
            shown_to(request.user)
            .annotate(called=called)
            .prefetch_related("labels", Prefetch("links", named))
        )

    def get_ordering(self, request: HttpRequest) -> tuple[str | OrderBy, ...]:
        """Return the order that is asked for."""
        return (*sort(request), *order(request))

    def get_paginator(
        self, request: HttpRequest, queryset: Any, per_page: int, *more: Any, **other: Any
    ) -> Any:
        """Count the lines with all other numbers, in one look at the tips."""
        paginator = super().get_paginator(request, queryset, per_page, *more, **other)
        if "lines" in vars(request):
            vars(paginator)["count"] = vars(request)["lines"]
        return paginator

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the queue, with what has just arrived in it; a POST may ask for first lines, or for all ticks."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        lock.let_in(request)
        if "lines" in request.POST and lock.keys_of(request) is None:
            return redirect(lock.unlock_first(request.get_full_path()))
        if "action" in request.POST and ACTION_CHECKBOX_NAME not in request.POST:
            messages.warning(request, "Tick the tips first. Nothing was changed.")
            return redirect(request.get_full_path())
        more = {"seen": staleness.now(), "here": request.get_full_path(), "fold": "Sort and filter"}
        try:
            response = super().changelist_view(
                request, more | {"keys_off": tip_page.keys_off(request)}
            )
        except ValidationError as error:  # of a tick that names no tip, which Django leaves to us
            raise BadRequest from error
        if "cl" in (context := getattr(response, "context_data", None) or {}):
            self._complete(request, context["cl"].result_list, context, response)
        return cast("HttpResponse", response)

    def _complete(
        self, request: HttpRequest, tips: QuerySet[Tip], context: dict[str, Any], response: Any
    ) -> None:
        """Put what the list says of each tip beside it; first lines once each glimpse is on the record."""
        by = cast("User", request.user)
        keys = lock.keys_of(request)
        glimpsed = dict[Any, Any]()
        tip_page.remember(request, tips)
        context["counts"] = vars(request)["counts"]
        try:
            if keys and "lines" in request.POST:
                with transaction.atomic():
                    glimpsed = opening.glimpse(
                        tips=[one for one in tips if one.opened], by=by, keys=keys
                    )
        except DatabaseError:
            response.status_code = 503
            context["problem"] = (
                "We could not record that you saw these lines, so we show none. Try again, or tell a team lead."
            )
        context["lines"] = bool(glimpsed)
        if "lines" in vars(request):
            context["cl"].result_count = context["counts"]["listed"]  # tips, and not lines
        context["sorted_most"] = (
            sort(request) and context["cl"].result_count == MOST_SORTED and MOST_SORTED
        )
        self._mark(request, tips, glimpsed)

    def _mark(self, request: HttpRequest, tips: QuerySet[Tip], glimpsed: dict[Any, Any]) -> None:
        """Put its marks beside each tip, without a glimpse only of an urgent one also what its sender ticked."""
        by = cast("User", request.user)
        keys = lock.keys_of(request)
        urgent = [tip for tip in tips if tip.urgent and tip.opened]
        answers = glimpsed
        if keys and urgent and not glimpsed:
            answers = opening.about_danger(tips=urgent, keys=keys)
        marks = {
            "lines": bool(glimpsed),
            "ticked": "tick" in request.POST,
            "copies": "same" not in request.GET,
        }
        beside = signs.beside(tips, by=by, answers=answers, **marks)
        for each in tips:
            each.beside = beside[each.pk]  # Django gives a column nothing but the tip

    @method_decorator(needs(READ_TIP))
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a tip."""
        return tip_page.show(request, acts.tip_for(request, self.key_or_404(object_id)))

    @admin.display(description="")
    def action_checkbox(self, tip: Tip) -> SafeString:
        """Return its tick."""
        ticked = mark_safe(" checked") if tip.beside.ticked else ""
        box = '<input type="checkbox" class="action-select" name="_selected_action" value="{}" aria-label="{}"{}>'
        return format_html(box, tip.pk, tip.reference, ticked)

    @admin.display(description="received")
    def when(self, tip: Tip) -> str:
        """Return the day or the week in which it came."""
        return reading.received(tip)

    @admin.display(description="kind")
    def kind(self, tip: Tip) -> Any:
        """Return its kind, how many say the same, and its first line after a press."""
        row = tip.beside
        first = questions.label("kind", tip.category)
        if not tip.opened:
            first = _soft("sealed", "locked")
        elif not first and not row.same:
            first = NONE
        if not row.same and not row.line:
            return first
        view = "&waiting=at_end" if tip.rank == AT_END else ""
        link = ""
        if row.same:
            says = plural(
                row.same, f"{row.same} unread tip says this", f"{row.same} unread tips say the same"
            )
            link = format_html(
                '<a class="same" href="?same={}{}">{}</a>', tip.reference, view, says
            )
        line = ""
        if row.line:
            line = format_html('<q class="line" dir="auto">{}</q>', show_hidden(row.line))
        return format_html("{}{}{}", first, link, line)

    @admin.display(description="at a glance")
    def flags(self, tip: Tip) -> SafeString:
        """Return its chips."""
        looks_and_texts = [(look, text) for text, look in tip.beside.chips]
        chips = format_html_join("", '<li class="chip chip-{}">{}</li>', looks_and_texts)
        if chips:
            return format_html('<ul class="chips">{}</ul>', chips)
        return NONE

    @admin.display(description="area")
    def place(self, tip: Tip) -> Any:
        """Return its area."""
        if tip.opened:
            return questions.label("area", tip.area) or NONE
        return _soft("sealed", "locked")

    @admin.display(description="who has it")
    def given_to(self, tip: Tip) -> Any:
        """Return who has it."""
        if tip.assignee is None:
            return _soft("nobody", tip.beside.has_it)
        return tip.beside.has_it


def _soft(look: str, text: str) -> SafeString:
    return format_html('<span class="{}">{}</span>', look, text)
