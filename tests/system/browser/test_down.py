"""nginx and the application behind it: what a resident sees when it is down or busy, and what becomes of their text."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.system.browser.conftest import follow
from tests.system.harness import home as homes
from tests.system.harness.home import Home
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server
from tests.system.servers.doors import nginx

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.one_engine]

TEXT = "A blue van comes at nine and leaves before anybody is out."
LARGE = 40 * 1024**2  # bytes


@pytest.fixture
def home(prepared: Home, tmp_path: Path) -> Iterator[Home]:
    """Return a machine of this test's own."""
    with homes.copied(prepared, tmp_path / "home") as home:
        yield home


def sent(chromium: Browser, port: int) -> Page:
    """Return a page of a phone on which the form is filled in, before it is sent."""
    page = chromium.new_context(base_url=f"http://127.0.0.1:{port}", viewport={"width": 390, "height": 844}).new_page()
    page.goto("/report/")
    page.get_by_label("What do you know?").fill(TEXT)
    return page


def test_what_was_sent_while_the_application_was_down_goes_with_a_reload(chromium: Browser, home: Home) -> None:
    with Server(home) as server, nginx(home, application=server.port) as door:
        page = sent(chromium, door.port)
        server.kill()
        follow(page.get_by_role("button", name="Check what you wrote"))
        expect(page.get_by_role("heading", level=1)).to_have_text("This page cannot be shown now")
        expect(page.get_by_role("link", name="Exit this page")).to_be_visible()
        expect(page.get_by_text("should still be there")).to_have_count(0)
        assert page.evaluate("getComputedStyle(document.querySelector('.exit')).backgroundColor") == "rgb(11, 74, 122)"
        server.start()
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check what you wrote")
        expect(page.get_by_text(TEXT)).to_be_visible()
        page.context.close()


def test_control_the_back_button_brings_an_empty_form(chromium: Browser, home: Home) -> None:
    """This is why no page promises it: with no page kept whole, nothing else keeps what was typed."""
    with Server(home) as server, nginx(home, application=server.port) as door:
        page = sent(chromium, door.port)
        follow(page.get_by_role("button", name="Check what you wrote"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Check what you wrote")
        page.go_back()
        assert page.get_by_label("What do you know?").input_value() == ""
        page.context.close()


def test_too_many_at_once_are_told_to_reload(home: Home) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))  # an application that never answers
        door = stack.enter_context(nginx(home, application=silent.getsockname()[1]))
        for _ in range(3):
            waiting = stack.enter_context(socket.create_connection(("127.0.0.1", door.port)))
            waiting.sendall(b"POST /report/photos/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n")
        refused = Resident(door.port).post("/report/photos/", {"token": "x"})
    assert refused.status == 429
    assert "Please wait a minute" in refused.text
    assert "what you wrote goes with it" in refused.text
    assert "default-src 'none'" in refused.headers["content-security-policy"]
    assert refused.headers["cache-control"] == "no-store"


def test_pictures_of_any_size_are_answered_beside_the_words_and_fill_no_memory(home: Home) -> None:
    with Server(home, WORKERS="1") as server, nginx(home, application=server.port) as door:
        resident = Resident(door.port, timeout=60, headers={"Origin": "http://127.0.0.1"})  # nginx passes on no port
        form = resident.open_form()
        time.sleep(5.2)  # a form sent sooner is offered no pictures
        page = resident.tell({"what": TEXT}, form=form)
        before = most_memory(server.pid)
        answer = resident.show(page, [(f"large{number}.jpg", bytes(LARGE)) for number in range(5)])
        grown = most_memory(server.pid) - before
    assert (answer.status, answer.words) == (200, page.words)
    assert answer.text.count("This picture is too large (40.0") >= 5
    assert grown < 2 * LARGE, "two hundred megabytes came, and were thrown away"


def most_memory(pid: int) -> int:
    """Return the most bytes that the process and its children have held so far, together."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    lines = [line for one in (pid, *children) for line in Path(f"/proc/{one}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
