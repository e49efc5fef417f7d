"""A reader who follows every link of ours arrives everywhere, and asks nobody else for anything."""

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import resolve

from newsroom import urls
from newsroom.domain import listing, public_pages, search, seeding
from newsroom.models import Article
from tests.newsroom.articles import make_whole

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<(?:a|link)\b[^>]*?\shref="([^"]*)"')
LOADING = 'img|script|source|iframe|video|audio|embed|link rel="(?:stylesheet|icon)"'
LOADED = re.compile(rf'<(?:{LOADING})(?=\s)[^>]*?\s(?:src|href)="([^"]*)"')


def crawl(client, start="/"):
    """Return the status of every address of ours that can be reached, and what the pages load."""
    status = {}
    loaded = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in status:
            continue
        response = client.get(path)
        status[path] = response.status_code
        assert not response.cookies, path
        if not response["Content-Type"].startswith("text/html"):
            continue
        html = response.content.decode()
        loaded |= set(LOADED.findall(html))
        for link in LINK.findall(html):
            target = urlsplit(urljoin(f"{settings.SITE_ORIGIN}{path}", unescape(link)))
            ours = f"{target.scheme}://{target.netloc}" == settings.SITE_ORIGIN
            if ours and not target.path.startswith("/static/"):
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return status, loaded


def test_every_internal_link_answers_200_and_every_surface_is_reached(client, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)
    seeding.load(path=seeding.ARTICLES)
    for number in range(5):
        make_whole(f"story-{number:02}")
    for article in Article.objects.all():
        search.reindex(article=article)
    status, loaded = crawl(client)
    assert {path: code for path, code in status.items() if code != 200} == {}
    machines = {"sitemap", "robots", "data"}
    assert {
        page.path for page in public_pages.all_pages() if page.kind not in machines
    } <= status.keys()
    assert [path for path in loaded if not path.startswith("/static/")] == []
    assert [path for path in loaded if not finders.find(path.removeprefix("/static/"))] == []


# Addresses that no edition holds: they vary by request, or are files of their own.
UNKEPT = {"search", "picture"}


def test_every_address_of_the_newsroom_is_a_public_page(settings, monkeypatch):
    settings.SECURITY_CONTACT = "mailto:desk@example.org"
    monkeypatch.setattr(listing, "PAGE", 2)
    for number in range(5):
        make_whole(f"story-{number:02}")
    kept = {resolve(urlsplit(page.path).path).url_name for page in public_pages.all_pages()}
    assert {str(pattern.name) for pattern in urls.urlpatterns} - UNKEPT - kept == set()
