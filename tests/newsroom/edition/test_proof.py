"""Rendering every page again, aside, while quick editions go on."""

import os
import shutil
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsroom.domain import outdated
from newsroom.edition import build, proof, shelf
from newsroom.edition.build import Builder
from newsroom.edition.manifest import Manifest
from tests.newsroom.edition.standin import LATER, Newsroom, folder

type Make = Callable[..., Manifest | None]


def during(room: Newsroom, address: str, act: Callable[[], object]) -> Manifest | None:
    """Prove; at the first rendering of an address, the act is done, and a quick edition made of it."""

    def once(asked: str) -> None:
        if asked == address:
            room.while_rendering = lambda _: None
            act()
            outdated._write()
            with shelf.turn(wait=False) as had:
                assert had
                Builder(room, room).build()
            shelf.clear()

    room.while_rendering = once
    return proof.prove(Builder(room, room), code="code")


def test_it_finds_what_no_surface_told(make: Make, room: Newsroom) -> None:
    make()
    room.put("/news/a-story/", "its topic has another name")
    assert make() is None
    made = make(thorough=True)
    assert made is not None
    assert (folder() / "pages/news/a-story.html").read_text() == "its topic has another name"
    assert make(thorough=True) is None
    assert shelf.current() == made


def test_an_edition_that_is_right_stays_and_is_noted(make: Make, room: Newsroom) -> None:
    first = make()
    assert first is not None
    assert proof.due(number=first.number, code="code")
    assert make(thorough=True) is None
    assert set(room.asked) == room.pages.keys()
    assert not proof.due(number=first.number, code="code")


def test_a_story_scheduled_meanwhile_is_not_answered_for_by_pages_that_are_all_the_same(
    make: Make, room: Newsroom
) -> None:
    make()
    due = datetime.now(UTC) + timedelta(hours=1)

    def schedule(address: str) -> None:
        if address == "/":
            room.next = due
            outdated._write()

    room.while_rendering = schedule
    assert proof.prove(Builder(room, room), code="code") is not None
    current = shelf.current()
    assert current is not None
    assert (current.wanted, current.next) == (outdated.token(), due.timestamp())


def test_it_stops_when_nobody_waits_for_it_and_leaves_no_trace(room: Newsroom) -> None:
    for number in range(build.LOOK_EVERY):
        room.put(f"/news/story-{number}/", "text")
    first = Builder(room, room).build()
    room.put("/", "changed without a word")
    with pytest.raises(proof.Stopped):
        proof.prove(Builder(room, room), code="code", stop=lambda: True)
    assert shelf.current() == first
    assert sorted(path.name for path in outdated.folder().glob(".[bp]*ing-*")) == []


def test_a_page_that_changed_meanwhile_stays_as_the_quick_edition_has_it(make: Make, room: Newsroom) -> None:
    make()
    room.put("/robots.txt", "no surface told of this", kind="text/plain")
    made = during(room, "/robots.txt", lambda: room.put("/", "corrected", changed=LATER))
    assert made is not None
    assert (folder() / "pages/index.html").read_text() == "corrected"
    assert (folder() / "pages/robots.txt").read_text() == "no surface told of this"
    assert shelf.current() == made


def test_a_story_withdrawn_meanwhile_never_comes_back(make: Make, room: Newsroom) -> None:
    room.redirects.clear()
    make()
    room.put("/robots.txt", "no surface told of this", kind="text/plain")
    made = during(room, "/robots.txt", lambda: room.withdraw("/news/a-story/"))
    assert made is not None
    assert "/news/a-story/" in made.gone
    assert not (folder() / "pages/news/a-story.html").exists()
    assert (folder() / "gone/news/a-story.html").read_text() == "withdrawn: /news/a-story/"


def test_what_no_surface_tells_of_is_asked_again_at_the_end(make: Make, room: Newsroom) -> None:
    room.put("/outcomes/", "five tips helped", changed=None)
    make()
    room.put("/robots.txt", "no surface told of this", kind="text/plain")
    room.put("/zzz/", "the last to be rendered")
    made = during(room, "/zzz/", lambda: room.put("/outcomes/", "nothing can be told", changed=None))
    assert made is not None
    assert (folder() / "pages/outcomes.html").read_text() == "nothing can be told"


def test_the_edition_from_which_it_began_may_be_cleared_away(make: Make, room: Newsroom) -> None:
    make()
    first = folder()
    room.put("/robots.txt", "no surface told of this", kind="text/plain")

    def act(address: str) -> None:
        if address == "/news/":
            shutil.rmtree(first)

    room.while_rendering = act
    made = proof.prove(Builder(room, room), code="code")
    assert made is not None
    assert made.pages.keys() == room.pages.keys()
    assert {path for path, entry in made.pages.items() if not (folder() / entry.file).exists()} == set()


def test_readers_and_quick_editions_go_before_it(room: Newsroom, make: Make) -> None:
    make()
    seen: dict[str, tuple[int, bool]] = {}

    def look(address: str) -> None:
        with shelf.turn(wait=False) as had:
            seen[address] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), had

    room.while_rendering = look
    proof.prove(Builder(room, room), code="code", behind=True)
    assert set(seen.values()) == {(proof.LEAST, True)}
    assert os.getpriority(os.PRIO_PROCESS, 0) < proof.LEAST


@pytest.mark.parametrize(
    ("age", "number", "code", "took", "wanted"),
    [
        (0.0, 1, "this", 0.0, False),
        (0.0, 1, "other", 9.0, True),  # newer code: at once
        (1.0, 2, "this", 0.1, True),  # a quick edition since, and a small newsroom
        (1.0, 2, "this", 100.0, False),  # a large one rests for four times as long as it took
        (401.0, 2, "this", 100.0, True),
        (proof.EVERY - 1, 1, "this", 1.0, False),
        (proof.EVERY + 1, 1, "this", 1.0, True),
        (proof.EVERY + 1, 1, "this", 300.0, False),
    ],
)
def test_it_is_due(age: float, number: int, code: str, took: float, wanted: bool) -> None:
    assert proof.due(number=1, code="this")
    proof.record(number=1, code="this", took=took)
    then = time.time() - age
    os.utime(outdated.folder() / proof.RECORD, (then, then))
    assert proof.due(number=number, code=code) is wanted


def test_one_goes_on_at_a_time_and_its_process_holds_the_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    with shelf.lock(proof.LOCK, wait=False):
        assert proof.begin("code") is None
    began = proof.begin("code")
    assert began is not None
    assert proof.begin("code") is None
    began.terminate()
    began.wait()
    with shelf.lock(proof.LOCK, wait=False) as lock:
        assert lock is not None
