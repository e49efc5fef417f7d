import re

import pytest

from newsroom.domain import public_pages
from newsroom.models import Article
from tests.newsroom.articles import HOUR, NOON, make_article

pytestmark = pytest.mark.django_db


def entries(client, name):
    """Return what each entry of the feed of everything has in an element of this name."""
    parts = client.get("/feed/").text.split("<entry>")[1:]
    return [found for part in parts for found in re.findall(rf"<{name}>([^<]*)</{name}>", part)]


def test_feed_ids_outlive_a_new_slug(client, settings):
    settings.SITE_ORIGIN = "https://news.example.org"
    article = make_article()
    before = entries(client, "id")
    assert before == [f"tag:news.example.org,2024:story-{article.pk}"]
    Article.objects.filter(pk=article.pk).update(slug="renamed")
    assert entries(client, "id") == before
    assert 'href="https://news.example.org/news/renamed/"' in client.get("/feed/").text


def test_feed_holds_the_newest(client):
    for number in range(public_pages.FEED + 1):
        make_article(f"story-{number:02}", publish_at=NOON - number * HOUR)
    assert [title[-2:] for title in entries(client, "title")] == [
        f"{number:02}" for number in range(public_pages.FEED)
    ]
