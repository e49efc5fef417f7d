"""The thread that keeps a process current, one look at a time."""

import logging
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from newsroom.domain import failing_since, last_asked, request_rebuild
from newsroom.edition import storage, watch
from newsroom.edition.watch import Watcher
from tests.newsroom.edition.asking import ask
from tests.newsroom.edition.standin import Newsroom, town


@pytest.fixture
def room() -> Newsroom:
    return town()


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


def number(watcher: Watcher) -> int:
    assert watcher.layer.edition is not None
    return watcher.layer.edition.manifest.number


def test_the_first_look_makes_an_edition_and_the_next_nothing(watcher: Watcher, room: Newsroom) -> None:
    watcher.check()
    assert room.asked == []
    assert ask(watcher.layer, "/").body == b"front " * 100


def test_a_request_is_noticed(watcher: Watcher, room: Newsroom) -> None:
    first = number(watcher)
    room.put("/", "new front")
    watcher.check()
    assert number(watcher) == first
    room.request()
    watcher.check()
    assert number(watcher) > first
    assert ask(watcher.layer, "/").body == b"new front"


def test_the_next_instant_makes_an_edition_and_not_before(
    watcher: Watcher, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.next = datetime.now(UTC) + timedelta(hours=1)
    room.request()
    watcher.check()
    first = number(watcher)
    instant = room.next.timestamp()
    room.put("/news/scheduled/", "at last")
    room.next = None
    monkeypatch.setattr(time, "time", lambda: instant - 0.001)
    watcher.check()
    assert number(watcher) == first
    monkeypatch.setattr(time, "time", lambda: instant)
    watcher.check()
    assert number(watcher) > first
    assert ask(watcher.layer, "/news/scheduled/").body == b"at last"


def sharing(watcher: Watcher, room: Newsroom) -> Watcher:
    """Let a watcher ask at every check, as on a PostgreSQL that other machines write."""
    watcher._shared, watcher._interval = True, 0.0
    return watcher


def test_what_another_machine_changed_is_found_by_asking_for_one_number(watcher: Watcher, room: Newsroom) -> None:
    sharing(watcher, room).check()
    room.put("/news/a-story/", "changed elsewhere")
    room.revisions.append("/news/a-story/")
    watcher.check()
    assert ask(watcher.layer, "/news/a-story/").body == b"a story " * 100, "nothing is looked for before it is counted"
    room.counted += 1
    watcher.check()
    assert ask(watcher.layer, "/news/a-story/").body == b"changed elsewhere"
    room.asked.clear()
    watcher.check()
    assert room.asked == []


def test_what_nobody_counted_is_found_within_a_minute(
    watcher: Watcher, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing(watcher, room).check()
    room.put("/news/a-story/", "changed elsewhere")
    room.revisions.append("/news/a-story/")
    monkeypatch.setattr(watch, "FULL_INTERVAL", 0.0)
    watcher.check()
    assert ask(watcher.layer, "/news/a-story/").body == b"changed elsewhere"


def test_a_change_is_asked_for_until_it_is_shown(watcher: Watcher, room: Newsroom) -> None:
    sharing(watcher, room).check()
    room.put("/news/a-story/", "changed elsewhere")
    room.revisions.append("/news/a-story/")
    room.counted = 7
    with storage.build_lock(wait=True):
        watcher.check()
    asked = last_asked.read()
    assert asked is not None
    assert asked.number == 0, "the pages do not show it yet"
    for _ in range(2):
        watcher.check()
    asked = last_asked.read()
    assert ask(watcher.layer, "/news/a-story/").body == b"changed elsewhere"
    assert asked is not None
    assert asked.number == 7


def test_one_process_of_a_machine_asks_and_the_next_when_it_ends(watcher: Watcher, room: Newsroom) -> None:
    sharing(watcher, room).check()
    other = sharing(watch_over(room), room)
    other._last_look = time.monotonic()
    other.check()
    assert other._turn is None
    os.close(watcher._turn or -1)
    other.check()
    assert other._turn is not None


def test_it_is_written_when_a_machine_last_could_ask(watcher: Watcher, room: Newsroom) -> None:
    last_asked._path().unlink(missing_ok=True)
    assert last_asked.age() is None
    sharing(watcher, room).check()
    age = last_asked.age()
    assert age is not None
    assert age < 60
    written = (request_rebuild.folder() / ".asked").read_bytes()
    watcher.check()
    assert (request_rebuild.folder() / ".asked").read_bytes() == written, "not at every question"
    room.number = broken  # type: ignore[method-assign]
    watcher.check()
    assert ask(watcher.layer, "/").body == b"front " * 100, "a machine that cannot ask goes on serving"
    assert (request_rebuild.folder() / ".asked").read_bytes() == written


def broken() -> int:
    raise OperationalError("gone")


def test_newer_code_renders_every_page(watcher: Watcher, room: Newsroom) -> None:
    room.put("/news/a-story/", "with newer code")
    newer = watch_over(room)
    newer.builder.code = "newer"
    newer.check()
    assert ask(newer.layer, "/news/a-story/").body == b"with newer code"
    assert room.asked.count("/news/a-story/") == 1


def test_an_edition_that_another_process_made_is_taken_over(watcher: Watcher, room: Newsroom) -> None:
    other = watch_over(room)
    room.put("/", "by another")
    room.request()
    other.check()
    with storage.build_lock(wait=True):
        watcher.check()
    assert ask(watcher.layer, "/").body == b"by another"


def test_while_another_builds_this_one_goes_on_serving(watcher: Watcher, room: Newsroom) -> None:
    room.request()
    with storage.build_lock(wait=True):
        watcher.check()
    assert room.asked == []


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
    assert failing_since.age() is None
    began = time.time()
    monkeypatch.setattr(time, "time", lambda: began)
    room.dead = OperationalError()
    room.request()
    watcher.check()
    monkeypatch.setattr(time, "time", lambda: began + 301)
    watcher._not_before = 0.0
    watcher.check()
    assert failing_since.age() == 301, "the first failure counts"
    room.dead = None
    watcher._not_before = 0.0
    watcher.check()
    assert failing_since.age() is None


def test_what_only_one_process_could_not_do_is_forgotten_when_another_finds_the_pages_right(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_since.begin()
    watcher.check()
    assert failing_since.age() is not None, "the control: it has not looked"
    monkeypatch.setattr(watch, "FULL_INTERVAL", 0.0)
    watcher._interval = 0.0
    watcher.check()
    assert failing_since.age() is None


def test_a_look_that_fails_at_one_row_takes_away_what_another_machine_withdrew(
    watcher: Watcher, room: Newsroom
) -> None:
    sharing(watcher, room).check()
    room.dead, room.dead_at_one_row, room.counted = OperationalError(), True, 7
    room.withdraw("/news/a-story/")
    watcher.check()
    answer = ask(watcher.layer, "/news/a-story/")
    assert (answer.status, b"a story" in answer.body) == (410, False)
    assert failing_since.age() is not None


def test_the_wait_after_failures_grows_to_its_most(
    watcher: Watcher, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.dead = OperationalError()
    room.request()
    clock = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    waits = []
    for _ in range(7):
        watcher.check()
        waits.append(watcher._retry_after)
        clock[0] += watcher._retry_after + 0.001
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_the_thread_keeps_a_process_current_by_itself(room: Newsroom, transactional_db: None) -> None:
    watcher = watch_over(room).start()
    until = time.monotonic() + 10
    while watcher.layer.edition is None and time.monotonic() < until:
        time.sleep(0.01)
    room.put("/", "published")
    request_rebuild.request_rebuild()
    while ask(watcher.layer, "/").body != b"published" and time.monotonic() < until:
        time.sleep(0.01)
    assert ask(watcher.layer, "/").body == b"published"
    watcher.stop()
