"""The queue and the way to each tip's page."""

from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from reports import questions
from reports.admin import acts, bulk, calls, keeping, present, recording, recuse, related, tippage, walk, writing
from reports.admin.filters import FilterForm
from reports.admin.paging import ReadOnly
from reports.admin.tiles import waiting
from reports.admin.unlocking import let_in, page
from reports.domain.tips import edit_conflict
from reports.domain.triage import queue
from reports.domain.triage.bounded_count import Count
from reports.domain.triage.queue import Place
from reports.models import Tip


class TipAdmin(ReadOnly):
    """Tips: nothing is added, changed or deleted by Django's forms; acts go through the domain's verbs."""

    def get_urls(self) -> list[URLPattern]:
        """Add the tip page's acts."""
        wrap = self.admin_site.admin_view
        return [
            *acts.addresses(wrap),
            *bulk.addresses(wrap),
            *calls.addresses(wrap),
            *recording.addresses(wrap),
            *writing.addresses(wrap),
            *recuse.addresses(wrap),
            *related.addresses(wrap),
            *keeping.addresses(wrap),
            path("keys/", wrap(walk.keys), name="reports_tip_keys"),
            path("<uuid:pk>/reveal/", wrap(acts.reveal), name="reports_tip_reveal"),
            path("<uuid:pk>/<uuid:entry>/<int:number>/", wrap(acts.picture), name="reports_tip_picture"),
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
        return TemplateResponse(request, "admin/reports/tip/queue.html", _queue(request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a tip."""
        return tippage.show(request, acts.tip_for(request, object_id, right="reports.read_tip"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the tip: its history stands on its page."""
        return redirect("admin:reports_tip_change", object_id)


def _queue(request: HttpRequest) -> dict[str, Any]:
    """Return a page of the queue and what stands around it; no query of it grows with the number of tips."""
    user, as_of = cast("User", request.user), edit_conflict.now()
    form = FilterForm(request.GET)
    after, before = (Place.parse(request.GET.get(way, "")) for way in ("after", "before"))
    found = queue.page(by=user, narrowed=form.narrowing(), after=after, before=before)
    walk.remember(request, found.tips)
    unread = waiting.unread(user)
    kept = form.chosen
    return page(request, title=_("Tips")) | {
        "rows": [_row(tip) for tip in found.tips],
        "narrowed": kept,
        "filters": form,
        "views": _views(user, kept, unread),
        "earlier": found.earlier and f"?{urlencode(kept | {'before': str(found.earlier)})}",
        "later": found.later and f"?{urlencode(kept | {'after': str(found.later)})}",
        "looked": found.looked and queue.LOOK,
        "as_of": as_of,
        "bulk": bulk.offered(user),
        "keys_off": walk.keys_off(request),
        "unread": unread,
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }


class Row(NamedTuple):
    """A tip as the queue shows it, with what a template cannot find out by itself."""

    tip: Tip
    received: str
    kind: Any
    area: Any


def _row(tip: Tip) -> Row:
    return Row(tip, present.received(tip), questions.label("kind", tip.category), questions.label("area", tip.area))


class View(NamedTuple):
    """A fixed view of the queue: what it is called, its address, how much is in it, and whether it is the one shown."""

    label: str
    address: str
    waits: Any
    shown: bool


def _views(user: User, kept: dict[str, str], unread: Count) -> list[View]:
    """Return the fixed views."""
    fixed: tuple[tuple[str, dict[str, str], Any], ...] = (
        (_("All"), {}, ""),
        (_("Urgent"), {"waiting": "urgent"}, waiting.urgent(user)),
        (_("Unread"), {"waiting": "unread"}, unread),
        (_("Answers"), {"waiting": "answers"}, waiting.answers(user)),
        (_("Mine"), {"waiting": "mine"}, waiting.mine(user)),
        (_("Unassigned"), {"waiting": "nobody"}, waiting.nobodys(user)),
        (_("Waiting for an answer"), {"status": "needs_more"}, ""),
    )
    return [View(label, f"?{urlencode(query)}", waits, query == kept) for label, query, waits in fixed]
