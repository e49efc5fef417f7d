"""The thread that keeps a process current, one look at a time."""

import itertools
import logging
import os
import time

import pytest
from django.db import OperationalError, connections

from newsroom.domain import changes, last_asked, request_rebuild
from newsroom.edition import build, storage, watch
from newsroom.edition.watch import Watcher
from newsroom.models import Article
from tests.newsroom.articles import NOON, make_article
from tests.newsroom.edition.asking import ask

STORY = "/news/a-story/"


@pytest.fixture
def clock(monkeypatch):
    """Return a function that sets the watcher's clock on."""
    now = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def later(seconds):
        now[0] += seconds

    return later


@pytest.fixture
def watcher(application, clock, monkeypatch):
    """Return a watcher that has made the first edition."""
    monkeypatch.setattr(
        connections, "close_all", lambda: None
    )  # the test's own connection has its rows
    make_article()
    watcher = Watcher(application, after_build=lambda: None)
    watcher.check()
    application.asked.clear()
    return watcher


def change(headline):
    Article.objects.update(headline=headline)
    changes.count(articles=Article.objects.values_list("pk", flat=True))


def test_a_change_is_asked_for_at_intervals_and_nothing_is_made_without_one(
    watcher, application, clock
):
    clock(watch.INTERVAL)
    watcher.check()
    assert application.asked == []
    change("Zebrafinch")
    watcher.check()
    assert b"Zebrafinch" not in ask(watcher.layer, STORY).body
    clock(watch.INTERVAL)
    watcher.check()
    said = ask(watcher.layer, STORY)
    assert (said.from_edition, b"Zebrafinch" in said.body) == (True, True)


def test_what_follows_a_build_follows_each_and_nothing_else(watcher, clock):
    followed = list[bool]()
    watcher.after_build = lambda: followed.append(b"Zebrafinch" in ask(watcher.layer, STORY).body)
    clock(watch.INTERVAL)
    watcher.check()
    assert followed == [], "nothing has changed"
    change("Zebrafinch")
    clock(watch.INTERVAL)
    watcher.check()
    assert followed == [True]


def test_an_edition_that_another_process_makes_is_taken_over(watcher, application, clock):
    change("Zebrafinch")
    clock(watch.INTERVAL)
    with storage.build_lock(wait=True):
        watcher.check()
        assert application.asked == [], "while another builds this one goes on serving"
    Watcher(application, after_build=lambda: None).check()
    watcher.check()
    assert b"Zebrafinch" in ask(watcher.layer, STORY).body


def test_after_each_failure_it_waits_longer_and_it_is_known_since_when(
    watcher,
    clock,
    caplog,
    monkeypatch,
):
    tried, noted = [], request_rebuild.folder() / ".asked"

    def dead(before):
        tried.append(time.monotonic())
        raise OperationalError("secret")

    change("Zebrafinch")
    with (
        monkeypatch.context() as patched,
        caplog.at_level(logging.WARNING, "newsroom.edition.watch"),
    ):
        patched.setattr(build.changes, "since", dead)
        for _ in range(2000):
            clock(watch.PAUSE)
            watcher.check()
            if len(tried) == 1:
                os.utime(noted, (1, 1))
    waits = [after - before for before, after in itertools.pairwise(tried)]
    assert waits[:5] == pytest.approx([1, 2, 4, 8, 16], abs=0.1)
    assert max(waits) <= watch.RETRY[1] + 2 * watch.PAUSE
    said = "no new edition could be made; the one before goes on"
    assert {record.getMessage() for record in caplog.records} == {said}
    assert ask(watcher.layer, STORY).from_edition
    assert last_asked.age() == pytest.approx(time.time(), abs=3600), (
        "no later failure hides the first"
    )
    for _ in range(2):
        clock(watch.RETRY[1])
        watcher.check()
    assert b"Zebrafinch" in ask(watcher.layer, STORY).body
    assert noted.stat().st_mtime > 1


def test_a_withdrawn_story_that_nobody_counted_is_gone_within_a_minute(watcher, clock):
    Article.objects.update(status="withdrawn", withdrawn_at=NOON)
    clock(watch.LOOK)
    watcher.check()
    watcher.check()
    assert ask(watcher.layer, STORY).status == 410
