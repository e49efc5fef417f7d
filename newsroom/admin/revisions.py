"""The preview of an article, its list of revisions, and a page for each revision that can restore it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from newsroom import json_ld
from newsroom.admin.base import CHANGE, VIEW, editor
from newsroom.domain import article_page, editing, revisions
from newsroom.domain.errors import NewsroomError
from newsroom.models import Article, Revision


@never_cache
@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the article as readers will see it, marked as a preview."""
    _require(request, VIEW)
    page = article_page.preview(pk=pk)
    if page is None:
        raise Http404
    context = {"article": page.article, "page": page, "data": json_ld.script(json_ld.article(page))}
    stored_state = {"state": editing.state(Article.objects.get(pk=pk)), "pk": pk}
    return TemplateResponse(request, "admin/newsroom/article/preview.html", context | stored_state)


@require_safe
def revision_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the revisions, newest first: who changed what."""
    _require(request, VIEW)
    article = get_object_or_404(Article, pk=pk)
    return _page(request, article, "revisions", revisions=article.revisions.defer("fields"), title=_("Revisions"))


def revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what a revision changed, and what restoring it would change; a POST restores it."""
    _require(request, VIEW)
    article = get_object_or_404(Article, pk=pk)
    chosen = get_object_or_404(Revision, article=article, number=number)
    if request.method == "POST" and _restore(request, chosen):
        return redirect("admin:newsroom_article_change", pk)
    before = Revision.objects.filter(article=article, number__lt=number).first()
    newest = article.revisions.first()
    context = {
        "title": _("Revision %(number)s") % {"number": number},
        "revision": chosen,
        "changed": revisions.differences(before.fields if before else {}, chosen.fields),
        "since": revisions.restorable(newest.fields if newest else {}, chosen.fields),
        "may_restore": request.user.has_perm(CHANGE) and editing.can(article, "restore"),
    }
    return _page(request, article, "revision", **context)


def _require(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied for a user without a permission."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _restore(request: HttpRequest, chosen: Revision) -> bool:
    """Restore a revision and say so; return False, with a message, when the newsroom's rules refuse."""
    _require(request, CHANGE)
    try:
        editing.restore(revision=chosen, by=editor(request))
    except (NewsroomError, ValidationError) as refusal:
        sentences = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
        messages.error(request, " ".join(sentences))
        return False
    messages.success(request, _("Revision %(number)s is restored.") % {"number": chosen.number})
    return True


def _page(request: HttpRequest, article: Article, name: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {"opts": Article._meta, "article": article}  # noqa: SLF001
    return TemplateResponse(request, f"admin/newsroom/article/{name}.html", shared | context)
