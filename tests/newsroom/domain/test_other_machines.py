"""What one machine changes, the others learn by a number; what a public one cannot read is left to the desk's."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from newsroom.domain import changes, public_pages, request_rebuild, working_copies
from newsroom.models import WorkingCopy
from tests.newsroom.articles import make_article

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
type Commits = Callable[..., AbstractContextManager[object]]


def test_each_request_is_counted_where_machines_share_a_database(
    settings: Settings, django_capture_on_commit_callbacks: Commits
) -> None:
    shared = connection.vendor == "postgresql"
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            request_rebuild.request_rebuild()
    assert changes.number() == (2 if shared else 0)
    settings.SITE_ROLE = "public"
    with django_capture_on_commit_callbacks(execute=True):
        request_rebuild.request_rebuild()
    assert changes.number() == (2 if shared else 0), "a public machine may not write it"
    assert len(request_rebuild.waiting()) == 3


def test_a_count_that_cannot_be_written_undoes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*args: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(refuse):
        request_rebuild._count()
    assert "other machines could not be told of a change" in caplog.text


def test_scheduled_changes_are_the_business_of_the_desks_machine(settings: Settings) -> None:
    now = timezone.now()
    soon = now + timedelta(minutes=1)
    article = make_article(publish_at=now - timedelta(days=30))
    facts = {"changed_by": "ed", "changed_at": now, "made_from": 1, "publish_at": soon, "scheduled_by": "ed"}
    WorkingCopy.objects.create(article=article, **facts)
    assert public_pages.next_instant(at=now) == soon
    settings.SITE_ROLE = "public"
    assert public_pages.next_instant(at=now) != soon
    working_copies.publish_due(at=soon)
    assert WorkingCopy.objects.get().publish_at == soon, "nothing was tried"
