"""Lists at the desk that change nothing by themselves: what can be done has addresses of its own."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse

from core.lists import ListAdmin


class ReadOnly(ListAdmin):
    """A list that can be looked at by whoever has the right to view it."""

    actions: Any = None
    show_full_result_count = False
    list_max_show_all = 0
    preserve_filters = False
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
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a row; what can be done with it has addresses of its own."""
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        return self.show(request, self.key_or_404(object_id))

    def show(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return a row's page; raises Http404 or PermissionDenied."""
        raise NotImplementedError

    @property
    def media(self) -> Media:
        """Return no script."""
        return Media()
