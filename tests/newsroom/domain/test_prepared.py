from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import OuterRef
from django.test.utils import CaptureQueriesContext

from newsroom.domain.prepared import Prepared, Rows
from newsroom.models import Article, KeyFact
from tests.newsroom.stories import HOUR, NOON, make_article

pytestmark = pytest.mark.django_db

AT = datetime(1, 2, 3, tzinfo=UTC)


def statement() -> Prepared:
    """Return what asks for a story that is out, by its slug, with its figures."""
    facts = KeyFact.objects.filter(article=OuterRef("pk"))
    stories = Article.objects.published(at=AT).filter(slug="the-slug")
    marks = {"slug": "the-slug", "at": AT}
    return Prepared(stories, marks=marks, headline="headline", facts=Rows(facts, figure="figure"))


def test_values_take_the_place_of_their_marks() -> None:
    make_article("here", headline="Here")
    make_article("there", headline="There", publish_at=NOON + HOUR)
    asked = statement()
    assert asked.first(slug="here", at=NOON) == {"headline": "Here", "facts": []}
    assert asked.first(slug="there", at=NOON) is None
    assert asked.first(slug="there", at=NOON + HOUR) == {"headline": "There", "facts": []}
    assert asked.first(slug="the-slug", at=NOON) is None


def test_rows_come_in_the_order_of_their_queryset_with_any_text() -> None:
    article = make_article("here", headline='"{"')
    for order, figure in ((2, "%s"), (1, "Ł’\\"), (3, "null")):
        KeyFact.objects.create(article=article, figure=figure, text="of them", order=order)
    found = statement().first(slug="here", at=NOON)
    assert found == {"headline": '"{"', "facts": [{"figure": "Ł’\\"}, {"figure": "%s"}, {"figure": "null"}]}


def test_statement_is_written_once_and_asks_one_question_each_time() -> None:
    make_article("here")
    asked = statement()
    with CaptureQueriesContext(connection) as queries:
        for _ in range(2):
            assert asked.first(slug="here", at=NOON)
    assert len(queries) == 2
