"""Statements that do not wait for each other: all is done at the end, or nothing."""

import pytest
from django.db import IntegrityError, connection, transaction

from config.ahead import ahead
from newsroom.models import Topic

pytestmark = pytest.mark.django_db


def test_all_is_done_in_its_order_and_read_inside() -> None:
    with transaction.atomic(), ahead():
        Topic.objects.bulk_create([Topic(name="One", slug="one"), Topic(name="Two", slug="two")])
        Topic.objects.filter(slug="one").update(name="First")
        assert sorted(Topic.objects.values_list("name", flat=True)) == ["First", "Two"]
        Topic.objects.filter(slug="two").delete()
    assert [topic.name for topic in Topic.objects.all()] == ["First"]


def test_what_goes_wrong_is_raised_as_the_orm_raises_it_and_undoes_all() -> None:
    def change() -> None:
        with transaction.atomic(), ahead():
            Topic.objects.filter(slug="one").update(name="First")
            Topic.objects.bulk_create([Topic(name="Another", slug="one")])
            Topic.objects.filter(slug="one").update(name="Never")

    Topic.objects.create(name="One", slug="one")
    with pytest.raises(IntegrityError):
        change()
    assert [topic.name for topic in Topic.objects.all()] == ["One"]


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite works in Python's own process")
def test_nothing_waits_for_a_statement_that_takes_long() -> None:
    with transaction.atomic(), connection.cursor() as slow, connection.cursor() as quick:
        slow.execute("SELECT pg_sleep(0.1)")
        assert slow.pgresult
        with ahead():
            slow.execute("SELECT pg_sleep(0.1)")
            quick.execute("SELECT 1")
            assert not slow.pgresult
            assert quick.fetchone() == (1,)
            assert slow.pgresult
