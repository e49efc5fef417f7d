"""The queue and the way to each tip's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import answers
from reports.admin import acts, filters, keeping, present, recuse, related, tippage, writing
from reports.admin.firstscreen import what_waits
from reports.admin.record import ReadOnly
from reports.admin.unlocking import let_in
from reports.models import Tip


class TipAdmin(ReadOnly):
    """Tips: nothing is added, changed or deleted by Django's forms; acts go through the domain's verbs."""

    list_display = ["reference", "flags", "when", "status", "kind", "place", "given_to"]
    list_display_links = ["reference"]
    list_filter = [filters.Waiting, "status", filters.Kind, filters.Place, "urgent"]
    list_per_page = 40
    list_select_related = ["assignee"]
    sortable_by = ()
    change_list_template = "admin/reports/tip/change_list.html"
    empty_value_display = "–"

    @property
    def media(self) -> Media:
        """Return no script: the queue is a plain list of links."""
        return Media()

    def get_urls(self) -> list[URLPattern]:
        """Add the tip page's acts."""
        wrap = self.admin_site.admin_view
        return [
            *acts.addresses(wrap),
            *writing.addresses(wrap),
            *recuse.addresses(wrap),
            *related.addresses(wrap),
            *keeping.addresses(wrap),
            path("<uuid:pk>/reveal/", wrap(acts.reveal), name="reports_tip_reveal"),
            path("<uuid:pk>/<uuid:entry>/<int:number>/", wrap(acts.picture), name="reports_tip_picture"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tip]:
        """Return the tips in reading order, without those that the member has hidden from themself."""
        return Tip.objects.visible_to(request.user).in_reading_order()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the queue, with what has just arrived in it."""
        if self.has_view_permission(request):
            let_in(request)
        waits = what_waits(request.user) | {"title": _("Tips")}
        return super().changelist_view(request, waits | (extra_context or {}))

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

    @admin.display(description=gettext_lazy("state"))
    def flags(self, tip: Tip) -> SafeString:
        """Return whether it is urgent and whether something in it is unread."""
        marks = []
        if tip.urgent:
            waits = tip.acknowledged_at is None
            marks.append(("urgent", _("Urgent")) if waits else ("calm", _("Urgent, acknowledged")))
        if tip.unread:
            marks.append(("unread", _("Answered") if tip.answered else _("Unread")))
        chips = [format_html('<span class="chip chip-{}">{}</span>', *mark) for mark in marks]
        return SafeString(" ".join(chips)) if chips else _none()

    @admin.display(description=gettext_lazy("received"))
    def when(self, tip: Tip) -> str:
        """Return the day, or the week once it is opened."""
        return present.received(tip)

    @admin.display(description=gettext_lazy("kind"))
    def kind(self, tip: Tip) -> SafeString | str:
        """Return what kind of thing it is, once that is known."""
        return _fact("kind", tip.category) if tip.opened else _sealed()

    @admin.display(description=gettext_lazy("area"))
    def place(self, tip: Tip) -> SafeString | str:
        """Return the part of town, once that is known."""
        return _fact("area", tip.area) if tip.opened else _sealed()

    @admin.display(description=gettext_lazy("given to"))
    def given_to(self, tip: Tip) -> SafeString | str:
        """Return who has it."""
        return tip.assignee.get_username() if tip.assignee else _none()


def _fact(question: str, value: str) -> SafeString | str:
    return str(answers.label(question, value)) if value else _none()


def _none() -> SafeString:
    return format_html('<span class="none">{}</span>', "–")


def _sealed() -> SafeString:
    return format_html('<span class="sealed">{}</span>', _("sealed"))
