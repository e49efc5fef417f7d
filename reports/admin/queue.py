"""The queue, how it can be narrowed, and the way to each tip's page."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import questions
from reports.admin import home, recorded_tips, recusals, related, retention, tip, tip_actions, tip_reading, urgent_calls
from reports.admin.actions import Attempt
from reports.admin.bulk import BulkForm, BulkView, offered
from reports.admin.lock import let_in, page
from reports.admin.paging import ReadOnly
from reports.domain import desk
from reports.domain.tips import edit_conflict
from reports.domain.triage import queue
from reports.domain.triage.bounded_count import Count
from reports.domain.triage.queue import FACTS, Narrowing, Place
from reports.models import Label, Status, Tip

WAITING = [
    ("urgent", gettext_lazy("Urgent, not acknowledged")),
    ("unread", gettext_lazy("Unread")),
    ("answers", gettext_lazy("Answered, not read")),
    ("mine", gettext_lazy("Mine, not decided")),
    ("nobody", gettext_lazy("Given to nobody, not decided")),
]


ANY = ("", gettext_lazy("Any"))


class Choice(forms.ChoiceField):
    """A choice that may be left open; one that does not exist narrows nothing."""

    def clean(self, value: Any) -> str:
        """Return the choice, or nothing."""
        return str(value) if self.valid_value(value) else ""


class FilterForm(forms.Form):
    """What an address of the queue asks for."""

    waiting = Choice(label=gettext_lazy("What waits"), choices=[ANY, *WAITING], required=False)
    status = Choice(label=gettext_lazy("Status"), choices=[ANY, *Status.choices], required=False)
    category = Choice(label=gettext_lazy("Kind"), choices=[ANY, *questions.CHOICES["kind"]], required=False)
    area = Choice(label=gettext_lazy("Area"), choices=[ANY, *questions.CHOICES["area"]], required=False)
    appeal = Choice(label=gettext_lazy("Appeal"), required=False)
    label = Choice(label=gettext_lazy("Label"), required=False)
    urgent = Choice(label=gettext_lazy("Urgency"), choices=[ANY, ("1", gettext_lazy("Urgent"))], required=False)

    def __init__(self, asked: Mapping[str, str]) -> None:
        """Read the address; `appeals` are the open ones as the public form knows them, which asks no database."""
        super().__init__(asked, auto_id="filter_%s", label_suffix="")
        self.appeals = [(key, appeal.title) for key, appeal in desk.form_state().appeals.items()]
        self.labels = [(str(pk), name) for pk, name in Label.objects.values_list("pk", "name")]
        appeals, wanted = dict(self.appeals), asked.get("appeal")
        if wanted and wanted.isprintable():
            appeals.setdefault(wanted, wanted)  # one that has closed: its tips can still be found
        cast("Choice", self.fields["appeal"]).choices = [ANY, *appeals.items()]
        cast("Choice", self.fields["label"]).choices = [ANY, *self.labels]
        self.full_clean()

    @property
    def chosen(self) -> dict[str, str]:
        """Return what narrows the queue, as an address says it."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrowing(self) -> Narrowing:
        """Return the same for the queue."""
        chosen = self.chosen
        return Narrowing(
            waiting=chosen.get("waiting", ""),
            urgent="urgent" in chosen,
            facts={column: chosen[column] for column in FACTS if column in chosen},
            label=int(chosen["label"]) if "label" in chosen else None,
        )


class TipAdmin(ReadOnly):
    """Tips: nothing is added, changed or deleted by Django's forms; acts go through the domain's verbs."""

    def get_urls(self) -> list[URLPattern]:
        """Add the tip page's acts."""
        wrap = self.admin_site.admin_view
        return [
            *tip_actions.addresses(wrap),
            path("bulk/", wrap(BulkView.as_view(show_queue=show_queue)), name="reports_tip_bulk"),
            *urgent_calls.addresses(wrap),
            *recorded_tips.addresses(wrap),
            *recusals.addresses(wrap),
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


def show_queue(request: HttpRequest, *, address: str, attempt: Attempt | None = None) -> HttpResponse:
    """Return the queue's page at this address, with a bulk act that did not go through."""
    query = QueryDict(urlsplit(address).query)
    bulk_form = cast("BulkForm", attempt.form) if attempt else BulkForm()
    context = _queue(request, query, ticked=bulk_form.ticked) | {
        "attempt": attempt,
        "here": address,
        "queue": reverse("admin:reports_tip_changelist"),
        "bulk": offered(cast("User", request.user), bulk_form),
    }
    return TemplateResponse(request, "admin/reports/queue/queue.html", context)


def _queue(request: HttpRequest, query: QueryDict, *, ticked: list[str]) -> dict[str, Any]:
    """Return a page of the queue and what stands around it; no query of it grows with the number of tips."""
    user, as_of = cast("User", request.user), edit_conflict.now()
    form = FilterForm(query)
    after, before = (Place.parse(query.get(way, "")) for way in ("after", "before"))
    found = queue.page(by=user, narrowed=form.narrowing(), after=after, before=before)
    tip.remember(request, found.tips)
    unread = home.unread(user)
    kept = form.chosen
    return page(request, title=_("Tips")) | {
        "rows": [_row(one, ticked=str(one.pk) in ticked) for one in found.tips],
        "narrowed": kept,
        "filters": form,
        "views": _views(user, kept, unread),
        "earlier": found.earlier and f"?{urlencode(kept | {'before': str(found.earlier)})}",
        "later": found.later and f"?{urlencode(kept | {'after': str(found.later)})}",
        "top": f"?{urlencode(kept)}",
        "looked": found.looked and queue.LOOK,
        "as_of": as_of,
        "keys_off": tip.keys_off(request),
        "unread": unread,
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }


class QueueRow(NamedTuple):
    """A tip as the queue shows it, with what a template cannot find out by itself."""

    tip: Tip
    received: str
    kind: Any
    area: Any
    ticked: bool


def _row(row: Tip, *, ticked: bool) -> QueueRow:
    kind, area = questions.label("kind", row.category), questions.label("area", row.area)
    return QueueRow(row, tip_reading.received(row), kind, area, ticked)


class QueueView(NamedTuple):
    """A fixed view of the queue: what it is called, its address, how much is in it, and whether it is the one shown."""

    label: str
    address: str
    waits: Any
    shown: bool


def _views(user: User, kept: dict[str, str], unread: Count) -> list[QueueView]:
    """Return the fixed views."""
    fixed: tuple[tuple[str, dict[str, str], Any], ...] = (
        (_("All"), {}, ""),
        (_("Urgent"), {"waiting": "urgent"}, home.urgent(user)),
        (_("Unread"), {"waiting": "unread"}, unread),
        (_("Answers"), {"waiting": "answers"}, home.answers(user)),
        (_("Mine"), {"waiting": "mine"}, home.mine(user)),
        (_("Unassigned"), {"waiting": "nobody"}, home.nobodys(user)),
        (_("Waiting for an answer"), {"status": "needs_more"}, ""),
    )
    return [QueueView(label, f"?{urlencode(query)}", waits, query == kept) for label, query, waits in fixed]
