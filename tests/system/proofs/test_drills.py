"""What goes wrong on a Monday is told: to the sender, to monitors, by maintenance's end and by the doctor."""

import json
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from tests.system.harness import homes, troubles
from tests.system.harness.homes import marker
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server
from tests.system.harness.troubles import Trouble

pytestmark = pytest.mark.whole

ENTRY = f"outbox/{'d' * 64}.{'e' * 32}"
DEAF = {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": "1"}


class Drill(NamedTuple):
    """A trouble, and what tells of it.

    Whether a tip is received, both health checks, how `run_maintenance` ends, a line.
    """

    trouble: Trouble
    received: bool
    healthz: int
    desk: int
    run_maintenance: int
    doctor: str
    settings: dict[str, str] = {}


def instead(name, put=lambda path, kept: None):
    """Return the trouble that something of the state folder is gone, or `put` stands there instead."""

    @contextmanager
    def gone(home):
        path, kept = home.state / name, home.path / "kept"
        there = path.exists()
        if there:
            shutil.move(path, kept)
        put(path, kept)
        yield
        if path.is_dir():
            path.rmdir()
        for left in (
            path,
            path.with_name(f".damaged-{path.name}"),
        ):  # as a drain calls what it cannot read
            left.unlink(missing_ok=True)
        if there:
            shutil.move(kept, path)

    return gone


def others_may_read(path, kept):
    """Put a file back as everybody may read it."""
    shutil.copy(kept, path)
    path.chmod(0o644)


def beaten(**facts):
    """Return the trouble that the heartbeat says something else; as all is well, it says what it said before."""

    @contextmanager
    def changed(home):
        path = home.state / "heartbeat.json"
        before = json.loads(path.read_text())
        path.write_text(json.dumps(before | facts))
        yield
        path.write_text(json.dumps(before))

    return changed


def ago(days):
    return (datetime.now(UTC) - timedelta(days=days)).replace(second=0, microsecond=0).isoformat()


CANNOT_READ = "LOOK  Some files in the outbox cannot be read: 1."
DRILLS = {
    "nothing": Drill(troubles.nothing, True, 200, 200, 0, "good  People can send tips at"),
    "down": Drill(troubles.away, True, 200, 503, 1, "LOOK  The database does not answer."),
    "lost": Drill(
        troubles.deleted,
        True,
        200,
        503,
        1,
        "\n\nLOOK  The database of this desk is gone. Do not run",
    ),
    "garbage": Drill(
        instead(ENTRY, lambda path, _: path.write_bytes(b"noise")), True, 200, 503, 1, CANNOT_READ
    ),
    "unreadable": Drill(
        instead(ENTRY, lambda path, _: path.mkdir()), True, 200, 503, 1, CANNOT_READ
    ),
    "no outbox": Drill(
        instead("outbox", lambda path, _: path.touch()),
        False,
        503,
        503,
        1,
        "LOOK  Tips cannot be stored in the outbox",
    ),
    "no key": Drill(instead("desk/desk.pub"), False, 503, 503, 1, "desk.pub. Run"),
    "noise for a key": Drill(
        instead("desk/desk.pub", lambda path, _: path.write_bytes(b"\xff\0 noise")),
        *(False, 503, 503, 1, "desk.pub cannot be used."),
    ),
    "no key file": Drill(
        instead("desk/keyring.age"), True, 200, 503, 1, "LOOK  There is no key file"
    ),
    "open key file": Drill(
        instead("desk/keyring.age", others_may_read), True, 200, 200, 0, "LOOK  Others can read"
    ),
    "deletion_records": Drill(
        instead("desk/deletion_records", lambda path, _: path.write_bytes(b"noise\xff")),
        *(True, 200, 503, 1, "LOOK  desk/deletion_records is damaged"),
    ),
    "clock": Drill(
        beaten(trusted=ago(200)), True, 200, 503, 1, "LOOK  The server’s clock has jumped"
    ),
    "mail": Drill(
        beaten(mail={}), True, 200, 503, 1, "LOOK  The mail server does not accept our email", DEAF
    ),
}


@pytest.fixture(scope="module")
def running(prepared, tmp_path_factory):
    """Serve one machine for all drills, and return somebody at it."""
    with (
        homes.copied(prepared, tmp_path_factory.mktemp("drills") / "home") as home,
        Server(home, WORKERS="1") as one,
    ):
        home.manage("run_maintenance")
        yield home, Resident(one.port)


@pytest.mark.proof("troubles", goal="every one told")
@pytest.mark.parametrize("drill", DRILLS.values(), ids=DRILLS)
def test_each_trouble_is_told(running, drill):
    """Each trouble of the drills is told by the doctor, the heartbeat or the health page."""
    home, resident = running
    if drill.trouble is troubles.deleted and home.database_url:
        pytest.skip("this is about SQLite's file")
    form = resident.start({"what": marker()})
    with drill.trouble(home):
        assert resident.send(form).received is drill.received
        run_maintenance, doctor = (
            home.ran("run_maintenance", **drill.settings),
            home.ran("doctor", **drill.settings),
        )
        assert (run_maintenance.code, "Traceback" in run_maintenance.err) == (
            drill.run_maintenance,
            False,
        ), run_maintenance.err
        assert drill.doctor in doctor.out, doctor.said
        resident.says(drill.healthz)
        resident.says(drill.desk, "/healthz/desk")
    home.manage("run_maintenance")  # it gets well again
    resident.says(200)
    resident.says(200, "/healthz/desk")


@pytest.mark.proof("troubles")
def test_maintenance_that_died_five_days_ago_is_told_though_it_says_nothing(
    running,
):
    home, resident = running
    with beaten(at=ago(5))(home):
        doctor = home.ran("doctor")
        assert (doctor.code, "LOOK  Maintenance has not run since" in doctor.out) == (1, True)
        resident.says(200)
        resident.says(503, "/healthz/desk")
