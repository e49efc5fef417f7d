from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings

from newsroom.domain import public_pages
from tests.newsroom.articles import NOON, make_article, make_whole

pytestmark = pytest.mark.django_db

SITE = "https://news.example.org"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_ORIGIN = SITE


def get(client: Client, path: str, root: str = "urlset") -> list[ElementTree.Element]:
    """Return a sitemap's items; raise AssertionError where the protocol (0.9) asks for something else."""
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml; charset=utf-8")
    tree = ElementTree.fromstring(response.content)
    assert tree.tag == MAP + root
    for item in tree:
        assert item.tag == MAP + {"urlset": "url", "sitemapindex": "sitemap"}[root]
        assert item.findtext(f"{MAP}loc", "").startswith(f"{SITE}/")
        if changed := item.findtext(f"{MAP}lastmod"):
            assert datetime.fromisoformat(changed).tzinfo
    return list(tree)


def places(items: list[ElementTree.Element]) -> list[str]:
    return [item.findtext(f"{MAP}loc", "").removeprefix(SITE) for item in items]


def test_sitemap_index_leads_to_every_page(client: Client) -> None:
    make_whole("a-story")
    make_article("old", publish_at=NOON - timedelta(days=365))
    maps = places(get(client, "/sitemap.xml", "sitemapindex"))
    assert maps == ["/sitemaps/pages.xml", "/sitemaps/2024.xml", "/sitemaps/2023.xml"]
    named = {place for path in maps for place in places(get(client, path))}
    readable = {*public_pages.IN_SITEMAP, "article"}
    assert "/topics/" in named
    assert named == {page.path for page in public_pages.all_pages() if page.kind in readable}


@pytest.mark.parametrize("name", ["1999", "2024-2", "20240", "0000", "x"])
def test_sitemap_of_nothing_is_404(client: Client, name: str) -> None:
    make_article()
    assert client.get(f"/sitemaps/{name}.xml").status_code == 404
