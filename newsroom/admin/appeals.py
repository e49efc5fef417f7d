"""Appeals in the admin: never deleted, closed by a date."""

from typing import Any, override

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from newsroom.admin.base import NewsroomModelAdmin, editor
from newsroom.admin.forms import ask_the_police_first
from newsroom.admin.posters import posters
from newsroom.domain import appeals
from newsroom.models import Appeal, Article


class AppealForm(forms.ModelForm):
    """An appeal; for a story with proceedings it takes a second press, except to close it or to write its result."""

    police_asked = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        article = cleaned.get("article")
        if not article and self.instance.pk:
            article = self.instance.article
        asks = not self.instance.pk or {*self.changed_data} - {"closes", "result", "police_asked"}
        ask_the_police_first(self, needed=bool(article and article.proceedings_active and asks))
        return cleaned


@admin.register(Appeal)
class AppealAdmin(NewsroomModelAdmin):
    """Appeals; an appeal gets its key with the first save, and keeps it."""

    form = AppealForm
    list_display = ["title", "article", "opens", "closes"]
    list_select_related = ["article"]
    search_fields = ["title", "key", "article__headline"]
    fieldsets = [
        (None, {"fields": ["article", "title", "prompt", "highlights", "why"]}),
        ("When people can answer", {"fields": ["opens", "closes"]}),
        ("Result", {"fields": ["result"]}),
        (
            "Permanent key",
            {"fields": ["key"], "description": "Tips refer to the appeal by this key."},
        ),
    ]

    @override
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(posters)
        return [
            path("<int:pk>/posters/", view, name="newsroom_appeal_posters"),
            *super().get_urls(),
        ]

    @override
    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the articles that are not withdrawn, without their texts; the article is chosen once."""
        kwargs["queryset"] = Article.objects.exclude(status=Article.Status.WITHDRAWN).only(
            "headline"
        )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Appeal | None = None) -> list[str]:
        return ["key", "article"] if obj else ["key"]

    @override
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Let a new appeal open now."""
        return {"opens": timezone.now()} | super().get_changeform_initial_data(request)

    @override
    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Offer one button, and posters while the appeal is open."""
        only_save = dict.fromkeys(("show_save_and_continue", "show_save_and_add_another"), False)
        is_open = Appeal.objects.open().filter(pk=context["object_id"]).exists()
        return super().render_change_form(
            request, context | only_save | {"is_open": is_open}, *args, **kwargs
        )

    @override
    def response_post_save_add(self, request: HttpRequest, obj: Appeal) -> HttpResponseRedirect:
        """Stay on the appeal, from where a link leads to what readers see."""
        return HttpResponseRedirect(reverse("admin:newsroom_appeal_change", args=[obj.pk]))

    response_post_save_change = response_post_save_add

    @override
    def get_view_on_site_url(self, obj: Appeal | None = None) -> str | None:
        """Return the address of the story that shows the appeal, None while readers see neither."""
        if obj is None or not Appeal.objects.public().filter(pk=obj.pk).exists():
            return None
        return reverse("article", args=[obj.article.slug])

    @override
    def save_model(self, request: HttpRequest, obj: Appeal, form: Any, change: bool) -> None:
        appeals.ask(appeal=obj, by=editor(request))
