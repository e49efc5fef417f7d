"""Articles: written in one form, moved on by buttons that call the verbs."""

from collections.abc import Sequence
from functools import partial
from typing import Any, override

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from newsroom.admin import acts, history
from newsroom.admin.forms import ArticleForm
from newsroom.admin.inlines import Corrections, KeyFacts, Links, Steps
from newsroom.admin.rooms import Room, editor
from newsroom.domain import editing
from newsroom.models import Article, Revision

Status = Article.Status
ONWARD = "onward"  # the button that stores the article and goes on to an act or the preview


@admin.register(Article)
class ArticleAdmin(Room):
    """Articles."""

    form = ArticleForm
    change_form_template = "admin/newsroom/article/change_form.html"
    list_display = ["headline", "stands", "publish_at", "topic", "last_change"]
    list_filter = ["status", "topic", "author"]
    list_select_related = ["topic"]
    search_fields = ["headline", "standfirst", "slug"]
    actions = None
    inlines = [KeyFacts, Steps, Links, Corrections]

    @override
    def get_urls(self) -> list[URLPattern]:
        """Add the acts, the preview and the revisions."""
        wrap, base = self.admin_site.admin_view, "newsroom_article"
        own = [
            path(f"<int:pk>/{name}/", wrap(partial(acts.act, name=name)), name=f"{base}_{name}") for name in acts.ACTS
        ]
        return [
            *own,
            path("<int:pk>/preview/", wrap(history.preview), name=f"{base}_preview"),
            path("<int:pk>/revisions/", wrap(history.revision_list), name=f"{base}_revisions"),
            path("<int:pk>/revisions/<int:number>/", wrap(history.revision), name=f"{base}_revision"),
            *super().get_urls(),
        ]

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """Bring who changed each article last."""
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        last = {"changed_by": newest.values("made_by")[:1], "changed_at": newest.values("made_at")[:1]}
        articles: QuerySet[Article] = super().get_queryset(request)
        return articles.annotate(**{name: Subquery(values) for name, values in last.items()})

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave a withdrawn article as it is."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status != Status.WITHDRAWN)

    @override
    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        """Return the boxes in the order in which an article is written."""
        out = obj is not None and editing.state(obj) == Status.PUBLISHED
        may_change = self.has_change_permission(request, obj)
        return [
            (None, {"fields": ["headline", "slug", "standfirst", "body"]}),
            (_("Picture"), {"fields": ["lead_image"]}),
            (_("Who wrote it"), {"fields": ["byline", "author", "source_note"]}),
            (_("Where it belongs"), {"fields": ["topic", "areas"]}),
            (
                _("What readers are told"),
                {"fields": ["proceedings_active", *(["told"] if out and may_change else [])]},
            ),
        ]

    @override
    def get_prepopulated_fields(self, request: HttpRequest, obj: Article | None = None) -> dict[str, Sequence[str]]:
        """Propose a slug for a new article only: an old one has its address."""
        return {} if obj else {"slug": ["headline"]}

    @override
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the byline and topic of the newest article."""
        newest = Article.objects.order_by("-pk").first()
        known = {"byline": newest.byline, "topic": newest.topic_id, "author": newest.author_id} if newest else {}
        return known | super().get_changeform_initial_data(request)

    @override
    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """Wait: the article is stored in one step with all that hangs from it."""

    @override
    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Store the article and what hangs from it through the verb that its state asks for."""
        parts = [form.save_m2m, *(formset.save for formset in formsets)]
        article, by, seen = form.instance, editor(request), form.cleaned_data.get("seen")
        if change and editing.state(article) == Status.PUBLISHED:
            editing.amend(article=article, by=by, parts=parts, seen=seen, told=form.cleaned_data.get("told", False))
        else:
            editing.save_draft(article=article, by=by, parts=parts, seen=seen if change else None)

    @override
    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        """Stay with the article, or go on to what its button said."""
        return self._onward(request, obj) or super().response_add(
            request, obj, reverse("admin:newsroom_article_change", args=[obj.pk])
        )

    @override
    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Do the same."""
        return self._onward(request, obj) or super().response_change(request, obj)

    def _onward(self, request: HttpRequest, obj: Article) -> HttpResponse | None:
        name = request.POST.get(ONWARD, "")
        known = name == "preview" or name in acts.ACTS
        return redirect(f"admin:newsroom_article_{name}", obj.pk) if known else None

    @override
    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        """Say where the article stands and which acts its state allows."""
        return super().render_change_form(request, context | acts.standing(obj), add, change, form_url, obj)

    @override
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the articles, newest first."""
        return super().changelist_view(request, {"title": _("News")} | (extra_context or {}))

    @override
    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Go to the revisions: they are the article's history."""
        if not (object_id.isascii() and object_id.isdecimal()):
            raise Http404
        return redirect("admin:newsroom_article_revisions", object_id)

    @override
    def get_view_on_site_url(self, obj: Article | None = None) -> str | None:
        """Return the address of an article that is out."""
        out = obj is not None and editing.state(obj) == Status.PUBLISHED
        return reverse("article", args=[obj.slug]) if obj is not None and out else None

    @admin.display(description=_("stands"), ordering="status")
    def stands(self, article: Article) -> SafeString:
        """Return the article's state as readers would find it, and whether it leads."""
        now = editing.state(article)
        chip = format_html('<span class="chip chip-{}">{}</span>', now.value, now.label)
        return format_html('{} <span class="chip">{}</span>', chip, _("Leads")) if article.pinned else chip

    @admin.display(description=_("last change"))
    def last_change(self, article: Article) -> SafeString | str:
        """Return who changed the article last."""
        if not getattr(article, "changed_by", None):
            return "–"
        day = date_format(timezone.localtime(article.changed_at), "j M Y, H:i")  # type: ignore[attr-defined]
        return format_html("{}<br>{}", article.changed_by, day)  # type: ignore[attr-defined]
