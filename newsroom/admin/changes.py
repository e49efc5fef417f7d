"""What the script of an article's form asks for: the page beside the text, a first draft, and keeping what is typed."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.formats import date_format

from core import carried_form
from core.errors import EditConflict, Refused
from core.rights import needs
from core.sent import sent_text
from core.text import plural
from newsroom.admin.base import CHANGE, editor
from newsroom.admin.forms import KeptForm, own_boxes, sentences, typed_rows
from newsroom.admin.inlines import rows
from newsroom.domain import article_page, editing, revisions, working_copies
from newsroom.domain.editing import Seen
from newsroom.domain.revisions import ROWS, Fields
from newsroom.models import Article, UnsavedText


@needs(post=CHANGE)
def preview(
    request: HttpRequest, pk: int | None = None, *, model_admin: admin.ModelAdmin
) -> HttpResponse:
    """Show what stands in an article's form as readers would see it, for its script; what is not whole is left out.

    Without a key it is a new article's, of which nothing is stored.
    """
    with working_copies.rehearsal():
        article = get_object_or_404(Article, pk=pk) if pk else working_copies.empty_article()
        form = _rehearse(request, article, model_admin)
        page = article_page.preview(pk=article.pk)
        context = {"article": page.article, "page": page}
        rendered = render_to_string("admin/newsroom/article/look.html", context, request)
        return JsonResponse({"page": rendered, "length": length(form.instance)})


def _rehearse(request: HttpRequest, article: Article, model_admin: admin.ModelAdmin) -> Any:
    """Store, inside a rehearsal, what an article's form sends and is whole; return the form."""
    form = model_admin.get_form(request, article, change=True)(request.POST, instance=article)
    form.is_valid()
    written = {}
    for made, inline in model_admin.get_formsets_with_inlines(request, article):
        if (prefix := made.get_default_prefix()) in ROWS:
            written[prefix] = rows(
                made(**model_admin.get_formset_kwargs(request, article, inline, prefix))
            )
    working_copies.put_typed(
        article=form.instance, areas=form.cleaned_data.get("areas"), rows=written
    )
    return form


@needs(post=CHANGE)
def make_draft(request: HttpRequest, *, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Make a draft of what stands in the form of a new article, for its script; the answer says where it is kept."""
    article = _make_draft(request, model_admin)
    if article is None:
        return JsonResponse(
            {"wait": "We keep what you type once the story has a headline and a byline."}
        )
    address = reverse("admin:newsroom_article_change", args=[article.pk])
    signed_page = carried_form.sign_page(member=editor(request).pk, at=address)
    return JsonResponse(
        {"address": address, "seen": str(editing.seen_now(article)), "signed_page": signed_page}
    )


def _make_draft(request: HttpRequest, model_admin: admin.ModelAdmin) -> Article | None:
    """Return a new draft of what an article's form sends; None if it is not enough for one."""
    form = model_admin.get_form(request)(request.POST)
    if not form.is_valid():
        return None
    article: Article = form.save(commit=False)
    editing.save_draft(article=article, by=editor(request), parts=[form.save_m2m])
    return article


def length(article: Article) -> str:
    """Return how long an article's text is, for its editor."""
    words = article.words
    minutes = article.reading_minutes
    return (
        plural(words, f"{words} word", f"{words} words")
        + ", "
        + plural(minutes, f"{minutes} minute", f"{minutes} minutes")
    )


@needs(post=CHANGE)
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what stands in the article's form, for its script; the answer says when.

    `problem` says why not, or who has changed the story meanwhile.
    """
    article = get_object_or_404(Article, pk=pk)
    seen = _seen(request)
    overtaken = ""
    try:
        unsaved = _keep(request, article, seen=seen)
    except (Refused, ValidationError) as refusal:
        return JsonResponse({"problem": " ".join(sentences(refusal))}, status=409)
    try:
        editing.check(article, seen)
    except EditConflict as refusal:
        overtaken = str(refusal)
    kept = date_format(timezone.localtime(unsaved.changed_at), "H:i:s")
    return JsonResponse({"kept": kept, "problem": overtaken})


def keep_at_sign_out(request: HttpRequest, *, model_admin: admin.ModelAdmin) -> bool:
    """Keep what a sign-out sends of a story's form, and return whether there was something to keep.

    Raises Refused and ValidationError where that is not possible.
    """
    member, at = carried_form.page_of(sent_text(request.POST, "signed_page")) or (0, "")
    if member != request.user.pk or not request.user.has_perm(CHANGE):
        return False
    match = resolve(at)
    seen = _seen(request)
    article = Article.objects.filter(pk=match.kwargs.get("object_id", 0)).first()
    if match.url_name == "newsroom_article_add" and any(
        request.POST.get(name) for name in editing.CORRECTABLE
    ):
        article = _make_draft(request, model_admin)
        if article is None:
            raise Refused
        seen = editing.seen_now(article, page=seen.page)
    elif (
        article is None
        or match.url_name != "newsroom_article_change"
        or not _changed(request, article, model_admin)
    ):
        return False
    _keep(request, article, seen=seen)
    return True


def _changed(request: HttpRequest, article: Article, model_admin: admin.ModelAdmin) -> bool:
    """Return whether a story's form sends something that is not saved."""
    copy = working_copies.find(article=article)
    sent = own_boxes(dict(request.POST.lists()))
    if working_copies.find_typed(article=article, by=editor(request).get_username()):
        return True
    live = revisions.written(revisions.snapshot(article))
    with working_copies.rehearsal():
        form = _rehearse(request, article, model_admin)
        after = revisions.written(revisions.snapshot(Article.objects.get(pk=article.pk)))
    before = ((copy and copy.fields) or live) | {
        "slug": live["slug"]
    }  # the rehearsal leaves the address
    halves = any(len(typed_rows(sent, prefix)) != len(after[prefix]) for prefix in ROWS)
    boxes = {"slug", "show_update"} & {*form.changed_data}
    return bool(halves or boxes or form.errors or _plain(after) != _plain(before))


def _plain(fields: Fields) -> Fields:
    """Return an article's fields without what a browser changes by itself: the ends of lines and of texts."""
    plain = dict(fields)
    for name, text in fields.items():
        if isinstance(text, str):
            plain[name] = text.replace("\r\n", "\n").strip()
    return plain


def _seen(request: HttpRequest) -> Seen:
    """Return what the page was made from that a request comes from; a page that says nothing of itself saw nothing."""
    form = KeptForm(request.POST)
    form.is_valid()
    return Seen.parse(
        form.cleaned_data.get("seen", ""), page=form.cleaned_data.get("page", "")
    ) or Seen(0)


def _keep(request: HttpRequest, article: Article, *, seen: Seen) -> UnsavedText:
    typed = own_boxes(dict(request.POST.lists()))
    return working_copies.keep_typed(article=article, by=editor(request), typed=typed, seen=seen)
