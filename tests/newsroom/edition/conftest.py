"""What tests of making an edition ask for: a small newsroom, and somebody who builds."""

from collections.abc import Callable

import pytest

from newsroom.edition import storage
from newsroom.edition.storage import Manifest
from tests.newsroom.edition.standin import Newsroom, town


@pytest.fixture
def room() -> Newsroom:
    return town()


@pytest.fixture
def make(room: Newsroom) -> Callable[..., Manifest]:
    """Return a function that builds what is due, and forgets what was rendered before."""

    def once(*, everything: bool = False) -> Manifest:
        room.asked.clear()
        made = room.builder().build(everything=everything)
        storage.clear()
        return made

    return once
