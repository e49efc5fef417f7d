"""What happens when an edition cannot be made, or only in part, or when more is wanted meanwhile."""

import logging
from collections.abc import Callable

import pytest
from django.db import OperationalError

from newsroom.domain import request_rebuild
from newsroom.edition import build, storage
from newsroom.edition.build import Builder
from newsroom.edition.storage import Manifest
from tests.newsroom.edition.standin import Newsroom, folder


def test_one_broken_page_is_left_out_and_the_rest_appear(
    make: Callable[..., Manifest], room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    room.answers["/news/a-story/"] = 500, {}
    with caplog.at_level(logging.ERROR, "newsroom.edition.build"):
        made = make()
    assert "/news/a-story/" not in made.pages
    assert [record.getMessage() for record in caplog.records] == [
        "a public page is left out of the edition: it answered 500"
    ]
    del room.answers["/news/a-story/"]
    assert "/news/a-story/" in make().pages


def test_without_a_database_the_edition_before_goes_on(make: Callable[..., Manifest], room: Newsroom) -> None:
    first = make()
    room.dead = OperationalError()
    with pytest.raises(OperationalError):
        make()
    assert storage.current() == first


def withdrawn_beside_an_unreadable_row(make: Callable[..., Manifest], room: Newsroom) -> Manifest:
    """Withdraw a story while a row cannot be read without which no edition can be made."""
    make()
    room.dead, room.dead_at_one_row = OperationalError(), True
    room.withdraw("/news/a-story/")
    room.request("/news/a-story/")
    with pytest.raises(OperationalError):
        make()
    manifest = storage.current()
    assert manifest is not None
    return manifest


def test_no_row_that_cannot_be_read_keeps_a_withdrawn_story_up(make: Callable[..., Manifest], room: Newsroom) -> None:
    manifest = withdrawn_beside_an_unreadable_row(make, room)
    assert ("/news/a-story/" in manifest.pages, "/news/a-story/" in manifest.gone) == (False, True)
    assert not (folder() / "pages/news/a-story.html").exists()


def test_control_without_the_first_look_it_would_stay(
    make: Callable[..., Manifest], room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Builder, "_retracted", lambda self, before, *, at: before)
    assert "/news/a-story/" in withdrawn_beside_an_unreadable_row(make, room).pages
    assert (folder() / "pages/news/a-story.html").exists()


def test_a_database_that_dies_in_the_middle_empties_no_edition(make: Callable[..., Manifest], room: Newsroom) -> None:
    first = make()

    def dies(address: str) -> None:
        room.dead = OperationalError()
        room.answers |= {one: (500, {}) for one in room.pages}

    room.while_rendering = dies
    with pytest.raises(OperationalError):
        make(everything=True)
    assert storage.current() == first
    assert list(request_rebuild.folder().glob(".building*")) == []


def test_a_build_begins_anew_when_something_newer_is_asked(room: Newsroom) -> None:
    for number in range(build.CHECK_EVERY):
        room.put(f"/news/story-{number}/", "text")

    def withdraw(address: str) -> None:
        if address == "/news/story-3/":
            room.while_rendering = lambda address: None
            room.withdraw("/news/story-1/")
            room.put("/news/story-2/", "corrected")
            room.request("/news/story-1/", "/news/story-2/")

    room.while_rendering = withdraw
    made = room.builder().build()
    assert request_rebuild.waiting() == frozenset()
    assert "/news/story-1/" in made.gone
    assert not (folder() / "pages/news/story-1.html").exists()
    assert (folder() / "pages/news/story-2.html").read_text() == "corrected"


def test_a_build_begins_anew_when_another_machine_changed_something(
    room: Newsroom, make: Callable[..., Manifest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A withdrawal elsewhere leaves no request here."""
    monkeypatch.setattr(build, "QUERY_INTERVAL", 0.0)
    make()

    def withdraw(address: str) -> None:
        room.while_rendering = lambda address: None
        room.withdraw("/news/a-story/")
        room.revisions.append("/news/a-story/")

    room.while_rendering = withdraw
    made = make(everything=True)
    assert "/news/a-story/" in made.gone
    assert not (folder() / "pages/news/a-story.html").exists()
    assert not room.builder().is_due(made)


def test_an_article_that_is_asked_for_goes_before_every_page(room: Newsroom, make: Callable[..., Manifest]) -> None:
    """While every page is rendered, a withdrawal is in its own edition first, and then all pages in the next."""
    for number in range(build.CHECK_EVERY):
        room.put(f"/news/story-{number}/", "text")
    first = make()
    switched: list[int] = []

    def withdraw(address: str) -> None:
        if address == "/news/story-3/":
            room.while_rendering = lambda address: None
            room.withdraw("/news/story-1/")
            room.request("/news/story-1/")

    def note() -> None:
        manifest = storage.current()
        assert manifest is not None
        switched.append(room.asked.count("/news/story-0/"))
        assert "/news/story-1/" in manifest.gone

    room.while_rendering = withdraw
    room.put("/news/story-0/", "no request named this")
    room.request()
    room.asked.clear()
    made = Builder(room, room, room, switched=note).build()
    assert switched == [1, 1, 2]  # the tombstone, the quick edition, and the whole one
    assert made.number > first.number
    assert (folder() / "pages/news/story-0.html").read_text() == "no request named this"
    assert request_rebuild.waiting() == frozenset()
