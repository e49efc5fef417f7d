"""A story that began with what residents told: said with a band of counts, on the timeline too, and no longer said."""

import pytest
from django.test import Client

from newsroom.domain import changes, outcome_notice, request_rebuild
from newsroom.models import Article
from tests.newsroom.stories import make_appeal, make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    """Publish a story."""
    return make_article()


def page(client: Client) -> str:
    """Return the story's page."""
    return " ".join(client.get("/news/a-story/").content.decode().split())


@pytest.mark.parametrize(("band", "words"), [((5, 9), "5 to 9 reports"), ((10, None), "10 or more reports")])
def test_story_says_between_which_numbers_the_reports_lie(
    client: Client, article: Article, band: outcome_notice.Band, words: str
) -> None:
    assert "what residents told us" not in page(client)
    outcome_notice.tell(article=article, band=band)
    html = page(client)
    assert "This story began with what residents told us" in html
    assert words in html


def test_timeline_lights_residents_without_a_day(client: Client, article: Article) -> None:
    outcome_notice.tell(article=article, band=(5, 9))
    stop = article.timeline[0]
    assert (stop.stage, stop.lit, stop.date) == ("report", True, None)
    assert '<li class="lit latest" aria-current="step"> <b>Residents report</b> </li>' in page(client)


def test_story_leads_on_to_its_open_appeal(client: Client, article: Article) -> None:
    outcome_notice.tell(article=article, band=(5, 9))
    assert "It goes on:" not in page(client)
    make_appeal(article)
    assert 'It goes on: <a href="/report/?appeal=a-story">Do you know?</a>' in page(client)


def test_it_is_said_no_longer(client: Client, article: Article) -> None:
    outcome_notice.tell(article=article, band=(5, 9))
    outcome_notice.untell(article=article)
    assert "what residents told us" not in page(client)
    outcome_notice.untell(article=None)


@pytest.mark.django_db(transaction=True)
def test_editions_are_renewed(article: Article) -> None:
    before = changes.version()
    outcome_notice.tell(article=article, band=(5, 9))
    assert list(request_rebuild.pending().values()) == [{article.pk}]
    assert changes.version() != before


def test_stories_to_choose_from_leave_out_the_withdrawn(article: Article) -> None:
    make_article("gone", status=Article.Status.WITHDRAWN)
    assert outcome_notice.newest() == [article]
    assert outcome_notice.story(number=article.pk) == article
    assert outcome_notice.story(number=article.pk + 1) is None
