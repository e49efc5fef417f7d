import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from newsroom.domain import publishing
from newsroom.domain.publishing import AppealState
from tests.newsroom.stories import HOUR, NOON, make_appeal, make_article

pytestmark = pytest.mark.django_db


def test_front_page_without_a_story_has_no_lead() -> None:
    assert publishing.front_page(at=NOON) == (None, [])


def test_front_page_leads_with_the_newest() -> None:
    for hours in range(1, 10):
        make_article(f"story-{hours}", publish_at=NOON - hours * HOUR)
    lead, more = publishing.front_page(at=NOON)
    assert lead is not None
    assert [lead.slug, *(article.slug for article in more)] == [f"story-{hours}" for hours in range(1, 8)]


def test_story_brings_only_open_appeals() -> None:
    article = make_article()
    make_appeal(article, key="closed", closes=NOON)
    taking = make_appeal(article)
    story = publishing.story(slug="a-story", at=NOON)
    assert story is not None
    assert vars(story)["calls"] == [taking]


def test_story_that_is_not_out_is_none() -> None:
    make_article(status="draft")
    assert publishing.story(slug="a-story", at=NOON) is None


@pytest.mark.parametrize(("number", "given"), [("1", 1), ("2", 2), ("99", 2), ("-1", 2), ("x", 1), ("", 1)])
def test_archive_page_gives_the_nearest_page(number: str, given: int) -> None:
    for place in range(publishing.ARCHIVE_STORIES + 1):
        make_article(f"story-{place}")
    assert publishing.archive_page(number=number, at=NOON).number == given


def test_open_appeals_says_which_have_closed() -> None:
    make_appeal(make_article("first"), opens=NOON - 3 * HOUR, closes=NOON - HOUR)
    make_appeal(make_article("second"))
    make_appeal(make_article("later"), opens=NOON + HOUR)
    make_appeal(make_article("hidden", status="draft"))
    assert publishing.open_appeals(at=NOON) == [
        AppealState(key="first", title="Do you know?", prompt="Small things count.", open=False),
        AppealState(key="second", title="Do you know?", prompt="Small things count.", open=True),
    ]


def test_open_appeals_asks_twice_however_many_there_are() -> None:
    for slug in ("one", "two", "three"):
        make_appeal(make_article(slug))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        publishing.open_appeals(at=NOON)
    assert len(queries) == 2
