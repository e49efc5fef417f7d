import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.static_files import with_imports
from newsroom.domain import listing, seeding
from newsroom.models import TimelineStep
from tests.newsroom.articles import NOON, make_article, make_whole

pytestmark = pytest.mark.django_db

ARTICLE = "/news/milton-keynes-drug-warrants/"
FIRST_VIEW = 14_000  # bytes, compressed, of all that a first view loads


PAGES = {  # and how many questions a page may ask
    "/": 8,
    "/news/": 8,
    "/news/a-story/": 12,
    "/news/2024/03/": 8,
    "/topics/drug-supply/": 8,
    "/areas/olney/": 8,
    "/authors/sam-example/": 8,
    "/about/corrections/": 8,
}
FILES = {
    "/feed/": 5,
    "/topics/drug-supply/feed/": 6,
    "/areas/olney/feed/": 6,
    "/news-sitemap.xml": 1,
}
FILES |= {"/sitemap.xml": 6}


def get(client, path):
    """Return the page at this path."""
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("path", "most"), (PAGES | FILES).items())
def test_pages_ask_as_many_questions_for_three_articles_as_for_one(client, path, most):
    counts = []
    for slugs in (["a-story"], ["b-story", "c-story"]):
        for slug in slugs:
            make_whole(slug)
        with CaptureQueriesContext(connection) as queries:
            get(client, path)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= most


def test_days_and_instants_are_told_by_the_towns_clock_to_the_microsecond(client):
    midnight = datetime(
        2023, 6, 30, 23, 30, 1, 5, tzinfo=UTC
    )  # when the town's clock shows the first of July
    article = make_article(publish_at=midnight, updated_at=midnight)
    TimelineStep.objects.create(
        article=article, stage="arrest", date=midnight.date(), text="Arrests."
    )
    html = get(client, "/news/a-story/")
    assert '<time datetime="2023-07-01T00:30:01.000005+01:00">1 July 2023</time>' in html
    assert '<time datetime="2023-07-01T00:30:01.000005+01:00">1 July 2023, 00:30</time>' in html
    assert '<time datetime="2023-06-30">30 Jun 2023</time>' in html
    assert '"datePublished": "2023-07-01T00:30:01.000005+01:00"' in html


def first_view(html):
    """Return the compressed bytes of a page and of every file that it loads from us."""
    files = re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="/static/([^"]+)"', html)
    assert {"css/site.css", "css/news.css"} & {*files}
    parts = [html.encode()]
    for file in files:
        found = finders.find(file)
        assert isinstance(found, str)
        parts.append(with_imports(Path(found).read_bytes()))
    return sum(len(gzip.compress(part, 6)) for part in parts)


@pytest.mark.promise("everybody")
@pytest.mark.parametrize(
    ("path", "full"),
    [
        *((path, False) for path in ("/", "/news/", ARTICLE)),
        *((path, True) for path in ("/", "/news/", "/news/2023/05/", "/topics/drug-supply/")),
    ],
)
def test_first_view_is_at_most_14_kilobytes_compressed(client, path, full):
    """A first view of a public page is at most 14 kB compressed.

    As the demonstration's article has it, and where a list is as full as it gets.
    """
    seeding.load(path=seeding.ARTICLES)
    for place in range(listing.PAGE if full else 0):
        when = NOON.replace(year=2023, month=5, minute=place)
        make_article(f"a-rather-long-slug-{place}", standfirst=f"{place} " * 130, publish_at=when)
    assert first_view(get(client, path)) <= FIRST_VIEW
