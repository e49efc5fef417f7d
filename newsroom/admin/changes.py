"""What the script of an article's form asks for: the page beside the text, a first draft, and keeping what is typed."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from newsroom.admin.base import CHANGE, editor
from newsroom.admin.forms import KeptForm, own_boxes, sentences
from newsroom.admin.inlines import rows
from newsroom.admin.rights import needs
from newsroom.domain import article_page, carried_form, editing, working_copies
from newsroom.domain.editing import Seen
from newsroom.domain.errors import Refused
from newsroom.domain.revisions import ROWS
from newsroom.models import Article


@needs(post=CHANGE)
def preview(request: HttpRequest, pk: int, *, room: admin.ModelAdmin) -> HttpResponse:
    """Show what stands in the article's form as readers would see it, for its script; what is not whole is left out."""
    article = get_object_or_404(Article, pk=pk)
    form = room.get_form(request, article, change=True)(request.POST, instance=article)
    form.is_valid()
    with working_copies.rehearsal():
        written = {}
        for made, inline in room.get_formsets_with_inlines(request, article):
            if (prefix := made.get_default_prefix()) in ROWS:
                written[prefix] = rows(made(**room.get_formset_kwargs(request, article, inline, prefix)))
        working_copies.put_typed(article=form.instance, areas=form.cleaned_data.get("areas"), rows=written)
        page = article_page.preview(pk=pk)
        context = {"article": page.article, "page": page}
        rendered = render_to_string("admin/newsroom/article/look.html", context, request)
        return JsonResponse({"page": rendered, "length": length(form.instance)})


@needs(post=CHANGE)
def make_draft(request: HttpRequest, *, room: admin.ModelAdmin) -> HttpResponse:
    """Make a draft of what stands in the form of a new article, for its script; the answer says where it is kept."""
    form = room.get_form(request)(request.POST)
    if not form.is_valid():
        return JsonResponse({"wait": _("We keep what you type once the story has a headline, a byline and a topic.")})
    article = form.save(commit=False)
    editing.save_draft(article=article, by=editor(request), parts=[form.save_m2m])
    address = reverse("admin:newsroom_article_change", args=[article.pk])
    signed_page = carried_form.sign_page(member=editor(request).pk, at=address)
    return JsonResponse({"address": address, "seen": str(editing.seen_now(article)), "signed_page": signed_page})


def length(article: Article) -> str:
    """Return how long an article's text is, for its editor."""
    words, minutes = len(article.body.split()), article.reading_minutes
    return (
        ngettext("%(words)s word", "%(words)s words", words) % {"words": words}
        + ", "
        + (ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes})
    )


@needs(post=CHANGE)
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what stands in the article's form, for its script; the answer says when, or in `problem` why not."""
    article = get_object_or_404(Article, pk=pk)
    form, sent = KeptForm(request.POST), dict(request.POST.lists())
    form.is_valid()  # a page that says nothing of itself saw nothing
    seen = Seen.parse(form.cleaned_data.get("seen", ""), page=form.cleaned_data.get("page", "")) or Seen(0)
    try:
        copy = working_copies.keep_typed(article=article, by=editor(request), typed=own_boxes(sent), seen=seen)
    except (Refused, ValidationError) as refusal:
        return JsonResponse({"problem": " ".join(sentences(refusal))}, status=409)
    return JsonResponse({"kept": date_format(timezone.localtime(copy.changed_at), "H:i:s")})
