"""What happens when an edition cannot be made, or only in part, or when more is wanted meanwhile."""

import logging
from collections.abc import Callable

import pytest
from django.db import OperationalError

from newsroom.domain import outdated
from newsroom.edition import build, shelf
from newsroom.edition.build import Builder
from newsroom.edition.manifest import Manifest
from tests.newsroom.edition.standin import LATER, Newsroom, folder


def test_one_broken_page_is_left_out_and_the_rest_appear(
    make: Callable[..., Manifest | None], room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    room.answers["/news/a-story/"] = 500, {}
    with caplog.at_level(logging.ERROR, "newsroom.edition.build"):
        made = make()
    assert made is not None
    assert list(made.left) == ["/news/a-story/"]
    assert [record.getMessage() for record in caplog.records] == [
        "a public page is left out of the edition: it answered 500"
    ]
    assert make() is None
    del room.answers["/news/a-story/"]
    made = make(thorough=True)
    assert made is not None
    assert made.left == {}


def test_without_a_database_the_edition_before_goes_on(make: Callable[..., Manifest | None], room: Newsroom) -> None:
    first = make()
    room.dead = OperationalError()
    with pytest.raises(OperationalError):
        make()
    assert shelf.current() == first


def test_a_database_that_dies_in_the_middle_empties_no_edition(
    make: Callable[..., Manifest | None], room: Newsroom
) -> None:
    first = make()

    def dies(address: str) -> None:
        room.dead = OperationalError()
        room.answers |= {one: (500, {}) for one in room.pages}

    room.while_rendering = dies
    with pytest.raises(OperationalError):
        make(thorough=True)
    assert shelf.current() == first
    assert list(outdated.folder().glob(".building*")) == []


def test_what_is_wanted_while_a_long_build_runs_is_in_it(
    room: Newsroom, db: None, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    for number in range(build.LOOK_EVERY):
        room.put(f"/news/story-{number}/", "text")

    def withdraw(address: str) -> None:
        if address == "/news/story-3/":
            room.while_rendering = lambda address: None
            room.withdraw("/news/story-1/")
            room.put("/news/story-2/", "corrected", changed=LATER)
            with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
                outdated.touch()

    room.while_rendering = withdraw
    made = Builder(room, room).build()
    assert made is not None
    assert made.wanted == outdated.token()
    assert "/news/story-1/" in made.gone
    assert not (folder() / "pages/news/story-1.html").exists()
    assert (folder() / "pages/news/story-2.html").read_text() == "corrected"
    assert room.asked.count("/news/story-0/") == 1
