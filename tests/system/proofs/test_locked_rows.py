"""Somebody holds rows of the database and never lets go: whoever asks for them is told, and waits no longer."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.system.harness import databases
from tests.system.harness.home import Home, marker
from tests.system.harness.member import Member
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server
from tests.system.proofs import mailboxes

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="SQLite has no locks of rows"),
]
SHORT = 2  # seconds, so that the test need not wait as long as people do
PATIENCE = 30.0  # seconds; nginx gives a page up after 60


@contextmanager
def held(url: str) -> Iterator[None]:
    """Hold every tip and every message."""
    with psycopg.connect(url) as connection:
        for table in ("reports_tip", "reports_message"):
            assert connection.execute(f"SELECT id FROM {table} FOR UPDATE").fetchall()
        yield


def test_a_page_that_waits_for_a_locked_row_ends_in_plain_words(home: Home) -> None:
    shorter = f"ALTER DATABASE {databases.name_of(home.database_url)} SET lock_timeout = '{SHORT}s'"
    with psycopg.connect(home.database_url, autocommit=True) as connection:
        connection.execute(shorter)  # type: ignore[arg-type] # our own text
    with Server(home) as server:
        resident, member = Resident(server.port), Member(server.port, home.desk)
        words = resident.tell({"what": marker()}).words
        home.manage("tend")
        member.open_desk()
        (address,) = member.tips()
        act = address.removesuffix("change/")
        asked = {"write-text": "was it by day?", "write-asks": "yes"}
        read = member.press(member.get(address), f"{act}write/", asked)
        mailbox = mailboxes.come_back(resident, words)
        with held(home.database_url):
            burned = resident.post("/mailbox/burn/", mailbox.form("/mailbox/burn/").fields | {"sure": "yes"})
            saved = member.press(read, f"{act}save/", {"status": "needs_more"})
            assert resident.tell({"what": marker()}).received, "receiving a tip waits for nobody"
        assert (burned.status, "so nothing was changed" in burned.text) == (503, True)
        assert (saved.status, "could not be recorded, so it is not shown" in saved.text) == (503, True)
        assert all(SHORT <= page.seconds < PATIENCE for page in (burned, saved))
        assert mailboxes.come_back(resident, words).status == 200
        assert member.get(address).status == 200
