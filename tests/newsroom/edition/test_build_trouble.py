"""What happens when an edition cannot be made, or only in part, or when more is wanted meanwhile."""

import logging
from collections.abc import Callable

import pytest
from django.db import OperationalError

from newsroom.domain import request_rebuild
from newsroom.edition import storage
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
