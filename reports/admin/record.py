"""The record, for leads and auditors: who did what, newest first, and nothing that can be changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reports.admin import history
from reports.models import AuditEvent


class ReadOnly(admin.ModelAdmin):
    """A list that can be looked at by whoever has the right to view it."""

    actions = None
    show_full_result_count = False
    list_display_links: Any = None
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse, whoever asks."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse, whoever asks."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse, whoever asks."""
        return False


class RecordAdmin(ReadOnly):
    """The audit events."""

    list_display = ["at", "actor", "did", "subject"]
    list_filter = ["act", "actor"]
    list_per_page = 100
    sortable_by = ()
    fields = ["seq", "at", "actor", "did", "subject", "previous", "hash"]

    @admin.display(description=_("did"))
    def did(self, event: AuditEvent) -> str:
        """Return the act in words."""
        return history.in_words(event)
