"""The record, for leads and auditors: who did what, newest first, whether it is whole, and nothing to be changed."""

import time
from dataclasses import asdict
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reports.admin import history, lock
from reports.admin.lists import ReadOnly
from reports.admin.lock import page
from reports.domain import audit
from reports.domain.audit import verification
from reports.domain.errors import Refused
from reports.models import AuditEvent, Tip, hidden_from

LOOK = "record-look"  # the session's slot for how far a look through the record has come
SECONDS = 2.0  # that one press of the button looks for, about 50,000 events


class RecordAdmin(ReadOnly):
    """The audit events."""

    list_display = ["at", "actor", "did", "subject"]
    list_filter = ["act", "actor"]
    list_per_page = 100
    sortable_by = ()
    fields = ["seq", "at", "actor", "did", "subject", "previous", "hash"]
    change_list_template = "admin/reports/auditevent/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the look through the whole record."""
        return [
            path("verify/", self.admin_site.admin_view(verify), name="reports_auditevent_verify"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """Return the events, without those of tips that are hidden from the asker."""
        hidden = Tip.objects.filter(pk__in=hidden_from(request.user)).values("reference")
        return super().get_queryset(request).exclude(subject__in=hidden)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the record under its name."""
        return super().changelist_view(request, {"title": gettext("The record"), **(extra_context or {})})

    @admin.display(description=_("did"))
    def did(self, event: AuditEvent) -> str:
        """Return the act in words."""
        return history.in_words(event)


def verify(request: HttpRequest) -> HttpResponse:
    """Look through the record, some seconds at each press of the button, and say what was found."""
    if not request.user.has_perm("reports.view_auditevent"):
        raise PermissionDenied
    if request.method == "POST":
        look = None if "begin" in request.POST else _kept(request)
        request.session[LOOK] = asdict(_go_on(request, look or verification.begin()))
        return redirect("admin:reports_auditevent_verify")
    opts = AuditEvent._meta  # noqa: SLF001 - Django's public name
    context = page(request, title=gettext("Is the record whole?")) | {"look": _kept(request), "opts": opts}
    context |= {"mark": verification.mark(), **_asked(request)}
    return TemplateResponse(request, "admin/reports/auditevent/verify.html", context)


def _go_on(request: HttpRequest, look: verification.Look) -> verification.Look:
    """Return how far it has come now; the end of a look goes on the record itself."""
    keys, until = lock.keys_of(request), time.monotonic() + SECONDS
    while not look.done:
        look = verification.step(look, proof=keys.vouchers if keys else None)
        if time.monotonic() >= until:
            break
    if look.done:
        audit.record(by=cast("User", request.user), act="verified", found=len(look.found) + look.more)
    return look


def _asked(request: HttpRequest) -> dict[str, str]:
    """Return what is to be said of a mark that was noted; it is no secret, and so may stand in the address."""
    noted = request.GET.get("mark", "")
    if not noted:
        return {}
    try:
        known = verification.knows(noted)
    except Refused as refusal:
        return {"noted": noted, "mark_problem": str(refusal)}
    return {"noted": noted, "mark_known": "yes" if known else "no"}


def _kept(request: HttpRequest) -> verification.Look | None:
    kept = request.session.get(LOOK)
    return verification.Look(**kept | {"found": tuple(kept["found"])}) if kept else None
