"""Articles in the admin: one form to write in, and buttons that lead to the actions."""

from collections.abc import Sequence
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

from newsroom.admin import actions, revisions
from newsroom.admin.base import NewsroomModelAdmin, editor
from newsroom.admin.forms import ArticleForm
from newsroom.admin.inlines import CorrectionInline, KeyFactInline, RelatedLinkInline, TimelineStepInline
from newsroom.domain import editing
from newsroom.models import Article, Revision

Status = Article.Status
ONWARD = "onward"  # the name of the buttons that save the article and lead to an action or the preview


@admin.register(Article)
class ArticleAdmin(NewsroomModelAdmin):
    """Articles."""

    form = ArticleForm
    change_form_template = "admin/newsroom/article/change_form.html"
    list_display = ["headline", "state", "publish_at", "topic", "last_change"]
    list_filter = ["status", "topic", "author"]
    list_select_related = ["topic"]
    search_fields = ["headline", "standfirst", "slug"]
    actions = None
    inlines = [KeyFactInline, TimelineStepInline, RelatedLinkInline, CorrectionInline]

    @override
    def get_urls(self) -> list[URLPattern]:
        wrap, base = self.admin_site.admin_view, "newsroom_article"
        return [
            *(
                path(f"<int:pk>/{name}/", wrap(view.as_view()), name=f"{base}_{name}")
                for name, view in actions.ACTIONS.items()
            ),
            path("<int:pk>/preview/", wrap(revisions.preview), name=f"{base}_preview"),
            path("<int:pk>/revisions/", wrap(revisions.revision_list), name=f"{base}_revisions"),
            path("<int:pk>/revisions/<int:number>/", wrap(revisions.revision), name=f"{base}_revision"),
            *super().get_urls(),
        ]

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """Annotate each article with the author and the time of its newest revision."""
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        last = {"changed_by": newest.values("made_by")[:1], "changed_at": newest.values("made_at")[:1]}
        articles: QuerySet[Article] = super().get_queryset(request)
        return articles.annotate(**{name: Subquery(values) for name, values in last.items()})

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse everybody for a withdrawn article."""
        return super().has_change_permission(request, obj) and (obj is None or obj.status != Status.WITHDRAWN)

    @override
    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        """Return the fields in the order in which an article is written."""
        published = obj is not None and editing.state(obj) == Status.PUBLISHED
        may_change = self.has_change_permission(request, obj)
        return [
            (None, {"fields": ["headline", "slug", "standfirst", "body"]}),
            (_("Picture"), {"fields": ["lead_image"]}),
            (_("Who wrote it"), {"fields": ["byline", "author", "source_note"]}),
            (_("Where it belongs"), {"fields": ["topic", "areas"]}),
            (
                _("What readers are told"),
                {"fields": ["proceedings_active", *(["show_update"] if published and may_change else [])]},
            ),
        ]

    @override
    def get_prepopulated_fields(self, request: HttpRequest, obj: Article | None = None) -> dict[str, Sequence[str]]:
        """Propose a slug for a new article only; a stored one keeps its address."""
        return {} if obj else {"slug": ["headline"]}

    @override
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the byline, topic and author of the newest article."""
        newest = Article.objects.order_by("-pk").first()
        known = {"byline": newest.byline, "topic": newest.topic_id, "author": newest.author_id} if newest else {}
        return known | super().get_changeform_initial_data(request)

    @override
    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """Do nothing: `save_related` saves the article together with its rows."""

    @override
    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the article and its rows with the verb for its state."""
        parts = [form.save_m2m, *(formset.save for formset in formsets)]
        article, by, seen = form.instance, editor(request), form.cleaned_data.get("seen")
        if change and editing.state(article) == Status.PUBLISHED:
            editing.amend(
                article=article, by=by, parts=parts, seen=seen, show_update=form.cleaned_data.get("show_update", False)
            )
        else:
            editing.save_draft(article=article, by=by, parts=parts, seen=seen if change else None)

    @override
    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._onward(request, obj) or super().response_add(
            request, obj, reverse("admin:newsroom_article_change", args=[obj.pk])
        )

    @override
    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._onward(request, obj) or super().response_change(request, obj)

    def _onward(self, request: HttpRequest, obj: Article) -> HttpResponse | None:
        """Return a redirect to the page that the pressed button names, None for the plain save button."""
        name = request.POST.get(ONWARD, "")
        if name == "preview" or name in actions.ACTIONS:
            return redirect(f"admin:newsroom_article_{name}", obj.pk)
        return None

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
        return super().render_change_form(
            request, context | actions.change_form_context(obj), add, change, form_url, obj
        )

    @override
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {"title": _("News")} | (extra_context or {}))

    @override
    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Redirect to the revisions, which are the article's history."""
        if not (object_id.isascii() and object_id.isdecimal()):
            raise Http404
        return redirect("admin:newsroom_article_revisions", object_id)

    @override
    def get_view_on_site_url(self, obj: Article | None = None) -> str | None:
        """Return the address of an article that readers can see, None for any other."""
        if obj is None or editing.state(obj) != Status.PUBLISHED:
            return None
        return reverse("article", args=[obj.slug])

    @admin.display(description=_("stands"), ordering="status")
    def state(self, article: Article) -> SafeString:
        """Return the article's state now, and whether it leads the front page."""
        now = editing.state(article)
        chip = format_html('<span class="chip chip-{}">{}</span>', now.value, now.label)
        return format_html('{} <span class="chip">{}</span>', chip, _("Leads")) if article.pinned else chip

    @admin.display(description=_("last change"))
    def last_change(self, article: Article) -> SafeString | str:
        if not getattr(article, "changed_by", None):
            return "–"
        day = date_format(timezone.localtime(article.changed_at), "j M Y, H:i")  # type: ignore[attr-defined]
        return format_html("{}<br>{}", article.changed_by, day)  # type: ignore[attr-defined]
