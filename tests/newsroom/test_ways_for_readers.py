"""No dead ends: lists have an index, every open appeal is reachable, and a page says how old it is."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.newsroom.articles import (
    HOUR,
    NOON,
    make_appeal,
    make_area,
    make_article,
    make_author,
    make_whole,
)

pytestmark = pytest.mark.django_db


def get(client, path):
    """Return the page at a path, on one line."""
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/topics/", "/topics/drug-supply/"),
        ("/areas/", "/areas/olney/"),
        ("/authors/", "/authors/sam-example/"),
    ],
)
def test_each_kind_of_section_has_an_index_without_empty_ones(client, path, leads_to):
    make_area("bradwell")
    make_author("nobody-yet")
    make_whole("a-story")
    html = get(client, path)
    assert f'href="{leads_to}"' in html
    assert "bradwell" not in html
    assert "nobody-yet" not in html
    assert f'href="{path}"' in get(client, leads_to)


def test_every_open_appeal_is_reachable_from_the_front_page(client):
    make_appeal(make_article("lead"), title="The lead asks")
    other = make_article("other", publish_at=NOON - 9 * HOUR)
    make_appeal(other, title="The other asks", closes=timezone.now() + timedelta(days=9))
    make_appeal(other, key="closed", title="Closed", closes=NOON + HOUR)
    front = get(client, "/")
    assert "The lead asks" in front
    assert "See all 2 appeals for information" in front
    listed = get(client, "/appeals/")
    assert '/report/?appeal=other"' in listed
    assert "Open until" in listed
    assert "Closed" not in listed


def test_an_article_with_two_open_appeals_leads_to_both(client):
    article = make_article()
    make_appeal(article, opens=NOON - 2 * HOUR)
    make_appeal(article, key="newer", title="The newer asks")
    html = get(client, "/news/a-story/")
    assert '<a class="button" href="/report/?appeal=newer">Tell us what you know</a>' in html
    assert '<a href="/report/?appeal=a-story">Do you know?</a>' in html


@pytest.mark.parametrize(
    ("days", "says"), [(364, ""), (367, "more than a year old"), (1100, "more than 3 years old")]
)
def test_an_old_story_says_so_at_its_head_and_on_the_front(client, days, says):
    make_article(publish_at=timezone.now() - timedelta(days=days))
    article = get(client, "/news/a-story/")
    assert ("This story is more than" in article[: article.index("<aside")]) is bool(says)
    for html in (article, get(client, "/")):
        assert (
            (says or "year") in html
            if says
            else "old" not in re.findall(r"<main.*</main>", html)[0].split()
        )


def test_a_search_never_shows_what_no_page_may_hold(client):
    html = get(client, "/search/?q=a%00b%EF%BF%BE%07")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", html)
    assert 'value="a b"' in html
