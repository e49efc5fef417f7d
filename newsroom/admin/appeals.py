"""Appeals in the admin: never deleted, closed by a date."""

from typing import Any, override

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newsroom.admin.base import NewsroomModelAdmin, editor
from newsroom.domain import appeals
from newsroom.models import Appeal, Article


@admin.register(Appeal)
class AppealAdmin(NewsroomModelAdmin):
    """Appeals; an appeal gets its key with the first save, and keeps it."""

    list_display = ["title", "article", "opens", "closes"]
    list_select_related = ["article"]
    search_fields = ["title", "key", "article__headline"]
    fieldsets = [
        (None, {"fields": ["article", "title", "prompt", "highlights", "why"]}),
        (_("When people can answer"), {"fields": ["opens", "closes"]}),
        (_("Result"), {"fields": ["result"]}),
        (_("Permanent key"), {"fields": ["key"], "description": _("Tips refer to the appeal by this key.")}),
    ]

    @override
    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the articles that are not withdrawn, without their texts; the article is chosen once."""
        kwargs["queryset"] = Article.objects.exclude(status=Article.Status.WITHDRAWN).only("headline")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Appeal | None = None) -> list[str]:
        return ["key", "article"] if obj else ["key"]

    @override
    def save_model(self, request: HttpRequest, obj: Appeal, form: Any, change: bool) -> None:
        appeals.ask(appeal=obj, by=editor(request))
