"""The thread that keeps a process current, one look at a time."""

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from newsroom.domain import failing_since, request_rebuild
from newsroom.edition import storage, watch
from newsroom.edition.watch import Watcher
from tests.newsroom.edition.asking import ask
from tests.newsroom.edition.standin import Newsroom

STORY, BEFORE, ELSEWHERE = "/news/a-story/", b"a story " * 100, b"changed elsewhere"


def watch_over(room: Newsroom) -> Watcher:
    return Watcher(room, room, room)


@pytest.fixture
def watcher(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Watcher:
    """Return a watcher that has made the first edition; it asks the database only when a test says so."""
    monkeypatch.setattr(watch, "QUERY_INTERVAL", 3600.0)
    monkeypatch.setattr(watch, "FULL_INTERVAL", 3600.0)
    watcher = watch_over(room)
    for _ in range(2):
        watcher.check()
    assert watcher.layer.edition is not None
    room.asked.clear()
    return watcher


@pytest.fixture
def sharing(watcher: Watcher) -> Watcher:
    """Return a watcher that asks at every check, as on a PostgreSQL that other machines write."""
    watcher._shared, watcher._interval = True, 0.0
    watcher.check()
    return watcher


def change_elsewhere(room: Newsroom) -> None:
    room.put(STORY, ELSEWHERE.decode())
    room.revisions.append(STORY)


def test_a_request_is_noticed_and_nothing_is_made_without_one(watcher: Watcher, room: Newsroom) -> None:
    watcher.check()
    assert room.asked == []
    room.put("/", "new front")
    watcher.check()
    assert ask(watcher.layer, "/").body == b"front " * 100
    room.request()
    watcher.check()
    assert ask(watcher.layer, "/").body == b"new front"


def test_the_next_instant_makes_an_edition_and_not_before(
    watcher: Watcher, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.next = datetime.now(UTC) + timedelta(hours=1)
    room.request()
    watcher.check()
    instant = room.next.timestamp()
    room.put("/news/scheduled/", "at last")
    room.next = None
    monkeypatch.setattr(time, "time", lambda: instant - 0.001)
    watcher.check()
    assert not ask(watcher.layer, "/news/scheduled/").from_edition
    monkeypatch.setattr(time, "time", lambda: instant)
    watcher.check()
    assert ask(watcher.layer, "/news/scheduled/").from_edition


def test_what_another_machine_changed_is_found_by_asking_for_one_number(sharing: Watcher, room: Newsroom) -> None:
    change_elsewhere(room)
    sharing.check()
    assert ask(sharing.layer, STORY).body == BEFORE, "nothing is looked for before it is counted"
    room.counted += 1
    sharing.check()
    assert ask(sharing.layer, STORY).body == ELSEWHERE
    room.asked.clear()
    sharing.check()
    assert room.asked == []


def test_an_edition_that_another_process_makes_is_taken_over(watcher: Watcher, room: Newsroom) -> None:
    room.put("/", "by another")
    room.request()
    with storage.build_lock(wait=True):
        watcher.check()
        assert room.asked == [], "while another builds this one goes on serving"
    watch_over(room).check()
    with storage.build_lock(wait=True):
        watcher.check()
    assert ask(watcher.layer, "/").body == b"by another"


def test_without_a_database_it_tries_again_later_and_says_so_without_a_word_of_content(
    watcher: Watcher, room: Newsroom, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.dead = OperationalError("secret")
    room.request()
    with caplog.at_level(logging.WARNING, "newsroom.edition.watch"):
        for _ in range(5):
            watcher.check()
    assert [record.getMessage() for record in caplog.records] == [
        "no new edition could be made; the one before goes on"
    ]
    assert ask(watcher.layer, "/").body == b"front " * 100
    room.dead = None
    room.put("/", "back again")
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + watch.RETRY[0] + 0.1)
    watcher.check()
    assert ask(watcher.layer, "/").body == b"back again"


def test_it_is_known_since_when_no_edition_could_be_made(
    watcher: Watcher, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    room.dead = OperationalError()
    room.request()
    for later in (0, 301):
        monkeypatch.setattr(time, "time", lambda later=later: began + later)
        watcher._not_before = 0.0
        watcher.check()
    assert failing_since.age() == 301, "the first failure counts"
    room.dead = None
    watcher._not_before = 0.0
    watcher.check()
    assert failing_since.age() is None


def test_a_look_that_fails_at_one_row_takes_away_what_another_machine_withdrew(
    sharing: Watcher, room: Newsroom
) -> None:
    room.dead, room.dead_at_one_row, room.counted = OperationalError(), True, 7
    room.withdraw(STORY)
    sharing.check()
    answer = ask(sharing.layer, STORY)
    assert (answer.status, b"a story" in answer.body) == (410, False)
    assert failing_since.age() is not None


def test_the_thread_keeps_a_process_current_by_itself(room: Newsroom, transactional_db: None) -> None:
    watcher = watch_over(room).start()
    until = time.monotonic() + 60
    while watcher.layer.edition is None and time.monotonic() < until:
        time.sleep(0.01)
    room.put("/", "published")
    request_rebuild.request_rebuild()
    while ask(watcher.layer, "/").body != b"published" and time.monotonic() < until:
        time.sleep(0.01)
    assert ask(watcher.layer, "/").body == b"published"
    watcher.stop()
