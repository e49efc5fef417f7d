"""With the real server: what an editor does is soon in every process, a scheduled instant is, and nothing is early."""

from collections.abc import Iterator

import pytest

from tests.system.harness import home as homes
from tests.system.harness.home import Home
from tests.system.harness.server import Server
from tests.system.servers.doors import Door, Editor, everywhere, status, until


@pytest.fixture(scope="module")
def home(prepared: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with homes.copied(prepared, tmp_path_factory.mktemp("switch") / "home") as home:
        yield home


@pytest.fixture(scope="module")
def editor(home: Home) -> Iterator[Editor]:
    with Editor(home) as editor:
        yield editor


@pytest.fixture(scope="module")
def door(home: Home) -> Iterator[Door]:
    """Serve with two processes, each with its edition."""
    with Server(home, WORKERS="2") as server:
        door = Door("wsgi", server.port)
        until(everywhere(door, "/", lambda said: said.from_edition), what="an edition")
        yield door


def test_publishing_correcting_and_withdrawing_come_everywhere_and_nothing_comes_back(
    editor: Editor, door: Door
) -> None:
    path = "/news/switch/"
    editor.act("publish", "switch")
    until(everywhere(door, path, lambda said: said.status == 200 and said.from_edition), what="the story")
    until(everywhere(door, "/", lambda said: path.encode() in said.body), what="the front page")
    editor.act("correct", "switch")
    until(everywhere(door, path, lambda said: b"It was a Wednesday." in said.body), what="the correction")
    editor.act("withdraw", "switch")
    until(everywhere(door, path, status(410)), what="the tombstone")
    editor.act("publish", "after")
    until(everywhere(door, "/news/after/", lambda said: said.from_edition), what="the next")
    assert everywhere(door, path, status(410))()
    assert path.encode() not in door.ask("/").body
