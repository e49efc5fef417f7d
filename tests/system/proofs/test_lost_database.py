"""Promise 2: the database's file is deleted under load; what the doctor says, done word by word, loses nothing."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.harness.home import ROOT, Home
from tests.system.harness.server import Server
from tests.system.proofs.test_kill import CLIENTS, Client, Ledger, complaints, told_some

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="this is about SQLite's file"),
]

LONGEST = 60.0  # seconds until the load must have begun
MANAGE = f"{sys.executable} manage.py"  # as hints call it here
REFUSED = "a running server answered 503 and stored nothing"
UNGUARDED = {"DJANGO_SETTINGS_MODULE": "tests.system.proofs.unguarded_settings"}


@pytest.fixture
def backups(home: Home) -> Iterator[Path]:
    """Return a folder for backups on another disk: else the second one lets nothing go, and less is proved."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as path:  # the other disk that every Linux has
        yield Path(path)


def more(ledger: Ledger) -> None:
    """Wait until some more tips were acknowledged."""
    before, until = len(ledger.told), time.monotonic() + LONGEST
    while len(ledger.told) <= before + 2 or not told_some(ledger):
        assert time.monotonic() < until, "there is no load"
        time.sleep(0.02)


def ran(home: Home, command: str, *, line: str = "", **environment: str) -> tuple[int, str]:
    """Run a line of shell as somebody does who copies it from the screen, and types one line when asked."""
    done = subprocess.run(
        ["setsid", "--wait", "sh", "-c", command],
        cwd=ROOT,
        env=home.environment(MANAGE_COMMAND=MANAGE, **environment),
        input=f"{line}\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def delete_and_do_as_the_doctor_says(home: Home, backups: Path, **environment: str) -> tuple[Ledger, set[str]]:
    """Back up, delete the file under load, do what the doctor's first line says.

    Return what senders were told, and the texts of which the deleted file alone may have held something.
    """
    ledger, over = Ledger(), threading.Event()
    with Server(home, MANAGE_COMMAND=MANAGE, **environment) as server:
        clients = [Client(server.port, ledger, over) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            more(ledger)
            safe = set(ledger.told)
            for command in (f"{MANAGE} backup --to {backups}", f"{MANAGE} backup verify"):
                ended, said = ran(home, command, **environment)
                assert ended == 0, said
            more(ledger)  # since the backup
            for path in home.state.glob("db.sqlite3*"):
                path.unlink()
            more(ledger)
            at_risk = set(ledger.told) - safe
            more(ledger)  # since the loss
            refuses_to_begin_anew(home, **environment)
            for command in what_the_doctor_says(home, **environment):
                ended, said = ran(home, command, line=home.desk["recovery"], **environment)
                assert ended == 0, said
            more(ledger)  # since the restore
        finally:
            over.set()
            for client in clients:
                client.join(timeout=20)
    return ledger, at_risk


def wrongs(home: Home, ledger: Ledger) -> list[str]:
    """Return each promise that was broken; a refusal breaks none: while a restore is under way nothing is received."""
    return [line for line in complaints(ledger, home.open_all()) if line != REFUSED]


def all_in(home: Home, mirror: Path, **environment: str) -> None:
    """Let maintenance move in what still waits, here or on the second disk."""
    until = time.monotonic() + LONGEST
    while home.waiting() or any(path.is_file() for path in mirror.glob("*.*")):
        ended, said = ran(home, f"{MANAGE} tend", **environment)
        assert time.monotonic() < until, f"{ended}: {said}"


def refuses_to_begin_anew(home: Home, **environment: str) -> None:
    """Try what people try first; the file must stay away, and maintenance must leave the outbox as it is."""
    for command in ("prepare", "migrate", "tend"):
        ended, said = ran(home, f"{MANAGE} {command}", **environment)
        assert not (home.state / "db.sqlite3").exists(), f"{command} put an empty database in the place of the lost one"
        assert ended, f"{command} went on: {said}"
        assert f"{MANAGE} restore --from" in said, f"{command} does not say how to restore: {said}"
    assert home.waiting(), "nothing waits in the outbox"


def what_the_doctor_says(home: Home, **environment: str) -> list[str]:
    """Return the commands of the doctor's first line."""
    _, said = ran(home, f"{MANAGE} doctor", **environment)
    first = re.split(r"^(?:good|LOOK|  - )  ", said, flags=re.MULTILINE)[1]
    assert first.startswith("The database of this desk is gone."), said
    return [line.strip() for line in first.splitlines() if line.strip().startswith((MANAGE, "systemctl"))]


def test_the_file_is_deleted_under_load_and_every_tip_that_was_acknowledged_opens(
    home: Home, backups: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir(mode=0o700)
    second = {"OUTBOX_MIRROR": str(mirror)}
    ledger, at_risk = delete_and_do_as_the_doctor_says(home, backups, **second)
    assert at_risk, "everything was in the backup: nothing was proved"
    assert ran(home, f"{MANAGE} doctor", **second)[1].count("is gone") == 0
    record_property("figure", f"{len(ledger.told)} acknowledged, all open")
    all_in(home, mirror, **second)
    assert wrongs(home, ledger) == []
    assert "with one restore" in home.manage("audit", "verify")


def test_without_a_second_disk_what_came_before_the_backup_and_after_the_loss_opens(home: Home, backups: Path) -> None:
    """What lay in the lost file alone is lost with it, as the doctor says; nothing else is."""
    ledger, at_risk = delete_and_do_as_the_doctor_says(home, backups)
    assert ledger.told.keys() - at_risk
    assert set(wrongs(home, ledger)) <= {f"lost: a tip that was acknowledged ({text})" for text in at_risk}


def test_control_where_nobody_looks_an_empty_database_takes_its_place(home: Home, backups: Path) -> None:
    with pytest.raises(AssertionError, match="an empty database in the place of the lost one"):
        delete_and_do_as_the_doctor_says(home, backups, **UNGUARDED)
