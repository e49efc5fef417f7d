"""Promise 2: a backup takes the place of SQLite's file while the server runs, and what is received next is in it."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from tests.system.harness.home import ROOT, Home, marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import PATIENCE, Server

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="this is about SQLite's file"),
]

KEPT = "tests.system.proofs.kept_connections"
LEAVE = """
import django, sys; django.setup()
from reports.domain import intake
from reports.domain.intake import outbox
from reports.sealing import receipts
outbox.wake = lambda: None
intake.accept(token=receipts.new_token(), answers={"what": sys.argv[1]})
"""

type Tell = Callable[[str], object]  # sends a tip
type Runs = Callable[..., AbstractContextManager[Tell]]


@contextmanager
def a_server(home: Home, **environment: str) -> Iterator[Tell]:
    """Run the server, whose own thread moves each tip in."""
    with Server(home, WORKERS="1", **environment) as server:
        resident = Resident(server.port)
        yield lambda text: resident.tell({"what": text})


@contextmanager
def maintenance_alone(home: Home, **environment: str) -> Iterator[Tell]:
    """Run `tend --every 1`, which alone moves in what another process received."""
    command = [sys.executable, str(ROOT / "manage.py"), "tend", "--every", "1"]
    with (
        home.log.open("ab") as log,
        subprocess.Popen(command, cwd=ROOT, env=home.environment(**environment), stdout=log, stderr=log) as process,
    ):
        yield lambda text: home.python("-c", LEAVE, text)
        process.terminate()


def moved_in(home: Home) -> None:
    """Wait until nothing lies in the outbox: whoever runs has called everything stored."""
    until = time.monotonic() + PATIENCE
    while home.waiting():
        assert time.monotonic() < until, f"{home.waiting()} stay in the outbox"
        time.sleep(0.05)


def restore(database: Path, backup: Path) -> None:
    """Put the backup in the place of the file and of its log, as an operator does who does not stop the service."""
    for left in database.parent.glob(f"{database.name}-*"):
        left.unlink()
    backup.replace(database)


def come_in_across_a_restore(home: Home, runs: Runs, **environment: str) -> None:
    """Check that tips from before the backup and from after its return are all in the file that is there at the end."""
    database, backup, texts = home.state / "db.sqlite3", home.path / "backup.sqlite3", [marker() for _ in range(3)]
    with runs(home, **environment) as tell:
        tell(texts[0])
        moved_in(home)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(backup)) as copy:
            source.backup(copy)
        restore(database, backup)
        for text in texts[1:]:
            tell(text)
            moved_in(home)
    stored = [one.what for one in home.open_all()]
    assert sorted(stored) == sorted(texts), "a tip went into the file that was replaced"


@pytest.mark.parametrize("runs", [a_server, maintenance_alone], ids=lambda one: one.__name__)
def test_what_is_received_after_a_restore_is_in_the_restored_file(home: Home, runs: Runs) -> None:
    come_in_across_a_restore(home, runs)


@pytest.mark.parametrize("runs", [a_server, maintenance_alone], ids=lambda one: one.__name__)
def test_control_a_kept_connection_loses_it(home: Home, runs: Runs) -> None:
    with pytest.raises(AssertionError, match="went into the file that was replaced"):
        come_in_across_a_restore(home, runs, DJANGO_SETTINGS_MODULE=KEPT)
