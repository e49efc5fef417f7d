"""What happens when an edition cannot be made, or only in part, or when more is wanted meanwhile."""

import logging
from collections.abc import Callable

import pytest
from django.db import OperationalError

from newsroom.domain import request_rebuild
from newsroom.edition import build, storage
from newsroom.edition.build import BuildFailed
from newsroom.edition.storage import Manifest
from tests.newsroom.edition.standin import Newsroom, folder

type Make = Callable[..., Manifest]


def test_one_broken_page_is_left_out_and_the_rest_appear(
    make: Make, room: Newsroom, caplog: pytest.LogCaptureFixture
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


def test_a_withdrawn_page_goes_even_when_no_edition_can_be_made(make: Make, room: Newsroom) -> None:
    make()
    room.withdraw("/news/a-story/")
    room.answers["/"] = 500, {}
    with pytest.raises(BuildFailed):
        make()
    made = storage.current()
    assert made is not None
    assert ("/news/a-story/" in made.gone, "/news/a-story/" in made.pages) == (True, False)
    assert list((folder() / "pages").rglob("*a-story*")) == []
    assert "This story was withdrawn." in (folder() / "gone/news/a-story.html").read_text()
    assert (folder() / "pages/index.html").read_text() == "front " * 100


def test_a_database_that_dies_in_the_middle_empties_no_edition(make: Make, room: Newsroom) -> None:
    first = make()

    def dies(address: str) -> None:
        room.dead = OperationalError()
        room.answers |= {one: (500, {}) for one in room.pages}

    room.while_rendering = dies
    for _ in range(2):  # and then it is dead from the beginning
        with pytest.raises(OperationalError):
            make(everything=True)
        assert storage.current() == first
    assert list(request_rebuild.folder().glob(".building*")) == []


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_build_begins_anew_when_something_newer_is_asked_or_was_changed_elsewhere(
    room: Newsroom, make: Make, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    """What another machine withdraws leaves no request here."""
    monkeypatch.setattr(build, "QUERY_INTERVAL", 0.0)
    stories = [f"/news/story-{number}/" for number in range(build.CHECK_EVERY)]
    for path in stories:
        room.put(path, "text")
    make()

    def withdraw(address: str) -> None:
        if address == stories[3]:
            room.while_rendering = lambda address: None
            room.withdraw(stories[1])
            room.put(stories[2], "corrected")
            if elsewhere:
                room.revisions += stories[1:3]
            else:
                room.request(*stories[1:3])

    room.while_rendering = withdraw
    made = make(everything=True)
    assert request_rebuild.waiting() == frozenset()
    assert stories[1] in made.gone
    assert not (folder() / "pages/news/story-1.html").exists()
    assert (folder() / "pages/news/story-2.html").read_text() == "corrected"
    assert not room.builder().is_due(made)
