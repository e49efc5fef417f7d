"""Topics, areas and authors."""

from collections.abc import Sequence
from typing import Any, override

from django.contrib import admin
from django.http import HttpRequest

from newsroom.admin.base import NewsroomModelAdmin
from newsroom.domain import request_rebuild
from newsroom.models import Area, Author, Topic


class SectionAdmin(NewsroomModelAdmin):
    """A page of articles. Its slug never changes: readers' links and feeds use it."""

    @override
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        request_rebuild.request_rebuild()  # its name is on many pages

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []

    @override
    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["name"]}


@admin.register(Topic)
class TopicAdmin(SectionAdmin):
    """Topics."""

    list_display = ["name", "slug"]
    fields = ["name", "slug"]


@admin.register(Area)
class AreaAdmin(SectionAdmin):
    """Areas."""

    list_display = ["name", "estates"]
    fields = ["name", "slug", "estates"]
    search_fields = ["name", "estates"]


@admin.register(Author)
class AuthorAdmin(SectionAdmin):
    """Authors."""

    list_display = ["name", "slug"]
    fields = ["name", "slug", "bio"]
