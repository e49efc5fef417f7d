"""Writing and publishing in the admin."""

from typing import override

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from newsroom.models import Appeal, Area, Article, KeyFact, RelatedLink, StoryStep, Topic


class KeptAdmin(admin.ModelAdmin):
    """Stories are withdrawn and appeals are closed: their addresses and keys are never free again."""

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse, whoever asks."""
        return False


class KeyFacts(admin.StackedInline):
    """The figures beside the story."""

    model = KeyFact
    extra = 0


class Steps(admin.StackedInline):
    """The story's timeline."""

    model = StoryStep
    extra = 0


class Links(admin.StackedInline):
    """Stories elsewhere."""

    model = RelatedLink
    extra = 0


@admin.register(Article)
class ArticleAdmin(KeptAdmin):
    """Stories."""

    list_display = ["headline", "topic", "status", "publish_at", "updated_at"]
    list_filter = ["status", "topic", "areas"]
    list_select_related = ["topic"]
    search_fields = ["headline", "standfirst"]
    prepopulated_fields = {"slug": ["headline"]}
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    inlines = [KeyFacts, Steps, Links]
    fieldsets = [
        (None, {"fields": ["headline", "slug", "standfirst", "body", "byline", "source_note"]}),
        ("Where it belongs", {"fields": ["topic", "areas"]}),
        ("When readers see it", {"fields": ["status", "publish_at", "updated_at", "proceedings_active"]}),
    ]

    def view_on_site(self, obj: Article) -> str:
        """Return the address of the story's page."""
        return reverse("article", args=[obj.slug])


@admin.register(Appeal)
class AppealAdmin(KeptAdmin):
    """Appeals; the key is fixed once given."""

    list_display = ["title", "article", "opens", "closes"]
    list_select_related = ["article"]
    autocomplete_fields = ["article"]

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Appeal | None = None) -> list[str]:
        """Fix the key of an appeal that exists."""
        return ["key"] if obj else []


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    """Topics."""

    list_display = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Area)
class AreaAdmin(admin.ModelAdmin):
    """Areas."""

    list_display = ["name", "estates"]
    search_fields = ["name", "estates"]
