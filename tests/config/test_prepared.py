"""A query that is written into SQL once: it finds what the ORM finds, in its types, for each value and as of now."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.prepared import Prepared
from newsroom.models import Article, StoryStep
from tests.newsroom.stories import HOUR, NOON, make_article

pytestmark = pytest.mark.django_db

SLUG, AT = "the-slug", datetime(1, 2, 3, tzinfo=UTC)
NAMES = ("pk", "headline", "publish_at", "pinned", "updated_at")


def out() -> Prepared:
    """Return what asks for a story that is out, by its slug."""
    return Prepared(lambda: Article.objects.published(at=AT).filter(slug=SLUG).values_list(*NAMES), slug=SLUG, at=AT)


def test_finds_what_the_orm_finds_in_its_types() -> None:
    make_article("here")
    assert out().run(slug="here", at=NOON) == list(Article.objects.values_list(*NAMES))


def test_values_take_the_place_of_their_marks() -> None:
    make_article("here", headline="Here")
    make_article("there", headline="There", publish_at=NOON + HOUR)
    asked = out()
    found = [(slug, at) for slug in ("here", "there") for at in (NOON, NOON + HOUR) if asked.run(slug=slug, at=at)]
    assert found == [("here", NOON), ("here", NOON + HOUR), ("there", NOON + HOUR)]


@pytest.mark.parametrize("text", ["", SLUG, "' OR ''='", "%s"])
def test_finds_nothing_for_another_text_nor_for_the_mark_itself(text: str) -> None:
    make_article("here")
    assert out().run(slug=text, at=NOON) == []


def test_is_written_once_at_its_first_run_and_asks_one_question_each_time() -> None:
    written: list[object] = []
    asked = Prepared(lambda: written.append(1) or Article.objects.filter(slug=SLUG).values_list("pk"), slug=SLUG)
    assert written == []
    story = make_article("here")
    with CaptureQueriesContext(connection) as queries:
        assert [asked.run(slug=slug) for slug in ("here", "there")] == [[(story.pk,)], []]
    assert (len(written), len(queries)) == (1, 2)


def test_day_is_a_value_like_any_other() -> None:
    story = make_article("here")
    day, mark = date(2026, 3, 1), date(1, 1, 1)
    StoryStep.objects.create(article=story, stage="court", date=day, text="In court")
    asked = Prepared(lambda: StoryStep.objects.filter(date=mark).values_list("date"), day=mark)
    assert [asked.run(day=when) for when in (day, mark)] == [[(day,)], []]


def test_numbers_that_always_stay_are_written_in_and_those_that_are_values_are_not() -> None:
    story = make_article("here", pinned=True)
    asked = Prepared(lambda: Article.objects.filter(pinned=True, pk=-7, slug=SLUG).values_list("pk"), pk=-7, slug=SLUG)
    with CaptureQueriesContext(connection) as queries:
        assert [asked.run(pk=pk, slug="here") for pk in (story.pk, 1_000_000)] == [[(story.pk,)], []]
    assert "-7" not in queries[0]["sql"]
    sql, bound, _ = asked._written
    assert "%s" not in sql.partition("pinned")[2].partition(" AND ")[0]
    assert sorted(str(name) for name, _ in bound) == ["pk", "slug"]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite's statements are planned anew, and quickly")
def test_is_planned_once_in_a_connection() -> None:
    def planned() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements")
            return [times for (times,) in cursor.fetchall()]

    make_article("here")
    asked = out()
    for slug in ("here", "there", "here", "nowhere"):
        asked.run(slug=slug, at=NOON)
    assert planned() == [4]
    for _ in range(2):
        list(Article.objects.published(at=NOON).filter(slug="here").values_list(*NAMES))
    assert planned() == [4]
    assert len(connection.connection._prepared._counts) == 0  # psycopg keeps no words of other statements
