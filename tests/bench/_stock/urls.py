"""The site as it is, and the stock admin beside it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from config.urls import handler500, urlpatterns
from tests.bench._stock.models import ClearTip

__all__ = ["handler500", "urlpatterns"]


class ClearTipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What a newcomer to Django would write."""

    list_display = ["reference", "received", "status", "urgent", "category", "area", "assignee"]
    list_filter = ["status", "urgent", "category", "area"]
    search_fields = ["reference", "text"]
    date_hierarchy = "received"
    list_select_related = ["assignee"]
    ordering = ["-received", "-pk"]
    list_per_page = 40

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the list with Django's own templates, not the desk's."""
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse):
            answer.using = "stock"
        return answer


site = admin.AdminSite(name="stock")
site.register(ClearTip, ClearTipAdmin)
urlpatterns = [path("admin/in-clear/", site.urls), *urlpatterns]  # below /admin/, where there are sessions
