"""A form that is sent many times at once, to two machines of one desk, is one tip under one receipt."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.system.harness.home import Home, marker
from tests.system.harness.resident import Page, Resident
from tests.system.harness.server import Server

TIMES = 50


def beside(home: Home, path: Path) -> Home:
    """Return a second machine of the same desk; SQLite's is in a folder, so there two servers share one machine."""
    if not home.database_url:
        return home
    second = replace(home, path=path)
    shutil.copytree(home.state, second.state, symlinks=True)
    (second.state / "node").unlink(missing_ok=True)
    second.tmp.mkdir()
    return second


def send_at_once(home: Home, second: Home, *, app: str = "config.wsgi") -> tuple[list[Page], int]:
    """Send one form TIMES at once to both machines; return the answers, and how many tips are stored."""
    what = f"A van, {marker()}."
    with Server(home, app=app) as one, Server(second, app=app) as other, ThreadPoolExecutor(TIMES) as many:
        form = Resident(one.port).start({"what": what})
        ports = (one.port, other.port) * (TIMES // 2)
        pages = list(many.map(lambda port: Resident(port).send(form), ports))
    second.open_all()
    return pages, sum(found.what == what for found in home.open_all())


@pytest.mark.proof(
    "replays",
    "A form that is sent fifty times at once, to two machines, is one tip under one receipt",
    goal="1 tip, 1 receipt",
)
def test_fifty_replays_at_once_are_one_tip_and_one_receipt(
    home: Home, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    pages, stored = send_at_once(home, beside(home, tmp_path / "second"))
    receipts = {page.words for page in pages}
    record_property("figure", f"{len(pages)} sent at once: {stored} tip, {len(receipts)} receipt")
    assert all(page.received for page in pages)
    assert (stored, len(receipts)) == (1, 1)


@pytest.mark.proof("replays", control=True)
def test_control_a_server_that_takes_each_for_a_new_one_is_caught(home: Home) -> None:
    _pages, stored = send_at_once(home, home, app="tests.system.proofs.broken:stores_twice()")
    assert stored > 1
