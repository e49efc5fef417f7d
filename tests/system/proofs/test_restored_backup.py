"""Promise 2: a backup takes the place of SQLite's file while the server runs, and what is received next is in it."""

import os
import sqlite3
from contextlib import closing

import pytest

from tests.system.harness.home import Home, marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

pytestmark = pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="this is about SQLite's file")

KEPT = "tests.system.proofs.kept_connections"


def stored_across_a_restore(home: Home, **environment: str) -> list[bool]:
    """Send a tip before a backup and two after its return; return which are in the file that is there at the end."""
    backup, texts = home.path / "backup.sqlite3", [marker() for _ in range(3)]
    with Server(home, WORKERS="1", **environment) as server:
        for number, text in enumerate(texts):
            Resident(server.port).tell({"what": text})
            home.empty()
            if number == 0:
                with closing(sqlite3.connect(home.database)) as source, closing(sqlite3.connect(backup)) as copy:
                    source.backup(copy)
                for left in home.state.glob("db.sqlite3-*"):  # as an operator does who does not stop the service
                    left.unlink()
                backup.replace(home.database)
    stored = [one.what for one in home.open_all()]
    return [stored.count(text) == 1 for text in texts]


@pytest.mark.proof(
    "restored",
    "What is received after a restore is in the restored database, and not in the one that it replaced",
    goal="every tip in",
)
def test_what_is_received_after_a_restore_is_in_the_restored_file(home: Home) -> None:
    assert stored_across_a_restore(home) == [True, True, True]


@pytest.mark.proof("restored", control=True)
def test_control_a_kept_connection_loses_it(home: Home) -> None:
    assert False in stored_across_a_restore(home, DJANGO_SETTINGS_MODULE=KEPT)
