"""What one machine changes, the others learn by a number."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import DatabaseError

from newsroom.domain import changes, request_rebuild
from newsroom.models import Article, ChangeCount
from tests.newsroom.articles import make_article

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
type Commits = Callable[..., AbstractContextManager[object]]


def test_each_change_is_counted_and_whoever_saw_one_learns_what_came_after(
    django_capture_on_commit_callbacks,
):
    assert changes.since(0) == (0, set(), False)
    numbers = [0]
    for articles in ([7], [8, 9], [], None):
        with django_capture_on_commit_callbacks(execute=True):
            request_rebuild.request_rebuild(articles=articles)
        numbers.append(changes.number())
    assert numbers == sorted(set(numbers))
    last = numbers[-1]
    assert [changes.since(number) for number in numbers] == [
        (last, {7, 8, 9}, True),
        (last, {8, 9}, True),
        (last, set(), True),
        (last, set(), True),
        (last, set(), False),
    ]
    assert changes.since(numbers[1] - 1) == (last, set(), True), (
        "of an unknown number nothing is known"
    )


def test_a_public_machine_counts_nothing_and_renders_every_page_of_its_own(
    settings, django_capture_on_commit_callbacks
):
    settings.SITE_ROLE = "public"
    before = request_rebuild.requested_here()
    with django_capture_on_commit_callbacks(execute=True):
        request_rebuild.request_rebuild(articles=[])
    assert (before, changes.number()) == (0.0, 0)
    assert request_rebuild.requested_here() > 0.0


def test_a_count_that_cannot_be_written_undoes_nothing(
    monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(*args):
        raise DatabaseError

    with django_capture_on_commit_callbacks(execute=True):
        make_article()
        request_rebuild.request_rebuild()
        monkeypatch.setattr(ChangeCount, "save", refuse)
    assert Article.objects.count() == 1
    assert changes.number() == 0
