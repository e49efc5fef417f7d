"""Articles in the admin: one form to write in, and buttons that lead to the actions."""

from collections.abc import Sequence
from typing import Any, override

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.lists import ColumnTabs
from core.rights import needs
from newsroom.admin import actions, changes, revisions
from newsroom.admin.base import VIEW, NewsroomModelAdmin, editor, typed_before
from newsroom.admin.forms import ArticleForm, saved_rows, typed_rows
from newsroom.admin.images import ImageForm
from newsroom.admin.inlines import (
    CorrectionInline,
    KeyFactInline,
    RelatedLinkInline,
    TimelineStepInline,
    rows,
)
from newsroom.domain import editing, working_copies
from newsroom.domain.revisions import ROWS, replace_rows, snapshot
from newsroom.models import Article, Revision, WorkingCopy

Status = Article.Status
ONWARD = (
    "onward"  # the name of the buttons that save the article and lead to an action or the preview
)


@admin.register(Article)
class ArticleAdmin(NewsroomModelAdmin):
    """Articles."""

    form = ArticleForm
    change_form_template = "admin/newsroom/article/change_form.html"
    list_display = ["headline", "state", "publish_at", "topic", "last_change"]
    list_filter = [("status", ColumnTabs), "topic", "author"]
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ["topic"]
    search_fields = ["headline", "standfirst", "slug"]
    actions = None
    inlines = [KeyFactInline, TimelineStepInline, RelatedLinkInline, CorrectionInline]

    @override
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        base = "newsroom_article"
        view = actions.ActView.as_view
        return [
            *(
                path(
                    f"<int:pk>/{name}/",
                    wrap(view(act=act, form_class=act.form_class)),
                    name=f"{base}_{name}",
                )
                for name, act in actions.ACTS.items()
            ),
            path("<int:pk>/keep/", wrap(changes.keep), name=f"{base}_keep"),
            path(
                "<int:pk>/look/", wrap(changes.preview), {"model_admin": self}, name=f"{base}_look"
            ),
            path("<int:pk>/preview/", wrap(revisions.preview), name=f"{base}_preview"),
            path("<int:pk>/revisions/", wrap(revisions.revision_list), name=f"{base}_revisions"),
            path(
                "<int:pk>/revisions/<int:number>/",
                wrap(revisions.revision),
                name=f"{base}_revision",
            ),
            path("look/", wrap(changes.preview), {"model_admin": self}, name=f"{base}_look_new"),
            path("begin/", wrap(changes.make_draft), {"model_admin": self}, name=f"{base}_begin"),
            *super().get_urls(),
        ]

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """Annotate each article with who changed it last and when, and whether it has saved changes."""
        newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
        articles: QuerySet[Article] = super().get_queryset(request)
        copies = WorkingCopy.objects.filter(article=OuterRef("pk"))
        last = {
            "changed_by": Subquery(newest.values("made_by")[:1]),
            "changed_at": Subquery(newest.values("made_at")[:1]),
        }
        return articles.annotate(**last, has_changes=Exists(copies))

    @override
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse everybody for a withdrawn article."""
        return super().has_change_permission(request, obj) and (
            obj is None or obj.status != Status.WITHDRAWN
        )

    @override
    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        """Return the fields in the order in which an article is written."""
        published = obj is not None and editing.state(obj) == Status.PUBLISHED
        may_change = self.has_change_permission(request, obj)
        fieldsets: list[Any] = [
            (None, {"fields": ["headline", "slug", "standfirst", "body"]}),
            ("Picture", {"fields": ["lead_image"], "classes": ["collapse"]}),
            (
                "Author and sources",
                {"fields": ["byline", "author", "source_note"], "classes": ["collapse"]},
            ),
            ("Topic and areas", {"fields": ["topic", "areas"], "classes": ["collapse"]}),
        ]
        if published and may_change:
            fieldsets.append(
                ("Note to readers", {"fields": ["show_update"], "classes": ["collapse"]})
            )
        return fieldsets

    @override
    def get_form(
        self, request: HttpRequest, obj: Article | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, which shows what this editor has not saved."""
        form = super().get_form(request, obj, change, **kwargs)
        form.editor = editor(request).get_username()
        return form

    @override
    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Article | None = None
    ) -> dict[str, Sequence[str]]:
        """Propose a slug for a new article only; a stored one keeps its address."""
        return {} if obj else {"slug": ["headline"]}

    @override
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the byline and author of the newest article."""
        newest = Article.objects.order_by("-pk").first()
        known = {"byline": newest.byline, "author": newest.author_id} if newest else {}
        return known | super().get_changeform_initial_data(request)

    @override
    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """Do nothing: `save_related` saves the article together with its rows."""

    @override
    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the article and its rows with the verb for its state: one that is out gets a working copy."""
        article = form.instance
        by = editor(request)
        seen = form.cleaned_data["seen"]
        for formset in formsets:
            formset.save(commit=False)  # Django's log of changes reads what this finds
        written = {formset.prefix: rows(formset) for formset in formsets}
        parts = [form.save_m2m, lambda: replace_rows(article, written)]
        if change and editing.state(article) == Status.PUBLISHED:
            show_update = form.cleaned_data.get("show_update", False)
            working_copies.save_changes(
                article=article, by=by, parts=parts, seen=seen, show_update=show_update
            )
        else:
            editing.save_draft(article=article, by=by, parts=parts, seen=seen if change else None)

    @override
    def get_formset_kwargs(
        self, request: HttpRequest, obj: Article, inline: Any, prefix: str
    ) -> dict[str, Any]:
        """Show the rows of the working copy; what comes back replaces the rows that are stored."""
        given: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        stored = obj if obj.pk else None
        if prefix not in ROWS or not self.has_change_permission(request, stored):
            return given
        given["queryset"] = inline.get_queryset(request).none()
        if "data" in given:
            given["data"][f"{prefix}-INITIAL_FORMS"] = "0"
        else:
            given["initial"] = self._rows(request, obj, prefix)
        return given

    def _rows(self, request: HttpRequest, obj: Article, prefix: str) -> list[dict[str, Any]]:
        """Return the rows that an editor's form shows: those typed and not saved, else those saved."""
        before = typed_before(request)
        if before is not None:
            return typed_rows(before, prefix)
        if obj._state.adding:  # noqa: SLF001 - Django has no other name for it
            return []
        unsaved = working_copies.find_typed(article=obj, by=editor(request).get_username())
        if unsaved is not None:
            return typed_rows(unsaved.typed, prefix)
        copy = working_copies.find(article=obj)
        return saved_rows((copy and copy.fields) or snapshot(obj), prefix)

    @override
    def response_add(
        self, request: HttpRequest, obj: Article, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.response_change(request, obj)

    @override
    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Say that readers see nothing of it yet, where that is so."""
        name = request.POST.get(ONWARD, "")
        if name == "preview" or name in actions.ACTS:  # the pressed button leads on to a page
            return redirect(f"admin:newsroom_article_{name}", obj.pk)
        message = "The story is saved. Readers do not see it yet."
        if editing.state(obj) == Status.PUBLISHED:
            saved = "Saved as unpublished changes. Readers do not see them yet."
            message = saved if working_copies.find(article=obj) else working_copies.nothing()
        messages.success(request, message)
        return redirect("admin:newsroom_article_change", obj.pk)

    @override
    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        obj = context["original"]
        around: dict[str, Any] = {"title": obj.headline if obj else "New story", "subtitle": None}
        around |= actions.change_form_context(obj, by=editor(request))
        around |= {
            "length": changes.length(obj or Article()),
            "image_form": ImageForm(auto_id="picture_%s"),
        }
        if self.has_change_permission(request, obj):
            around["story_form"] = "article_form"  # which signing out sends, too
        return super().render_change_form(request, context | around, *args, **kwargs)

    @override
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {"title": "News"} | (extra_context or {}))

    @override
    @method_decorator(needs(VIEW))
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
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

    @admin.display(description="status", ordering="status")
    def state(self, article: Article) -> SafeString:
        """Return the article's state now, whether it leads the front page, and whether it has saved changes."""
        now = editing.state(article)
        chips = [(f"chip-{now.value}", now.label)]
        if article.pinned:
            chips.append(("", "Top story"))
        if getattr(article, "has_changes", False):
            chips.append(("chip-copy", "Unpublished changes"))
        return format_html_join(" ", '<span class="chip {}">{}</span>', chips)

    @admin.display(description="last change")
    def last_change(self, article: Article) -> SafeString | str:
        if not getattr(article, "changed_by", None):
            return "–"
        day = date_format(timezone.localtime(article.changed_at), "j M Y, H:i")  # type: ignore[attr-defined]
        return format_html("{}<br>{}", article.changed_by, day)  # type: ignore[attr-defined]
