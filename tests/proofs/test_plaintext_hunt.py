"""Promise 1: what people tell and what opens it lies nowhere in clear, however hard one looks."""

import time

import pytest

from tests.proofs import databases, mailboxes, walk
from tests.proofs.home import Home
from tests.proofs.hunt import Find
from tests.proofs.keeper import Keeper
from tests.proofs.leftovers import finds_in, listed
from tests.proofs.server import Server
from tests.proofs.walk import INSIDE, Secrets

pytestmark = pytest.mark.server

APP = "tests.proofs.broken:fails_on_purpose()"


def lived_in(home: Home, **environment: str) -> tuple[Secrets, set[Find]]:
    """Live a whole day of the site in seconds, kill it, and return the secrets and where they were found."""
    secrets, since = Secrets(), time.time()
    with Server(home, app=APP, **environment) as server, Keeper(home, server) as keeper:
        walk.residents(server.port, secrets)
        keeper.keep_open_files()
        member = walk.members(server.port, home, secrets)
        mailboxes.talk(server.port, member, secrets)
        keeper.keep_open_files()
        with databases.away(home.database_url, home.state / "db.sqlite3"):
            walk.without_database(server.port, member, secrets)
        keeper.keep_open_files()
        walk.killed_in_flight(server, secrets)
    inside = {name: [name] for name in INSIDE}
    return secrets, finds_in(home, secrets | inside, keeper.folder, since=since)


def test_nothing_that_was_told_or_typed_lies_anywhere_in_clear(own_desk: Home) -> None:
    secrets, finds = lived_in(own_desk)
    assert not finds, f"{len(finds)} finds:\n{listed(finds)}"
    assert len(secrets) > 50
    assert own_desk.log.stat().st_size > 0, "the server said nothing at all: its errors went elsewhere"


def test_with_stock_settings_the_same_hunt_finds_sessions_uploads_and_log_lines(home: Home) -> None:
    _, finds = lived_in(home, DJANGO_SETTINGS_MODULE="tests.proofs.stock_settings")
    sessions = {find for find in finds if find.secret == "a desk identity" and "zlib in base64" in find.how}
    assert sessions, f"no key in a session:\n{listed(finds)}"
    uploads = {find for find in finds if find.secret == "a note in a large picture" and ".upload" in find.place}
    assert uploads, f"no upload in the temporary folder:\n{listed(finds)}"
    lines = {find for find in finds if find.secret == "the text of a tip that failed" and find.place == str(home.log)}
    assert lines, f"no tip in the log:\n{listed(finds)}"
