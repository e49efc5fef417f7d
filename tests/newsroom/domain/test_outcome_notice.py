"""The notice that an article began with residents' reports: its band of counts, its lamp, and how it goes."""

from uuid import uuid4

import pytest

from newsroom.domain import outcome_notice
from newsroom.models import Topic
from tests.newsroom.articles import HOUR, NOON, make_article, related_slugs

pytestmark = pytest.mark.django_db

EVENT = uuid4()


@pytest.fixture
def article():
    """Publish an article."""
    return make_article()


def page(client):
    """Return the article's page."""
    return " ".join(client.get("/news/a-story/").content.decode().split())


@pytest.mark.parametrize(
    ("band", "words"), [((5, 9), "5 to 9 tips"), ((10, None), "10 or more tips")]
)
def test_article_says_between_which_numbers_the_reports_lie(client, article, band, words):
    assert "what residents told us" not in page(client)
    outcome_notice.show_notice(article=article, band=band, event=EVENT)
    html = page(client)
    assert "This story began with what residents told us" in html
    assert words in html


def test_timeline_lights_residents_without_a_day(client, article):
    outcome_notice.show_notice(article=article, band=(5, 9), event=EVENT)
    stop = article.timeline[0]
    assert (stop.stage, stop.lit, stop.date) == ("report", True, None)
    assert '<li class="lit latest" aria-current="step"> <b>Residents report</b> </li>' in page(
        client
    )


def test_articles_of_one_event_name_each_other_before_all_others():
    topics = [
        Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}") for number in range(3)
    ]
    together = [
        make_article(f"story-{at}", topic=topic, publish_at=NOON) for at, topic in enumerate(topics)
    ]
    make_article("same-topic", topic=topics[0], publish_at=NOON - HOUR)
    first, second, third = together
    for article in together:
        outcome_notice.show_notice(article=article, band=(5, 9), event=EVENT)
    assert related_slugs(first, at=NOON) == ["story-2", "story-1", "same-topic"]
    assert related_slugs(second, at=NOON) == ["story-2", "story-0"]
    outcome_notice.untell(article=third)
    assert related_slugs(second, at=NOON) == ["story-0"]
