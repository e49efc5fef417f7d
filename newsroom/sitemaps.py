"""Where every page is, for search engines: an index, a sitemap for each year, and one for what is new."""

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
MOST_NEWS = 1000  # articles that a news sitemap may name

type Line = tuple[str, datetime | None]  # a path, and when what it shows changed


@public
def index(request: HttpRequest) -> HttpResponse:
    """Name the sitemaps."""
    years = public_pages.sitemaps(public_pages.addresses())
    rows = [(path, max(article.changed for article in articles)) for path, articles in years.items()]
    return _answer(request, "index", [(public_pages.SECTIONS, None), *rows])


@public
def articles(request: HttpRequest, name: str) -> HttpResponse:
    """Name the articles of a year, or of a part of one."""
    year = YEAR.match(name)
    found = public_pages.sitemaps(public_pages.addresses(year=int(year[0]))).get(request.path) if year else None
    if found is None:
        raise Http404
    return _answer(request, "pages", [(article.path, article.changed) for article in found])


@public
def sections(request: HttpRequest) -> HttpResponse:
    """Name every page that is no article."""
    return _answer(request, "pages", [(path, None) for path in public_pages.listed()])


@public
def news(request: HttpRequest) -> HttpResponse:
    """Name the articles of the last two days."""
    since = timezone.now() - public_pages.NEWS_WINDOW
    recent = Article.objects.published().filter(publish_at__gt=since)[:MOST_NEWS]
    return render(request, "newsroom/sitemap_news.xml", {"stories": recent}, content_type=XML)


def _answer(request: HttpRequest, kind: str, lines: Iterable[Line]) -> HttpResponse:
    return render(request, f"newsroom/sitemap_{kind}.xml", {"lines": lines}, content_type=XML)
