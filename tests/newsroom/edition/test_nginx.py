"""What no edition holds reaches the application as it was asked for."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from newsroom.edition.storage import Manifest
from tests.newsroom.edition.machine import Door, nginx
from tests.newsroom.edition.standin import Newsroom
from tests.proofs.home import Home


class Echo(BaseHTTPRequestHandler):
    """Answers with the request's first line."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.requestline.rpartition(" ")[0].encode())

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door(room: Newsroom, make: Callable[..., Manifest], tmp_path: Path) -> Iterator[Door]:
    """Let nginx serve an edition, and something that echoes serve the rest."""
    make()
    (tmp_path / "state").symlink_to(settings.STATE_DIR)
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with nginx(Home(tmp_path), application=server.server_port) as door:
            yield door
        server.shutdown()


@pytest.mark.parametrize(
    "address", ["/news/not/", "/news/%C3%A9%20x/?a=b%20c&page=9", "/news/x.html", "/?page=7", "//news//a-story", "/.x/"]
)
def test_the_application_gets_the_address_as_the_reader_sent_it(door: Door, address: str) -> None:
    assert door.ask(address).body.decode() == f"GET {address}"


def test_what_is_sent_to_a_page_goes_to_the_application(door: Door) -> None:
    assert door.ask("/news/a-story/", method="POST").body == b"POST /news/a-story/"
    assert door.ask("/news/a-story/").body == b"a story " * 100
