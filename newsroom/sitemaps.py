"""Sitemaps for search engines: an index, one for each year, one for other pages, one for news."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from newsroom.domain import public_pages
from newsroom.models import Article
from newsroom.responses import public

XML = "application/xml; charset=utf-8"
YEAR = re.compile(r"[12][0-9]{3}")
MOST_NEWS = 1000  # articles in a news sitemap, as the protocol allows

type Line = tuple[str, datetime | None]  # a path, and the time of its last change


@public
def index(request: HttpRequest) -> HttpResponse:
    """Return the index of all sitemaps."""
    years = public_pages.sitemaps(public_pages.addresses())
    rows = [(path, max(article.changed for article in articles)) for path, articles in years.items()]
    return _render(request, "index", [(public_pages.SECTIONS, None), *rows])


@public
def articles(request: HttpRequest, name: str) -> HttpResponse:
    """Return the sitemap of the articles of a year, or of a part of a year."""
    year = YEAR.match(name)
    in_year = public_pages.sitemaps(public_pages.addresses(year=int(year[0]))).get(request.path) if year else None
    if in_year is None:
        raise Http404
    return _render(request, "pages", [(article.path, article.changed) for article in in_year])


@public
def sections(request: HttpRequest) -> HttpResponse:
    """Return the sitemap of every page that is not an article."""
    return _render(request, "pages", [(path, None) for path in public_pages.listed()])


@public
def news(request: HttpRequest) -> HttpResponse:
    """Return the news sitemap: the articles of the last two days."""
    since = timezone.now() - public_pages.NEWS_WINDOW
    recent = Article.objects.published().filter(publish_at__gt=since)[:MOST_NEWS]
    return render(request, "newsroom/sitemap_news.xml", {"stories": recent}, content_type=XML)


def _render(request: HttpRequest, kind: str, lines: Iterable[Line]) -> HttpResponse:
    return render(request, f"newsroom/sitemap_{kind}.xml", {"lines": lines}, content_type=XML)
