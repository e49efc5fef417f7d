"""The preview of an article, its list of revisions, and a page for each revision that can restore it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from core.errors import Refused
from core.rights import needs
from newsroom import json_ld
from newsroom.admin.base import CHANGE, VIEW, around, editor
from newsroom.admin.forms import CopyForm, sentences
from newsroom.domain import article_page, corrected_words, editing, revisions, working_copies
from newsroom.models import Article, Revision


@never_cache
@needs(get=VIEW)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the article as readers will see it, with its saved changes, marked as a preview.

    Changes that the newsroom's rules refuse by now lead back to the form, which says why.
    """
    article = get_object_or_404(Article, pk=pk)
    try:
        with working_copies.as_it_will_be(article=article) as copy:
            page = article_page.preview(pk=pk)
            context = {
                "article": page.article,
                "page": page,
                "data": json_ld.script(json_ld.article(page.article)),
            }
            unsaved = working_copies.find_typed(article=article, by=editor(request).get_username())
            context |= {"state": editing.state(article), "pk": pk, "copy": copy, "unsaved": unsaved}
            return TemplateResponse(
                request, "admin/newsroom/article/preview.html", context
            ).render()
    except ValidationError as refusal:
        message = f"We cannot show the unpublished changes: {' '.join(refusal.messages)} Change that, then save."
        messages.error(request, message)
        return redirect("admin:newsroom_article_change", pk)


class RevisionPairForm(forms.Form):
    """Two revisions of an article."""

    old = forms.ModelChoiceField(Revision.objects.none(), label="Compare", to_field_name="number")
    new = forms.ModelChoiceField(Revision.objects.none(), label="with", to_field_name="number")

    def __init__(self, *args: Any, revisions: QuerySet[Revision], **kwargs: Any) -> None:
        """Offer these revisions; the newest and the one before it are chosen."""
        super().__init__(*args, **kwargs)
        newest = [row.number for row in revisions[:2]]
        for field, number in zip(("new", "old"), newest, strict=False):
            self.fields[field].queryset = revisions  # type: ignore[attr-defined]
            self.initial[field] = number


@needs(get=VIEW)
def revision_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the revisions, newest first: who changed what; and two of choice side by side."""
    article = get_object_or_404(Article, pk=pk)
    rows = article.revisions.defer("fields")
    form = RevisionPairForm(request.GET or None, revisions=rows)
    context = {"article": article, "revisions": rows, "form": form}
    if form.is_valid():
        old, new = sorted(
            (form.cleaned_data["old"], form.cleaned_data["new"]), key=lambda row: row.number
        )
        context |= {
            "old": old,
            "new": new,
            "differences": revisions.differences(old.fields, new.fields),
        }
    return _page(request, "revisions", title="Revisions", **context)


@needs(get=VIEW, post=CHANGE)
def revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what a revision changed, and what restoring it would change; a POST restores it."""
    article = get_object_or_404(Article, pk=pk)
    chosen = get_object_or_404(Revision, article=article, number=number)
    if request.method == "POST" and _restore(request, chosen):
        return redirect("admin:newsroom_article_change", pk)
    before = Revision.objects.filter(article=article, number__lt=number).first()
    newest = article.revisions.first()
    unsaved = working_copies.find_typed(article=article, by=editor(request).get_username())
    context = {
        "article": article,
        "title": f"Revision {number}",
        "revision": chosen,
        "changed": revisions.differences(before.fields if before else {}, chosen.fields),
        "since": revisions.restorable(newest.fields if newest else {}, chosen.fields),
        "may_restore": request.user.has_perm(CHANGE) and editing.can(article, "restore"),
        "public": editing.state(article) == Article.Status.PUBLISHED,
        "copy": working_copies.find(article=article) or unsaved,
        "seen": editing.seen_now(article),
        "brought_back": corrected_words.brought_back(article=article, fields=chosen.fields),
    }
    return _page(request, "revision", **context)


def _restore(request: HttpRequest, chosen: Revision) -> bool:
    """Restore a revision and say so; return False, with a message, when the newsroom's rules refuse."""
    form = CopyForm(request.POST, article=chosen.article)
    seen = form.cleaned_data["seen"] if form.is_valid() else None
    try:
        working_copies.restore(revision=chosen, by=editor(request), seen=seen)
    except (Refused, ValidationError) as refusal:
        messages.error(request, " ".join(sentences(refusal)))
        return False
    message = "Revision %(number)s is restored."
    if editing.state(chosen.article) == Article.Status.PUBLISHED:
        message = "Revision %(number)s is saved as unpublished changes. Readers do not see it yet."
    messages.success(request, message % {"number": chosen.number})
    return True


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    return TemplateResponse(
        request, f"admin/newsroom/article/{name}.html", around(request, **context)
    )
