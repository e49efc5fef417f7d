"""Topics, areas and authors."""

from collections.abc import Sequence
from typing import Any, override

from django.contrib import admin
from django.http import HttpRequest

from newsroom.admin.rooms import Room
from newsroom.domain import sections
from newsroom.models import Area, Author, Topic


class Section(Room):
    """A page of articles; its slug is fixed once given, for readers' links and feeds hang from it."""

    @override
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep it."""
        sections.keep(section=obj)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Fix the slug of a section that exists."""
        return ["slug"] if obj else []

    @override
    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:
        """Propose a slug for a new one."""
        return {} if obj else {"slug": ["name"]}


@admin.register(Topic)
class TopicAdmin(Section):
    """Topics."""

    list_display = ["name", "slug"]
    fields = ["name", "slug"]


@admin.register(Area)
class AreaAdmin(Section):
    """Areas."""

    list_display = ["name", "estates"]
    fields = ["name", "slug", "estates"]
    search_fields = ["name", "estates"]


@admin.register(Author)
class AuthorAdmin(Section):
    """Authors."""

    list_display = ["name", "slug"]
    fields = ["name", "slug", "bio"]
