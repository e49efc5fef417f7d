"""The notice that an article began with residents' reports: its band of counts, its lamp, and how it goes."""

import pytest
from django.test import Client

from newsroom.domain import outcome_notice
from newsroom.models import Article
from tests.newsroom.articles import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    """Publish an article."""
    return make_article()


def page(client: Client) -> str:
    """Return the article's page."""
    return " ".join(client.get("/news/a-story/").content.decode().split())


@pytest.mark.parametrize(("band", "words"), [((5, 9), "5 to 9 tips"), ((10, None), "10 or more tips")])
def test_article_says_between_which_numbers_the_reports_lie(
    client: Client, article: Article, band: outcome_notice.Band, words: str
) -> None:
    assert "what residents told us" not in page(client)
    outcome_notice.show_notice(article=article, band=band)
    html = page(client)
    assert "This story began with what residents told us" in html
    assert words in html


def test_timeline_lights_residents_without_a_day(client: Client, article: Article) -> None:
    outcome_notice.show_notice(article=article, band=(5, 9))
    stop = article.timeline[0]
    assert (stop.stage, stop.lit, stop.date) == ("report", True, None)
    assert '<li class="lit latest" aria-current="step"> <b>Residents report</b> </li>' in page(client)
