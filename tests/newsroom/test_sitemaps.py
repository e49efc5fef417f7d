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


def get(client: Client, path: str) -> list[ElementTree.Element]:
    """Return a sitemap's items; raise AssertionError where the protocol (0.9) asks for something else."""
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml; charset=utf-8")
    tree = ElementTree.fromstring(response.content)
    assert tree.tag == f"{MAP}urlset"
    for item in tree:
        assert item.tag == f"{MAP}url"
        assert item.findtext(f"{MAP}loc", "").startswith(f"{SITE}/")
        if changed := item.findtext(f"{MAP}lastmod"):
            assert datetime.fromisoformat(changed).tzinfo
    return list(tree)


def places(items: list[ElementTree.Element]) -> list[str]:
    return [item.findtext(f"{MAP}loc", "").removeprefix(SITE) for item in items]


def test_sitemap_names_every_page_and_when_an_article_changed(client: Client) -> None:
    make_whole("a-story")
    make_article("old", publish_at=NOON - timedelta(days=365))
    items = get(client, "/sitemap.xml")
    readable = {*public_pages.IN_SITEMAP, "article"}
    assert "/topics/" in places(items)
    assert set(places(items)) == {page.path for page in public_pages.all_pages() if page.kind in readable}
    changed = {item.findtext(f"{MAP}loc"): item.findtext(f"{MAP}lastmod") for item in items}
    assert changed[f"{SITE}/news/old/"] == "2023-03-02T12:00:00+00:00"
    assert changed[f"{SITE}/topics/"] is None
