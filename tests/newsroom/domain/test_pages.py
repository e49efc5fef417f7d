import pytest
from pytest_django import DjangoAssertNumQueries

from newsroom.domain import pages
from newsroom.domain.pages import Gone, Moved
from newsroom.models import Redirect, Topic
from tests.newsroom.stories import (
    HOUR,
    NOON,
    make_appeal,
    make_area,
    make_article,
    make_correction,
    make_whole,
    related_slugs,
)

pytestmark = pytest.mark.django_db


def test_front_page_without_a_story_has_no_lead() -> None:
    assert pages.front_page(at=NOON) == (None, [])


def test_front_page_leads_with_the_newest() -> None:
    for hours in range(1, 10):
        make_article(f"story-{hours}", publish_at=NOON - hours * HOUR)
    lead, more = pages.front_page(at=NOON)
    assert lead is not None
    assert [lead.slug, *(article.slug for article in more)] == [f"story-{hours}" for hours in range(1, 8)]


def test_front_page_leads_with_the_newest_that_is_pinned() -> None:
    make_article("old-pin", publish_at=NOON - 9 * HOUR, pinned=True)
    make_article("pin", publish_at=NOON - 8 * HOUR, pinned=True)
    make_article("pinned-later", publish_at=NOON + HOUR, pinned=True)
    for hours in range(1, 8):
        make_article(f"story-{hours}", publish_at=NOON - hours * HOUR)
    lead, more = pages.front_page(at=NOON)
    assert lead is not None
    assert [lead.slug, *(article.slug for article in more)] == ["pin", *(f"story-{hours}" for hours in range(1, 7))]


def test_story_brings_only_open_appeals_and_corrections_whose_time_has_come() -> None:
    article = make_article()
    make_appeal(article, key="closed", closes=NOON)
    taking = make_appeal(article)
    told = make_correction(article)
    make_correction(article, at=NOON + HOUR)
    story = pages.story(slug="a-story", at=NOON)
    assert isinstance(story, dict)
    assert [call["key"] for call in story["calls"]] == [taking.key]
    assert [(correction["text"], correction["at"]) for correction in story["put_right"]] == [(told.text, told.at)]


def test_story_that_nobody_has_seen_is_none() -> None:
    make_article("draft", status="draft")
    make_article("later", publish_at=NOON + HOUR)
    make_article("never-out", status="withdrawn", withdrawn_at=NOON - HOUR, publish_at=NOON)
    Redirect.objects.create(old_slug="was-later", article=make_article("also-later", publish_at=NOON + HOUR))
    for slug in ("draft", "later", "never-out", "was-later", "unknown"):
        assert pages.story(slug=slug, at=NOON) is None


def test_story_that_moved_says_where() -> None:
    Redirect.objects.create(old_slug="before", article=make_article())
    assert pages.story(slug="before", at=NOON) == Moved(slug="a-story")


@pytest.mark.parametrize("slug", ["a-story", "before"])
def test_story_that_was_withdrawn_says_so_at_all_its_addresses(slug: str) -> None:
    article = make_article(status="withdrawn", withdrawn_at=NOON, withdrawn_note="An order.")
    Redirect.objects.create(old_slug="before", article=article)
    assert pages.story(slug=slug, at=NOON) == Gone(at=NOON, note="An order.")


def test_related_are_the_nearest_in_time_of_the_same_topic_or_area() -> None:
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


def test_related_of_the_newest_are_older() -> None:
    newest, *_older = [make_article(f"story-{hours}", publish_at=NOON - hours * HOUR) for hours in range(1, 6)]
    assert related_slugs(newest, at=NOON) == ["story-2", "story-3", "story-4"]


def test_story_with_all_that_its_page_shows_is_one_question(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for slug in ("here", "near", "nearer"):
        make_whole(slug)
    with django_assert_num_queries(1):
        assert pages.story(slug="here", at=NOON)
