"""Lists at the desk that change nothing by themselves: what can be done has addresses of its own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from newsroom.admin.base import ListAdmin


class ReadOnly(ListAdmin):
    """A list that can be looked at by whoever has the right to view it."""

    actions: Any = None
    show_full_result_count = False
    list_display_links: Any = None
    list_max_show_all = 0
    preserve_filters = False
    view_on_site = False
    change_list_template = "admin/reports/change_list.html"
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

    @admin.display(description=gettext_lazy("Tick"))
    def action_checkbox(self, obj: Any) -> SafeString:
        """Return a row's box. Above them stands a word, not Django's box for all, which its script alone can tick."""
        return super().action_checkbox(obj)

    def key_or_404(self, object_id: str) -> Any:
        """Return the key that an address names; raises Http404 for what cannot be one, which Django leaves to us."""
        try:
            return self.opts.pk.to_python(object_id)
        except ValidationError:
            raise Http404 from None


class PlainList(ReadOnly):
    """A list of links, newest work first, without a script."""

    list_per_page = 40
    sortable_by = ()
    empty_value_display = "–"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a row; what can be done with it has addresses of its own."""
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        return self.show(request, self.key_or_404(object_id))

    def show(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return a row's page; raises Http404 or PermissionDenied."""
        raise NotImplementedError

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Go to the row's page: its history stands there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", self.key_or_404(object_id))

    @property
    def media(self) -> Media:
        """Return no script."""
        return Media()
