"""What came of an appeal: one line, told once it has closed, on its article."""

import pytest

from newsroom.domain import appeals
from tests.newsroom.articles import HOUR, NOON, make_appeal, make_article

pytestmark = pytest.mark.django_db

RESULT = "Two vans were found."


@pytest.fixture
def appeal():
    """Return an appeal that has closed, with its line."""
    return make_appeal(make_article(), closes=NOON + HOUR, result=RESULT)


def test_line_is_told_once_the_appeal_has_closed_and_not_before(appeal):
    assert appeals.answered_appeals(at=NOON) == []
    told = appeals.Answered("Do you know?", RESULT, "/news/a-story/")
    assert appeals.answered_appeals(at=NOON + HOUR) == [told]


def test_article_shows_the_line_and_until_when_was_asked(client, appeal):
    html = client.get("/news/a-story/").content.decode()
    assert f"<b>{RESULT}</b>" in html
    assert "This appeal closed on 1 March 2024. This is what happened." in html
