"""The queue, how it can be narrowed, and the way to each tip's page."""

from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, date
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import questions
from reports.admin import (
    home,
    lock,
    recorded_tips,
    recusals,
    related,
    retention,
    safety,
    signs,
    tip,
    tip_actions,
    undo,
    urgent_calls,
)
from reports.admin.actions import ActionView, Attempt
from reports.admin.aside import AsideView, BackView
from reports.admin.bulk import BulkForm, BulkView, offered
from reports.admin.lock import NextForm, let_in, page, safe_next, unlock_first
from reports.admin.paging import ReadOnly
from reports.domain import desk, triage
from reports.domain.tips import edit_conflict
from reports.domain.tips.metadata import monday
from reports.domain.triage import aside, queue
from reports.domain.triage.bounded_count import Count
from reports.domain.triage.queue import FACTS, Narrowing, Place
from reports.models import Label, Status, Tip, TipQuerySet, shown_to

WAITING = [
    ("urgent", gettext_lazy("Urgent, taken by nobody")),
    ("unread", gettext_lazy("Unread")),
    ("answers", gettext_lazy("Answered, not read")),
    ("mine", gettext_lazy("Mine, not decided")),
    ("nobody", gettext_lazy("Given to nobody, not decided")),
    ("aside", gettext_lazy("Set aside, not read")),
]


ANY, OLDEST = ("", gettext_lazy("Any")), "oldest"


class Choice(forms.ChoiceField):
    """A choice that may be left open; one that does not exist narrows nothing."""

    def clean(self, value: Any) -> str:
        """Return the choice, or nothing."""
        return str(value) if self.valid_value(value) else ""


class Week(forms.DateField):
    """A week by any of its days; what is no day narrows nothing."""

    def clean(self, value: Any) -> date | None:
        """Return its Monday, or nothing."""
        try:
            day = super().clean(value)
        except forms.ValidationError:
            return None
        return monday(day) if day and day.year < MAXYEAR else None


class Reference(forms.RegexField):
    """A tip's reference; what is none narrows nothing."""

    def __init__(self, **kwargs: Any) -> None:
        """Take references as tips have them."""
        super().__init__(r"[0-9A-Z]{4}-[0-9A-Z]{4}", **kwargs)

    def clean(self, value: Any) -> str:
        """Return the reference, or nothing."""
        try:
            return str(super().clean(value))
        except forms.ValidationError:
            return ""


class FilterForm(forms.Form):
    """What an address of the queue asks for."""

    waiting = Choice(label=gettext_lazy("What waits"), choices=[ANY, *WAITING], required=False)
    status = Choice(label=gettext_lazy("Status"), choices=[ANY, *Status.choices], required=False)
    category = Choice(label=gettext_lazy("Kind"), choices=[ANY, *questions.CHOICES["kind"]], required=False)
    area = Choice(label=gettext_lazy("Area"), choices=[ANY, *questions.CHOICES["area"]], required=False)
    appeal = Choice(label=gettext_lazy("Appeal"), required=False)
    label = Choice(label=gettext_lazy("Label"), required=False)
    urgent = Choice(label=gettext_lazy("Urgency"), choices=[ANY, ("1", gettext_lazy("Urgent"))], required=False)
    member = Choice(label=gettext_lazy("With, not decided"), required=False)
    same = Reference(label=gettext_lazy("Says the same as"), required=False, widget=forms.HiddenInput)
    week = Week(label=gettext_lazy("Week"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    order = Choice(
        label=gettext_lazy("Order"),
        choices=[("", gettext_lazy("Newest first")), (OLDEST, gettext_lazy("Oldest first"))],
        required=False,
    )

    def __init__(self, asked: Mapping[str, str], *, by: User) -> None:
        """Read the address; `appeals` are the open ones as the public form knows them, which asks no database."""
        super().__init__(asked, auto_id="filter_%s", label_suffix="")
        self.by = by
        self.appeals = [(key, appeal.title) for key, appeal in desk.form_state().appeals.items()]
        self.labels = [(str(pk), name) for pk, name in Label.objects.values_list("pk", "name")]
        appeals, wanted = dict(self.appeals), asked.get("appeal")
        if wanted and wanted.isprintable():
            appeals.setdefault(wanted, wanted)  # one that has closed: its tips can still be found
        cast("Choice", self.fields["appeal"]).choices = [ANY, *appeals.items()]
        cast("Choice", self.fields["label"]).choices = [ANY, *self.labels]
        self.members = dict(triage.members().values_list("username", "pk"))
        cast("Choice", self.fields["member"]).choices = [ANY, *((name, name) for name in self.members)]
        self.full_clean()

    @property
    def chosen(self) -> dict[str, str]:
        """Return what narrows and orders the queue, as an address says it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    @property
    def narrowed(self) -> dict[str, str]:
        """Return what narrows the queue, without its order."""
        return {name: value for name, value in self.chosen.items() if name != "order"}

    def said(self, name: str) -> str:
        """Return what one filter asks for, in words."""
        value, field = self.cleaned_data[name], self.fields[name]
        if isinstance(field, Week):
            return _("week of %(day)s") % {"day": date_format(value, "j M Y")}
        if isinstance(field, Reference):
            return _("says the same as %(tip)s") % {"tip": value}
        return str(dict(cast("Sequence[tuple[str, Any]]", cast("Choice", field).choices))[value])

    @property
    def oldest(self) -> bool:
        """Return whether the oldest come first."""
        return bool(self.cleaned_data["order"] == OLDEST)

    def narrowing(self) -> Narrowing:
        """Return the same for the queue."""
        chosen = self.chosen
        return Narrowing(
            waiting=chosen.get("waiting", ""),
            urgent="urgent" in chosen,
            facts={column: chosen[column] for column in FACTS if column in chosen},
            label=int(chosen["label"]) if "label" in chosen else None,
            member=self.members.get(chosen.get("member", "")),
            week=self.cleaned_data["week"],
            alike=aside.alike(chosen["same"], by=self.by) if "same" in chosen else None,
        )


class TipAdmin(ReadOnly):
    """Tips: nothing is added, changed or deleted by Django's forms; acts go through the domain's verbs."""

    def get_urls(self) -> list[URLPattern]:
        """Add the tip page's acts."""
        wrap = self.admin_site.admin_view
        return [
            *tip_actions.addresses(wrap),
            path("lines/", wrap(LinesView.as_view()), name="reports_tip_lines"),
            path("bulk/", wrap(BulkView.as_view(show_queue=show_queue)), name="reports_tip_bulk"),
            *urgent_calls.addresses(wrap),
            *safety.addresses(wrap),
            *recorded_tips.addresses(wrap),
            *recusals.addresses(wrap),
            path("<uuid:pk>/aside/", wrap(AsideView.as_view(show_queue=show_queue)), name="reports_tip_aside"),
            path("<uuid:pk>/back/", wrap(BackView.as_view(show_queue=show_queue)), name="reports_tip_back"),
            path("undo/<str:press>/", wrap(undo.UndoView.as_view()), name="reports_tip_undo"),
            *related.addresses(wrap),
            *retention.addresses(wrap),
            path("keys/", wrap(tip.switch_keys), name="reports_tip_keys"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tip]:
        """Return the tips without those that the member has hidden from themself."""
        return Tip.objects.visible_to(request.user)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the queue, with what has just arrived in it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        let_in(request)
        return show_queue(request, address=request.get_full_path())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a tip."""
        return tip.show(request, tip_actions.tip_for(request, self.key_or_404(object_id), right="reports.read_tip"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the tip: its history stands on its page."""
        return redirect("admin:reports_tip_change", object_id)


class LinesView(ActionView):
    """Shows how the tips of one page of the queue begin, once each glimpse is on the record; no address shows it."""

    http_method_names = ["get", "post"]
    action, title, form_class, keys = "lines", gettext_lazy("Show first lines"), NextForm, "held"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go to the queue: a browser that loads this address again sends no form."""
        self.get_record()
        return redirect("admin:reports_tip_changelist")

    def get_record(self) -> None:
        """Let members in who may read tips."""
        if not self.request.user.has_perm("reports.read_tip"):
            raise PermissionDenied

    def locked(self) -> HttpResponse:
        """Ask for the words: nothing was typed that could get lost."""
        return redirect(unlock_first(self._queue_page()))

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Show the page with its lines."""
        try:
            with transaction.atomic():
                return show_queue(self.request, address=self._queue_page(), lines=True)
        except DatabaseError:
            problem = _(
                "That you saw these lines could not be recorded, so none is shown. Try again; if it stays, tell a lead."
            )
            return show_queue(self.request, address=self._queue_page(), problem=problem)

    def _queue_page(self) -> str:
        return safe_next(self.request, default=reverse("admin:reports_tip_changelist"))


def show_queue(
    request: HttpRequest, *, address: str, attempt: Attempt | None = None, lines: bool = False, problem: str = ""
) -> HttpResponse:
    """Return the queue's page at this address, with a bulk act that did not go through, or with first lines."""
    query = QueryDict(urlsplit(address).query)
    bulk_form = attempt.form if attempt and isinstance(attempt.form, BulkForm) else BulkForm()
    context = _queue(request, query, ticked=bulk_form.ticked, lines=lines) | {
        "attempt": attempt,
        "problem": problem,
        "queue": reverse("admin:reports_tip_changelist"),
        "bulk": offered(cast("User", request.user), bulk_form),
    }
    return TemplateResponse(request, "admin/reports/queue/queue.html", context, status=503 if problem else 200)


def _queue(request: HttpRequest, query: QueryDict, *, ticked: list[str], lines: bool) -> dict[str, Any]:
    """Return a page of the queue and what stands around it; no query of it grows with the number of tips."""
    user, as_of = cast("User", request.user), edit_conflict.now()
    form, keys = FilterForm(query, by=user), lock.keys_of(request)
    after, before = (Place.parse(query.get(way, "")) for way in ("after", "before"))
    found = queue.page(by=user, narrowed=form.narrowing(), oldest=form.oldest, after=after, before=before)
    tip.remember(request, found.tips)
    if query.get("tick") == "all":
        ticked = [str(one.pk) for one in found.tips]
    shown = shown_to(user)
    unread, kept = home.unread(user, shown), form.chosen
    here = kept | ({"before": str(before)} if before else {"after": str(after)} if after else {})
    return page(request, title=_("Tips")) | {
        "rows": signs.rows(found.tips, by=user, keys=keys, now=timezone.now(), ticked=ticked, lines=lines),
        "aside": form.cleaned_data["waiting"] == "aside",
        "lines": lines,
        "range": _range(user, form, found),
        "narrowed": form.narrowed,
        "filters": form,
        "orders": _orders(form),
        "active": _active(form),
        "views": _views(user, form, unread, shown),
        "earlier": found.earlier and f"?{urlencode(kept | {'before': str(found.earlier)})}",
        "later": found.later and f"?{urlencode(kept | {'after': str(found.later)})}",
        "top": f"?{urlencode(kept)}",
        "here": reverse("admin:reports_tip_changelist") + (f"?{urlencode(here)}" if here else ""),
        "tick_all": f"?{urlencode(here | {'tick': 'all'})}",
        "looked": found.looked and queue.LOOK,
        "as_of": as_of,
        "keys_off": tip.keys_off(request),
        "unread": unread,
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }


def _range(user: User, form: FilterForm, found: queue.QueuePage) -> str:
    """Return which tips these are, of how many: `41 to 80 of 313`; nothing for an empty page."""
    if not found.tips:
        return ""
    narrowed, first = form.narrowing(), Place.of(found.tips[0])
    total = queue.counted(by=user, narrowed=narrowed)
    before = (
        queue.counted_before(by=user, narrowed=narrowed, first=first, oldest=form.oldest) if found.earlier else Count(0)
    )
    last = before.number + len(found.tips) + found.left_out
    if found.left_out and not found.later and not total.more:  # more that say the same were passed over, unread
        last = total.number
    said = {"first": _number(before.number + 1), "last": _number(last), "total": _number(max(total.number, last))}
    if before.more:
        return _("of more than %(total)s") % said
    if total.more:
        return _("%(first)s to %(last)s of more than %(total)s") % said
    return _("%(first)s to %(last)s of %(total)s") % said


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)


class ActiveFilter(NamedTuple):
    """A filter that is on: what it asks for, and the queue's address without it."""

    label: str
    address: str


def _active(form: FilterForm) -> list[ActiveFilter]:
    """Return the filters that are on; what waits is one of the fixed views."""
    found = []
    for name in form.narrowed:
        left = {other: kept for other, kept in form.chosen.items() if other != name}
        if name != "waiting":
            found.append(ActiveFilter(form.said(name), f"?{urlencode(left)}"))
    return found


class QueueOrder(NamedTuple):
    """An order of the queue: what it is called, its address, and whether it is the one shown."""

    label: str
    address: str
    shown: bool


def _orders(form: FilterForm) -> list[QueueOrder]:
    """Return both orders, each from its beginning."""
    offers: tuple[tuple[str, dict[str, str], bool], ...] = (
        (_("Newest first"), {}, not form.oldest),
        (_("Oldest first"), {"order": OLDEST}, form.oldest),
    )
    return [QueueOrder(label, f"?{urlencode(form.narrowed | order)}", shown) for label, order, shown in offers]


class QueueView(NamedTuple):
    """A fixed view of the queue: what it is called, its address, how much is in it, and whether it is the one shown."""

    label: str
    address: str
    waits: Any
    shown: bool


def _views(user: User, form: FilterForm, unread: Count, tips: TipQuerySet) -> list[QueueView]:
    """Return the fixed views."""
    fixed: tuple[tuple[str, dict[str, str], Any], ...] = (
        (_("All"), {}, ""),
        (_("Urgent"), {"waiting": "urgent"}, home.urgent(user, tips)),
        (_("Unread"), {"waiting": "unread"}, unread),
        (_("Answers"), {"waiting": "answers"}, home.answers(user, tips)),
        (_("Mine"), {"waiting": "mine"}, home.mine(user, tips)),
        (_("Unassigned"), {"waiting": "nobody"}, home.nobodys(user, tips)),
        (_("Waiting for an answer"), {"status": "needs_more"}, ""),
    )
    beside = home.set_aside(user, tips)
    if beside.number or form.cleaned_data["waiting"] == "aside":
        fixed = (*fixed, (_("Set aside"), {"waiting": "aside"}, beside))
    order = {"order": OLDEST} if form.oldest else {}
    return [
        QueueView(label, f"?{urlencode(query | order)}", waits, query == form.narrowed) for label, query, waits in fixed
    ]
