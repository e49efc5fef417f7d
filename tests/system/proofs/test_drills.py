"""What goes wrong on a Monday is told: to the sender, to monitors, by maintenance's end and by the doctor."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.system.harness.home import ROOT, Home, marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

pytestmark = [pytest.mark.server, pytest.mark.whole, pytest.mark.one_engine]

WAIT = 30  # seconds for an answer that a process may keep for five

type Trouble = Callable[[Home], AbstractContextManager[None]]


class Drill(NamedTuple):
    """A trouble, and what tells of it: whether a tip is received, both health checks, how `tend` ends, a line."""

    trouble: Trouble
    received: bool
    healthz: int
    desk: int
    tend: int
    doctor: str


@contextmanager
def nothing(home: Home) -> Iterator[None]:
    """Let everything be well."""
    yield


@contextmanager
def database_down(home: Home) -> Iterator[None]:
    """Take SQLite's file away."""
    file, kept = home.state / "db.sqlite3", home.state / "kept.sqlite3"
    for left in home.state.glob("db.sqlite3-*"):
        left.unlink()
    file.rename(kept)
    file.mkdir()
    yield
    file.rmdir()
    kept.rename(file)


@contextmanager
def database_lost(home: Home) -> Iterator[None]:
    """Delete SQLite's file; a copy is put in its place afterwards, as a restore would."""
    kept = home.path / "kept"
    kept.mkdir()
    for path in home.state.glob("db.sqlite3*"):
        shutil.move(path, kept)
    yield
    assert not (home.state / "db.sqlite3").exists(), "something made an empty one"
    for path in kept.iterdir():
        shutil.move(path, home.state)
    kept.rmdir()


@contextmanager
def garbage_in_the_outbox(home: Home) -> Iterator[None]:
    """Leave a file there that is no entry."""
    (home.outbox / f"{'d' * 64}.{'e' * 32}").write_bytes(b"garbage")
    yield
    for path in home.outbox.glob(f"*{'e' * 32}"):
        path.unlink()


@contextmanager
def unreadable_in_the_outbox(home: Home) -> Iterator[None]:
    """Leave an entry there that nobody can read, root neither."""
    path = home.outbox / f"{'d' * 64}.{'e' * 32}"
    path.mkdir()
    yield
    path.rmdir()


@contextmanager
def no_outbox(home: Home) -> Iterator[None]:
    """Put a file in the outbox's place, where not even root can store anything."""
    kept = home.state / "kept"
    home.outbox.rename(kept)
    home.outbox.touch()
    yield
    home.outbox.unlink()
    kept.rename(home.outbox)


def without(name: str) -> Trouble:
    """Return the trouble that a file of the desk is gone."""

    @contextmanager
    def gone(home: Home) -> Iterator[None]:
        path = home.state / "desk" / name
        kept = home.path / name
        shutil.move(path, kept)
        yield
        shutil.move(kept, path)

    return gone


@contextmanager
def garbage_for_a_key(home: Home) -> Iterator[None]:
    """Fill desk.pub with noise."""
    path = home.state / "desk" / "desk.pub"
    kept = path.read_bytes()
    path.write_bytes(b"\xff\x00 noise")
    yield
    path.write_bytes(kept)


@contextmanager
def readable_ring(home: Home) -> Iterator[None]:
    """Let others read the ring."""
    path = home.state / "desk" / "ring.age"
    path.chmod(0o644)
    yield
    path.chmod(0o600)


def beaten(home: Home, **facts: Any) -> None:
    """Change the heartbeat."""
    path = home.state / "heartbeat.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def ago(days: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).replace(second=0, microsecond=0).isoformat()


@contextmanager
def jumped_clock(home: Home) -> Iterator[None]:
    """Let the last run that was believed lie two hundred days back."""
    beaten(home, trusted=ago(200))
    yield
    beaten(home, trusted=ago(0))


@contextmanager
def deaf_mail(home: Home) -> Iterator[None]:
    """Let the mail server be one that nobody reaches; it is asked each hour, so let that be over."""
    beaten(home, mail={})
    yield
    beaten(home, mail={})


DRILLS = [
    Drill(nothing, True, 200, 200, 0, "good  A tip can be received now"),
    Drill(database_down, True, 200, 503, 1, "LOOK  The database does not answer (OperationalError)"),
    Drill(database_lost, True, 200, 503, 1, "\n\nLOOK  The database of this desk is gone. Do not run prepare."),
    Drill(garbage_in_the_outbox, True, 200, 503, 1, "LOOK  The outbox holds files that cannot be read: 1."),
    Drill(unreadable_in_the_outbox, True, 200, 503, 1, "LOOK  The outbox holds files that cannot be read: 1."),
    Drill(no_outbox, False, 503, 503, 1, "LOOK  The outbox cannot store a tip."),
    Drill(without("desk.pub"), False, 503, 503, 1, "desk.pub. Run"),
    Drill(garbage_for_a_key, False, 503, 503, 1, "desk.pub cannot be used."),
    Drill(without("ring.age"), True, 200, 200, 0, "ring.age.\n      Run"),
    Drill(readable_ring, True, 200, 200, 0, "LOOK  Others can read"),
    Drill(jumped_clock, True, 200, 503, 1, "LOOK  The machine’s clock is more than seven days"),
    Drill(deaf_mail, True, 200, 503, 1, "LOOK  The mail server does not take our mail"),
]


def ran(home: Home, *arguments: str, mail: bool) -> "subprocess.CompletedProcess[str]":
    """Run one of the project's commands to whatever end."""
    more = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": "1"} if mail else {}
    command = [sys.executable, "manage.py", *arguments]
    where: dict[str, Any] = {"cwd": ROOT, "env": home.environment(**more)}
    return subprocess.run(command, **where, capture_output=True, text=True, timeout=180, check=False)


def answers(resident: Resident, path: str, status: int) -> None:
    """Wait until a health check has the answer."""
    until = time.monotonic() + WAIT
    while resident.get(path).status != status:
        assert time.monotonic() < until, f"{path} does not say {status}"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def running(prepared: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Server]]:
    """Serve one machine for all drills."""
    from tests.system.harness import home as homes

    with homes.copied(prepared, tmp_path_factory.mktemp("drills") / "home") as home, Server(home) as server:
        assert ran(home, "tend", mail=False).returncode == 0
        yield home, server


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.trouble.__name__)
def test_each_trouble_is_told(running: tuple[Home, Server], drill: Drill) -> None:
    home, server = running
    if drill.trouble in (database_down, database_lost) and home.database_url:
        pytest.skip("this is about SQLite's file")
    resident = Resident(server.port)
    form, mail = resident.start({"what": marker()}), drill.trouble is deaf_mail
    with drill.trouble(home):
        assert resident.send(form).received is drill.received
        tend, doctor = ran(home, "tend", mail=mail), ran(home, "doctor", mail=mail)
        assert (tend.returncode, "Traceback" in tend.stderr) == (drill.tend, False), tend.stderr
        assert drill.doctor in doctor.stdout, doctor.stdout + doctor.stderr
        answers(resident, "/healthz", drill.healthz)
        answers(resident, "/healthz/desk", drill.desk)
    assert ran(home, "tend", mail=False).returncode == 0, "it does not get well again"
    answers(resident, "/healthz", 200)
    answers(resident, "/healthz/desk", 200)


def test_maintenance_that_died_five_days_ago_is_told_though_it_says_nothing(running: tuple[Home, Server]) -> None:
    home, server = running
    resident = Resident(server.port)
    beaten(home, at=ago(5))
    doctor = ran(home, "doctor", mail=False)
    assert "LOOK  Maintenance has not run since" in doctor.stdout
    assert doctor.returncode == 1
    answers(resident, "/healthz", 200)
    answers(resident, "/healthz/desk", 503)


def test_the_table_has_every_trouble_once(tmp_path: Path) -> None:
    names = [drill.trouble.__name__ for drill in DRILLS]
    assert len(names) >= 12
    assert {drill.healthz for drill in DRILLS if not drill.received} == {503}, "a monitor must hear of a lost tip first"
    assert {drill.desk for drill in DRILLS if drill.tend} == {503}
