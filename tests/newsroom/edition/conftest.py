"""What tests of making an edition ask for: a small newsroom, and somebody who builds."""

from collections.abc import Callable

import pytest

from newsroom.edition import proof, shelf
from newsroom.edition.build import Builder
from newsroom.edition.manifest import Manifest
from tests.newsroom.edition.standin import Newsroom, town


@pytest.fixture
def room() -> Newsroom:
    return town()


@pytest.fixture
def make(room: Newsroom) -> Callable[..., Manifest | None]:
    """Return a function that builds, or proves, and forgets what was asked for before."""

    def once(*, thorough: bool = False) -> Manifest | None:
        room.asked.clear()
        if thorough:
            return proof.prove(Builder(room, room), code="code")
        made = Builder(room, room).build()
        shelf.clear()
        return made

    return once
