"""At night every page is asked for, once, and nobody's tip waits while they are rendered."""

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from newsroom.domain import request_rebuild
from newsroom.edition import storage
from newsroom.edition.storage import Manifest
from reports.domain import intake, maintenance
from reports.domain.intake import outbox
from reports.models import Tip
from reports.sealing import receipts
from tests.newsroom.edition.standin import Newsroom, town

NIGHT = timezone.make_aware(datetime(2026, 11, 26, 3, 0))  # noqa: DTZ001 - made aware here


def tend_at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run maintenance at an instant, and return how many requests wait."""
    monkeypatch.setattr(timezone, "now", lambda: moment)
    list(maintenance.run_all())
    return sum(articles is None for articles in request_rebuild.pending().values())


def test_every_page_is_asked_for_once_a_night(phrase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tend_at(NIGHT - timedelta(days=1), monkeypatch)
    request_rebuild.answer(request_rebuild.waiting())
    minutes = [timedelta(minutes=-1), timedelta(), timedelta(minutes=1), timedelta(hours=9), timedelta(days=1)]
    assert [tend_at(NIGHT + after, monkeypatch) for after in minutes] == [0, 1, 1, 1, 2]


def test_an_arrival_is_drained_while_every_page_is_rendered(phrase: str) -> None:
    """Maintenance runs while a builder is in the middle of its work and holds the lock."""
    room, drained = town(), []

    def tend(address: str) -> None:
        room.while_rendering = lambda address: None
        intake.accept(token=receipts.new_token(), answers={"what": "A van."})
        call_command("tend")
        drained.append((Tip.objects.count(), len(outbox.waiting())))

    made = built(room)
    room.while_rendering = tend
    room.request()
    assert (built(room).pages, drained) == (made.pages, [(1, 0)])


def built(room: Newsroom) -> Manifest:
    with storage.build_lock(wait=True):
        return room.builder().build()
