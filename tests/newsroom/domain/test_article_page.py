import pytest

from newsroom.domain import article_page
from newsroom.models import Topic
from tests.newsroom.articles import (
    HOUR,
    NOON,
    make_area,
    make_article,
    related_slugs,
)

pytestmark = pytest.mark.django_db


def led():
    """Return the stories of the front page, the leading one first."""
    page = article_page.front_page(at=NOON)
    assert page.lead is not None
    return [page.lead.slug, *(article.slug for article in page.headlines)]


def test_front_page_leads_with_the_newest_pinned_story_and_then_the_newest():
    for hours in range(1, 10):
        make_article(f"story-{hours}", publish_at=NOON - hours * HOUR)
    assert led() == [f"story-{hours}" for hours in range(1, 6)]
    make_article("old-pin", publish_at=NOON - 12 * HOUR, pinned=True)
    make_article("pin", publish_at=NOON - 11 * HOUR, pinned=True)
    make_article("pinned-later", publish_at=NOON + HOUR, pinned=True)
    assert led() == ["pin", *(f"story-{hours}" for hours in range(1, 5))]


def test_front_page_has_many_stories_from_the_sixth_on():
    for hours in range(1, 6):
        make_article(f"story-{hours}", publish_at=NOON - hours * HOUR)
    assert not article_page.front_page(at=NOON).has_many
    make_article("sixth", publish_at=NOON - 6 * HOUR)
    assert article_page.front_page(at=NOON).has_many


def test_related_are_the_nearest_in_time_of_the_same_topic_or_area():
    fraud = Topic.objects.create(slug="fraud", name="Fraud")
    article = make_article("here", publish_at=NOON - 5 * HOUR)
    article.areas.add(make_area())
    for hours in (1, 2, 3, 4, 6, 7):
        make_article(f"story-{hours}", publish_at=NOON - hours * HOUR)
    make_article("elsewhere", publish_at=NOON - 5 * HOUR, topic=fraud)
    same_area = make_article("same-area", publish_at=NOON - 5.5 * HOUR, topic=fraud)
    same_area.areas.add(make_area())
    make_article("not-out", publish_at=NOON - 4.5 * HOUR, status="draft")
    assert related_slugs(article, at=NOON) == ["story-3", "story-4", "same-area"]
