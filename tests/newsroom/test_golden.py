"""What machines read stays the same, byte for byte: feeds and sitemaps beside files that were written once."""

from datetime import timedelta
from pathlib import Path

import pytest

from newsroom.models import Image, Revision, Topic
from tests.newsroom.articles import (
    HOUR,
    NOON,
    make_area,
    make_article,
    make_author,
    make_correction,
)

pytestmark = pytest.mark.django_db

GOLDEN = Path(__file__).parent / "golden"
PATHS = {
    "/feed/": "feed.xml",
    "/topics/drug-supply/feed/": "topic-feed.xml",
    "/areas/olney/feed/": "area-feed.xml",
    "/sitemap.xml": "sitemap.xml",
    "/news-sitemap.xml": "news-sitemap.xml",
}


@pytest.fixture(autouse=True)
def town(settings, time_machine):
    """Fill the site with articles of every kind, at NOON."""
    settings.SITE_ORIGIN = "https://news.example.org"
    time_machine.move_to(NOON, tick=False)
    size = {"width": 960, "height": 540}
    image = Image.objects.create(
        digest="ab" * 16, alt='"A" street', caption="Dusk & dawn.", credit="Us", **size
    )
    fraud = Topic.objects.create(slug="fraud", name="Fraud & <lies>")
    whole = make_article(
        "whole", pk=1, author=make_author(), lead_image=image, proceedings_active=True
    )
    whole.areas.set([make_area(), make_area("bradwell")])
    make_correction(whole, text="Not <nine>, but ten.")
    body = "One & two.\n\n> Three.\n\n[Four](/news/whole/) [five](https://example.org/) \x0b"
    updated = {
        "updated_at": NOON - HOUR / 4,
        "source_note": "From <us>.",
        "headline": "A\x0b & <b>",
    }
    make_article("updated", pk=2, body=body, standfirst="", topic=fraud, **updated)
    for pk in (3, 4, 5):
        make_article(f"older-{pk}", pk=pk, publish_at=NOON - pk * timedelta(days=9))
    summer = make_article("summer", pk=6, publish_at=NOON - timedelta(days=200))
    summer.areas.set([make_area()])
    Revision.objects.create(
        article=summer, number=1, made_at=NOON - HOUR / 8, made_by="ed", summary="x", fields={}
    )
    make_article("later", pk=7, status="scheduled", publish_at=NOON + HOUR)
    make_article("draft", pk=8, status="draft")
    make_article("gone", pk=9, status="withdrawn", withdrawn_at=NOON)


def told(response):
    """Return an answer with what its headers say of its kind and its age."""
    names = ("Content-Type", "Cache-Control")
    heads = [f"{name}: {response[name]}\n" for name in names if name in response]
    return f"<!--\n{''.join(heads)}-->\n".encode() + response.content


@pytest.mark.parametrize("path", PATHS)
def test_what_machines_read_is_what_it_was_byte_for_byte(client, path):
    assert told(client.get(path)) == (GOLDEN / PATHS[path]).read_bytes()
