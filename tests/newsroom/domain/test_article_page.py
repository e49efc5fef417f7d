import pytest

from newsroom.domain import article_page
from newsroom.domain.article_page import ArticlePage, Gone
from newsroom.models import Redirect, Topic
from tests.newsroom.articles import (
    HOUR,
    NOON,
    make_appeal,
    make_area,
    make_article,
    make_correction,
    related_slugs,
)

pytestmark = pytest.mark.django_db


def led() -> list[str]:
    """Return the stories of the front page, the leading one first."""
    lead, more = article_page.front_page(at=NOON)
    assert lead is not None
    return [lead.slug, *(article.slug for article in more)]


def test_front_page_leads_with_the_newest_and_before_it_with_the_newest_that_is_pinned() -> None:
    for hours in range(1, 10):
        make_article(f"story-{hours}", publish_at=NOON - hours * HOUR)
    assert led() == [f"story-{hours}" for hours in range(1, 8)]
    make_article("old-pin", publish_at=NOON - 12 * HOUR, pinned=True)
    make_article("pin", publish_at=NOON - 11 * HOUR, pinned=True)
    make_article("pinned-later", publish_at=NOON + HOUR, pinned=True)
    assert led() == ["pin", *(f"story-{hours}" for hours in range(1, 7))]


def page(slug: str = "a-story") -> ArticlePage:
    """Return an article's page at NOON."""
    found = article_page.find(slug=slug, at=NOON)
    assert isinstance(found, ArticlePage)
    return found


def test_appeal_is_open_until_it_closes_and_then_shows_its_result() -> None:
    article = make_article()
    make_appeal(article, key="answered", closes=NOON, result="Two vans.")
    make_appeal(article, key="silent", closes=NOON)
    make_appeal(article, key="later", opens=NOON + HOUR)
    make_appeal(article, key="open", closes=NOON + HOUR, result="Not yet.")
    assert [appeal.key for appeal in page().open_appeals] == ["open"]
    assert [(appeal.key, appeal.result) for appeal in page().answered_appeals] == [("answered", "Two vans.")]


def test_changed_is_when_readers_last_got_something_new() -> None:
    article = make_article(updated_at=NOON - HOUR / 4)
    assert page().article.changed == NOON - HOUR / 4
    make_correction(article, at=NOON)
    assert page().article.changed == NOON


@pytest.mark.parametrize("status", ["draft", "scheduled", "published", "withdrawn"])
def test_preview_shows_any_article_at_its_own_time(status: str) -> None:
    later = NOON + 24 * HOUR
    article = make_article(status=status, publish_at=None if status == "draft" else later)
    make_article("before", publish_at=NOON - HOUR)
    make_article("until-then", publish_at=NOON + HOUR)
    make_appeal(article, opens=NOON)
    assert article_page.find(slug="a-story", at=NOON) is None
    shown = article_page.preview(pk=article.pk, at=NOON)
    assert shown is not None
    assert shown.article.publish_at == (NOON if status == "draft" else later)
    assert len(shown.open_appeals) == 1
    others = [] if status == "draft" else ["until-then"]
    assert [other.slug for other in shown.related] == [*others, "before"]


@pytest.mark.parametrize("slug", ["a-story", "before"])
def test_article_that_was_withdrawn_says_so_at_all_its_addresses(slug: str) -> None:
    article = make_article(status="withdrawn", withdrawn_at=NOON, withdrawn_note="An order.")
    Redirect.objects.create(old_slug="before", article=article)
    assert article_page.find(slug=slug, at=NOON) == Gone(at=NOON, note="An order.")


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
