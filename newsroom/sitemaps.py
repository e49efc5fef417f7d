"""Sitemaps for search engines: one of every page, one for news."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.responses import public
from newsroom.domain import public_pages
from newsroom.models import Article

XML = "application/xml; charset=utf-8"


@public
def pages(request: HttpRequest) -> HttpResponse:
    """Return the sitemap of every page; the protocol allows 50,000."""
    lines = [*((path, None) for path in public_pages.listed()), *public_pages.addresses()]
    return render(request, "newsroom/sitemap.xml", {"lines": lines}, content_type=XML)


@public
def news(request: HttpRequest) -> HttpResponse:
    """Return the news sitemap: the articles of the last two days."""
    since = timezone.now() - public_pages.NEWS_WINDOW
    recent = Article.objects.published().filter(publish_at__gt=since)
    return render(request, "newsroom/sitemap_news.xml", {"stories": recent}, content_type=XML)
