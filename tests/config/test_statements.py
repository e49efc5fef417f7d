"""Many rows in one statement: each value in its place, whatever is in it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import statements
from newsroom.models import Topic

pytestmark = pytest.mark.django_db

SET = "UPDATE newsroom_topic SET name = new.column2 FROM (VALUES {rows}) AS new WHERE newsroom_topic.id = new.column1"


def test_every_row_gets_what_is_meant_for_it_in_one_statement() -> None:
    named = {"one": "%s", "two": "{rows}", "three": "'; --"}
    topics = [Topic.objects.create(name=slug, slug=slug) for slug in named]
    with CaptureQueriesContext(connection) as queries:
        statements.run_with([(topic.pk, named[topic.slug]) for topic in topics], SET)
    assert dict(Topic.objects.values_list("slug", "name")) == named
    assert len(queries) == 1


def test_no_rows_ask_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        statements.run_with([], SET)
    assert len(queries) == 0
