from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsroom.domain import showing
from newsroom.models import Image
from newsroom.pictures import Picture
from tests.newsroom.stories import HOUR, NOON, make_appeal, make_article, make_correction, make_whole

pytestmark = pytest.mark.django_db


def story(slug: str = "a-story") -> showing.Shown:
    """Return what a story's page shows at NOON."""
    found = showing.story(slug=slug, at=NOON)
    assert found is not None
    return found


def test_story_brings_all_that_its_page_shows() -> None:
    article = make_whole("a-story")
    article.refresh_from_db()
    found: dict[str, Any] = {**story()}
    stops = found.pop("timeline")
    assert found == {
        "pk": article.pk,
        "slug": "a-story",
        "headline": "Headline of a-story",
        "standfirst": "Standfirst of a-story",
        "byline": "Newsroom",
        "body_html": "<p>Text.</p>\n",
        "reading_minutes": 1,
        "publish_at": NOON - HOUR,
        "updated_at": None,
        "changed": NOON - HOUR / 2,
        "proceedings_active": False,
        "residents_least": None,
        "residents_most": None,
        "source_note": "",
        "topic": {"slug": "drug-supply", "name": "Drug supply"},
        "author": {"slug": "sam-example", "name": "Sam Example"},
        "lead_image": None,
        "areas": [{"slug": "olney", "name": "Olney"}],
        "facts": [{"figure": "12", "text": "warrants"}],
        "steps": [{"stage": "arrest", "date": NOON.date(), "text": "Arrests."}],
        "links": [{"title": "Elsewhere", "url": ""}],
        "calls": [
            {"key": "a-story", "title": "Do you know?", "prompt": "Small things count.", "why": "", "why_html": ""}
        ],
        "answered": [],
        "put_right": [{"text": "Not nine, but ten.", "at": NOON - HOUR / 2}],
        "related": [],
    }
    assert stops == article.timeline


def test_instants_are_by_the_towns_clock_to_the_microsecond() -> None:
    summer = NOON.replace(year=2023, month=7, microsecond=5)
    make_article(publish_at=summer)
    assert story()["publish_at"].isoformat() == "2023-07-01T13:00:00.000005+01:00"
    assert timezone.is_aware(story()["changed"])


def test_lead_image_comes_with_its_files() -> None:
    fields = {"width": 960, "height": 540, "alt": "A street", "caption": "Dusk.", "credit": "Us"}
    make_article(lead_image=Image.objects.create(digest="ab" * 16, **fields))
    assert story()["lead_image"] == fields | {"picture": Picture("ab" * 16, 960, 540)}


def test_appeal_is_a_call_until_it_closes_and_then_tells_what_came_of_it() -> None:
    article = make_article()
    make_appeal(article, key="told", closes=NOON, result="Two vans.")
    make_appeal(article, key="silent", closes=NOON)
    make_appeal(article, key="later", opens=NOON + HOUR)
    make_appeal(article, key="open", closes=NOON + HOUR, result="Not yet.", why="*Why.*")
    assert [(call["key"], call["why_html"]) for call in story()["calls"]] == [("open", "<p><em>Why.</em></p>\n")]
    assert story()["answered"] == [{"title": "Do you know?", "result": "Two vans.", "closes": NOON}]


@pytest.mark.parametrize("status", ["draft", "scheduled", "published", "withdrawn"])
def test_preview_shows_any_story_at_its_own_time(status: str) -> None:
    later = NOON + 24 * HOUR
    article = make_article(status=status, publish_at=None if status == "draft" else later)
    make_article("before", publish_at=NOON - HOUR)
    make_article("until-then", publish_at=NOON + HOUR)
    make_correction(article, at=NOON)
    make_correction(article, at=NOON + 48 * HOUR)
    make_appeal(article, opens=NOON)
    assert showing.story(slug="a-story", at=NOON) is None
    shown = showing.preview(pk=article.pk, at=NOON)
    assert shown is not None
    assert shown["publish_at"] == (NOON if status == "draft" else later)
    assert (len(shown["calls"]), len(shown["put_right"])) == (1, 1)
    others = [] if status == "draft" else ["until-then"]
    assert [other["slug"] for other in shown["related"]] == [*others, "before"]


def test_preview_of_a_story_that_is_out_is_what_readers_see() -> None:
    article = make_whole("a-story")
    make_whole("another")
    assert showing.preview(pk=article.pk, at=NOON) == story()


def test_preview_without_a_story_is_none() -> None:
    assert showing.preview(pk=99, at=NOON) is None


def test_changed_is_when_readers_last_got_something_new() -> None:
    article = make_article(updated_at=NOON - HOUR / 4)
    assert story()["changed"] == NOON - HOUR / 4
    make_correction(article, at=NOON)
    assert story()["changed"] == NOON


def plan(slug: str) -> list[str]:
    """Return SQLite's words for how it finds what the page of a story shows."""
    with CaptureQueriesContext(connection) as queries:
        showing.story(slug=slug, at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + queries[0]["sql"].replace("%", "%%"), [])
        return [row[3] for row in cursor.fetchall()]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's words")
def test_no_table_is_read_from_end_to_end_for_a_page() -> None:
    make_whole("a-story")
    steps = plan("a-story")
    assert any(step.startswith("SEARCH") for step in steps)
    assert [step for step in steps if step.startswith("SCAN") and "(subquery" not in step] == []
