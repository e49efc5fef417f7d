"""Appeals: asked through the verb, kept for good, closed by a date."""

from typing import Any, override

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newsroom.admin.choices import recent
from newsroom.admin.rooms import Room, editor
from newsroom.domain import appeals
from newsroom.models import Appeal, Article


class AppealForm(forms.ModelForm):
    """An appeal; its article is chosen once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the newest articles, and one that the address names."""
        super().__init__(*args, **kwargs)
        if "article" in self.fields:
            named = self.initial.get("article") or self.data.get("article")
            kept = Article.objects.exclude(status=Article.Status.WITHDRAWN)
            self.fields["article"].queryset = recent(kept, keep=named)  # type: ignore[attr-defined]


@admin.register(Appeal)
class AppealAdmin(Room):
    """Appeals; the key is given with the first save and never changes."""

    form = AppealForm
    list_display = ["title", "article", "opens", "closes"]
    list_select_related = ["article"]
    search_fields = ["title", "key", "article__headline"]
    fieldsets = [
        (None, {"fields": ["article", "title", "prompt", "highlights", "why"]}),
        (_("When it takes answers"), {"fields": ["opens", "closes"]}),
        (_("What came of it"), {"fields": ["result"]}),
        (_("Kept for good"), {"fields": ["key"], "description": _("Tips name the appeal by this key.")}),
    ]

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Appeal | None = None) -> list[str]:
        """Fix the key, and the article of an appeal that exists."""
        return ["key", "article"] if obj else ["key"]

    @override
    def save_model(self, request: HttpRequest, obj: Appeal, form: Any, change: bool) -> None:
        """Ask."""
        appeals.ask(appeal=obj, by=editor(request))
