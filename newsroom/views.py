"""The views of public pages. They set no cookie, and do not vary by reader."""

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.responses import public
from newsroom import json_ld
from newsroom.domain import article_page, listing, public_pages
from newsroom.domain.search import search as find_articles
from newsroom.models import Article, Redirect

LASTS = timedelta(days=180)  # of the security contact


@public
def front(request: HttpRequest) -> HttpResponse:
    """Show the leading article with its appeal, a few headlines, and one that began with residents' reports."""
    page = article_page.front_page()
    context = {
        "page": page,
        "lead": page.lead,
        "appeals": listing.open_appeals(),
        "begun": article_page.began_with_residents(),
        "areas": listing.sections(kind="area") if page.has_many else [],
    }
    return render(request, "newsroom/front.html", context)


@public
def archive(request: HttpRequest) -> HttpResponse:
    """Show the newest articles, and the months, topics and areas that have articles."""
    context = {"newest": listing.newest(), "months": listing.months()}
    context |= {"topics": listing.sections(kind="topic"), "areas": listing.sections(kind="area")}
    return render(request, "newsroom/archive.html", context)


@public
def month(request: HttpRequest, day: date, number: int | None = None) -> HttpResponse:
    """Show the articles of the month that begins with a day."""
    page = listing.month(day=day, number=number)
    if page is None:
        raise Http404
    return render(request, "newsroom/month.html", {"day": day, "page": page})


@public
def section(request: HttpRequest, kind: str, slug: str, number: int | None = None) -> HttpResponse:
    """Show the articles of a topic, an area or an author."""
    section_and_page = listing.section(kind=kind, slug=slug, number=number)
    if section_and_page is None:
        raise Http404
    owner, page = section_and_page
    context = {"kind": kind, "section": owner, "page": page}
    return render(
        request, "newsroom/author.html" if kind == "author" else "newsroom/section.html", context
    )


@public
def sections(request: HttpRequest, kind: str) -> HttpResponse:
    """Show every topic, area or author that has an article."""
    return render(
        request, "newsroom/sections.html", {"kind": kind, "sections": listing.sections(kind=kind)}
    )


@public
def appeals(request: HttpRequest) -> HttpResponse:
    """Show every open appeal."""
    return render(request, "newsroom/appeals.html", {"appeals": listing.open_appeals()})


@public
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one article; redirect from a former slug, and answer 410 for a withdrawn article."""
    page = article_page.find(slug=slug)
    if page is None:
        raise Http404
    if isinstance(page, Redirect):
        return redirect("article", slug=page.article.slug, permanent=True)
    if isinstance(page, Article):
        return render(request, "newsroom/gone.html", {"gone": page}, status=410)
    context = {
        "article": page.article,
        "page": page,
        "data": json_ld.script(json_ld.article(page.article)),
    }
    return render(request, "newsroom/article.html", context)


@public
def corrections(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Show the corrections, newest first."""
    page = listing.corrections(number=number)
    if page is None and number is not None:
        raise Http404
    return render(request, "newsroom/corrections.html", {"page": page})


@require_safe
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Show the articles that match a query; no query is an error."""
    result = find_articles(query=request.GET.get("q", ""))
    return render(request, "newsroom/search.html", {"results": result})


@public
def robots(request: HttpRequest) -> HttpResponse:
    """Return robots.txt."""
    return render(request, "newsroom/robots.txt", content_type="text/plain; charset=utf-8")


@public
def security(request: HttpRequest) -> HttpResponse:
    """Return security.txt (RFC 9116); 404 if the operator has set no contact."""
    contact = public_pages.security_contact()
    if not contact:
        raise Http404
    context = {"contact": contact, "expires": timezone.localdate() + LASTS}
    return render(
        request, "newsroom/security.txt", context, content_type="text/plain; charset=utf-8"
    )
