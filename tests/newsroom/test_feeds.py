from datetime import datetime
from typing import Any

import feedparser
import pytest
from django.test import Client
from pytest_django import Settings

from newsroom.domain import public_pages
from newsroom.models import Article
from tests.newsroom.articles import HOUR, NOON, make_article

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_ORIGIN = "https://news.example.org"


def parse(text: str) -> dict[str, Any]:
    """Return a feed's id, title and entries as a feed reader sees them; it must find nothing to complain of."""
    found = feedparser.parse(text.encode(), sanitize_html=False, resolve_relative_uris=False)
    assert (found.bozo, found.version) == (False, "atom10")
    told = []
    for one in (found.feed, *found.entries):
        assert {"id", "title", "updated", "author", "links"} <= one.keys()
        assert datetime.fromisoformat(one["updated"]).tzinfo
        assert one["id"].startswith("tag:news.example.org,2024:")
        links = {link["rel"]: link["href"] for link in one["links"]}
        assert links["alternate"].startswith("https://news.example.org/")
        told.append(dict(one) | {"links": links, "content": one["content"][0]["value"] if "content" in one else ""})
    assert told[0]["links"]["self"]
    assert len({one["id"] for one in told}) == len(told)
    return told[0] | {"entries": told[1:]}


def get(client: Client, path: str = "/feed/") -> dict[str, Any]:
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return parse(response.content.decode())


def test_feed_ids_outlive_a_new_slug(client: Client) -> None:
    article = make_article()
    before = get(client)["entries"][0]["id"]
    Article.objects.filter(pk=article.pk).update(slug="renamed")
    after = get(client)["entries"][0]
    assert (after["id"], after["links"]["alternate"]) == (before, "https://news.example.org/news/renamed/")


def test_feed_holds_the_newest(client: Client) -> None:
    for number in range(public_pages.FEED + 1):
        make_article(f"story-{number:02}", publish_at=NOON - number * HOUR)
    entries = get(client)["entries"]
    assert [entry["title"][-2:] for entry in entries] == [f"{number:02}" for number in range(public_pages.FEED)]
