"""Embargoes hold: no surface tells of an article before its time, nor after it was withdrawn."""

from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from newsroom.domain import public_pages, search
from newsroom.models import Author, Topic
from tests.newsroom.articles import HOUR, make_appeal, make_area, make_article, make_correction

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SECRET = "zebrafinch"
HIDDEN = {
    "draft": {"status": "draft"},
    "scheduled": {"status": "scheduled", "publish_at": NOW + 24 * HOUR},
    "published later": {"status": "published", "publish_at": NOW + 24 * HOUR},
    "withdrawn": {
        "status": "withdrawn",
        "publish_at": NOW - HOUR,
        "withdrawn_at": NOW,
        "withdrawn_note": "An order.",
    },
}


def make_secret(**fields):
    """Return an article of which every word is the secret, in a topic, an area and by an author that others share."""
    texts = {"headline": SECRET, "standfirst": SECRET, "body": SECRET}
    author = Author.objects.create(slug="sam-example", name="Sam Example")
    article = make_article(SECRET, author=author, **({"publish_at": NOW - HOUR} | texts | fields))
    article.areas.add(make_area())
    make_appeal(article, key=SECRET, title=SECRET, prompt=SECRET, why=SECRET, opens=NOW - HOUR)
    make_correction(article, text=SECRET, at=NOW - HOUR)
    other = make_article("other", author=author, publish_at=NOW - 2 * HOUR)
    other.areas.add(make_area())
    for one in (article, other):
        search.reindex(article=one)
    return article


def walk(client, at=None):
    """Yield every public address with what it answers: those that an edition holds, the article's own, and searches."""
    paths = [page.path for page in public_pages.all_pages(at=at)]
    searches = [f"/search/?q={query}" for query in (SECRET, SECRET[1:], "other")]
    for path in [*paths, f"/news/{SECRET}/", *searches]:
        response = client.get(path)
        # A search says again what was looked for, and 404 pages nothing.
        said = (
            response.content.decode(errors="replace")
            .replace(f'value="{SECRET}"', "")
            .replace(f"<title>{SECRET}", "")
        )
        yield path, said.replace(f"No story has “{SECRET}”", "")


SURFACES = {
    "/", "/news/", "/feed/", "/sitemap.xml", "/news-sitemap.xml", "/about/corrections/", "/topics/drug-supply/",
    "/topics/drug-supply/feed/", "/areas/olney/", "/areas/olney/feed/", "/authors/sam-example/", "/news/other/",
    f"/news/{SECRET}/", f"/search/?q={SECRET}",
}  # fmt: skip


@pytest.mark.parametrize("state", HIDDEN)
def test_embargoes_hold_on_every_surface(client, state):
    make_secret(**HIDDEN[state])
    said = dict(walk(client))
    assert said.keys() >= SURFACES
    assert [path for path, text in said.items() if SECRET in text] == []


def test_the_walk_finds_an_article_that_is_out_on_every_surface_that_shows_articles(
    client,
):
    make_secret()
    telling = {urlsplit(path).path for path, text in walk(client) if SECRET in text}
    assert {urlsplit(path).path for path in SURFACES} <= telling


def test_a_topic_of_which_nothing_is_out_is_not_named(client):
    make_secret(
        topic=Topic.objects.create(slug="secret-topic", name="Secret topic"), **HIDDEN["scheduled"]
    )
    assert [
        path for path, text in walk(client) if "ecret topic" in text or "secret-topic" in text
    ] == []
    for path in ("/topics/secret-topic/", "/topics/secret-topic/feed/"):
        assert client.get(path).status_code == 404
