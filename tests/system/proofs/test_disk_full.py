"""Promise 2 on a full disk: what cannot be stored is not acknowledged, and nothing that was typed is lost."""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from reports.domain.health.causes import Cause
from reports.domain.maintenance import notices
from reports.sealing import receipts
from tests.system.harness.home import ROOT, Home, marker
from tests.system.harness.resident import NOT_YET, RECEIVED, Form, Page, Resident
from tests.system.harness.server import Server

pytestmark = [pytest.mark.server, pytest.mark.one_engine]

ROOM = 2 * 1024 * 1024  # bytes of the outbox's own disk; /healthz wants half of it free
FIRST_UNSTORED = "We could not store this. Press Send again in a minute"
WHOLE = 16 * 1024 * 1024  # bytes of a disk that holds all of a machine's state
MOUNT = 'mount -t tmpfs -o size="$1",mode=700 tmpfs "$2" && shift 2 && exec "$@"'
ALL = (
    'cp -a "$2" "$2.kept" && mount -t tmpfs -o size="$1",mode=711 tmpfs "$2" && cp -a "$2.kept/." "$2" '
    '&& shift 2 && exec "$@"'
)

# Root may mount as it is, and is still itself to a database that asks who calls; others need a world of their own.
AS_ROOT = os.geteuid() == 0
UNSHARE = ("unshare", "-m") if AS_ROOT else ("unshare", "-rm")
ENTER = ("nsenter", "-m") if AS_ROOT else ("nsenter", "--preserve-credentials", "-U", "-m")


@pytest.fixture(autouse=True)
def _may_mount() -> None:
    """Skip where nobody may have a mount of their own; on CI that is an error."""
    attempt = [*UNSHARE, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    tried = subprocess.run(attempt, capture_output=True, text=True, check=False)
    if tried.returncode:
        if os.environ.get("CI"):
            pytest.fail(f"CI must be able to mount a small disk: {tried.stderr.strip()}")
        pytest.skip("a disk that is full takes `unshare`, which is not allowed here")


class Disk:
    """The outbox's own small disk, seen through the server that lives on it."""

    def __init__(self, server: Server) -> None:
        self.folder = Path(f"/proc/{server.pid}/root") / server.home.outbox.relative_to("/")
        self.within = (*ENTER, "-t", str(server.pid))
        self._filler = self.folder / ".filler"

    def fill(self) -> None:
        """Leave not one byte free."""
        with pytest.raises(OSError, match="No space left"):
            self._grow()

    def _grow(self) -> None:
        with self._filler.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def leave(self, room: int) -> None:
        """Fill it but for `room` bytes."""
        self.fill()
        os.truncate(self._filler, self._filler.stat().st_size - room)

    def make_room(self) -> None:
        """Remove what filled it."""
        self._filler.unlink()

    @contextmanager
    def undrained(self) -> Iterator[None]:
        """Keep the server from moving anything to the database: arrivals alone fill the disk."""
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def empty(self, home: Home) -> None:
        """Move all arrivals to the database: this disk goes with its server."""
        until = time.monotonic() + 30
        while [path for path in self.folder.iterdir() if not path.name.startswith(".")]:
            home.manage("tend", within=self.within)
            assert time.monotonic() < until, "tend does not empty the outbox"

    def leftovers(self) -> list[str]:
        """Return the names of writings that were never finished."""
        known = {".lock", ".filler"}
        return [path.name for path in self.folder.iterdir() if path.name.startswith(".") and path.name not in known]


@contextmanager
def on_a_small_disk(home: Home, *, app: str = "config.wsgi") -> Iterator[tuple[Server, Disk]]:
    """Serve with the outbox on a disk of ROOM bytes, mounted for the server alone."""
    within = (*UNSHARE, "sh", "-c", MOUNT, "sh", str(ROOM), str(home.outbox))
    with Server(home, app=app, within=within) as server:
        yield server, Disk(server)


@contextmanager
def all_on_a_small_disk(home: Home) -> Iterator[tuple[Server, Disk]]:
    """Serve with all of the state, the database too, on a disk of WHOLE bytes."""
    within = (*UNSHARE, "sh", "-c", ALL, "sh", str(WHOLE), str(home.state))
    with Server(home, within=within) as server:
        yield server, Disk(server)


def test_on_a_full_disk_the_sender_keeps_everything_and_sends_again(home: Home) -> None:
    answers = {"what": f"{marker()} <b>&amp; “ü” \n second line", "place": marker(), "danger": "yes", "police": "words"}
    with on_a_small_disk(home) as (server, disk):
        resident = Resident(server.port)
        says(resident, 200)  # a busy machine's first probe may take longer than the server's start waits for
        sendable = resident.start(answers)
        disk.fill()
        says(resident, 503)
        refused = resident.send(sendable)
        says_not_received(refused)
        again = refused.form("/report/receipt/")
        assert again == sendable, "the page does not carry exactly what was typed"
        assert disk.leftovers() == [], "unfinished files eat the room that others need"
        disk.make_room()
        says(resident, 200)
        page = resident.send(again)
        assert page.received
        assert receipts.parse(page.words) == sendable.fields["token"], "sent again, it got another receipt"
        disk.empty(home)
    entries = home.open_all()
    assert [entry.what for entry in entries] == [answers["what"]]
    assert entries[0].lookup == receipts.lookup(sendable.fields["token"])


def test_a_tip_that_fits_in_part_is_not_acknowledged(home: Home) -> None:
    with on_a_small_disk(home) as (server, disk):
        resident = Resident(server.port)
        long, short = marker() + " long" * 15_000, marker()
        sendable = resident.start({"what": long})
        disk.leave(24 * 1024)
        says_not_received(resident.send(sendable))
        assert disk.leftovers() == [], "half a tip stays on the disk"
        assert resident.tell({"what": short}).received, "a short tip still fits"
        disk.make_room()
        assert resident.send(sendable).received
        disk.empty(home)
    assert Counter(entry.what for entry in home.open_all()) == {long: 1, short: 1}


def flood(home: Home, *, app: str = "config.wsgi") -> tuple[list[str], list[str], list[str]]:
    """Send until arrivals alone have filled the disk, and return what was acknowledged, refused and stored."""
    acknowledged: list[str] = []
    refused: list[str] = []

    def send_on(port: int) -> None:
        resident = Resident(port)
        form = resident.start({"what": "first"})
        for _ in range(200):
            text = f"{marker()} {'padding ' * 1000}".strip()
            answered = resident.send(Form(form.action, form.fields | {"what": text})).received
            (acknowledged if answered else refused).append(text)
            if len(refused) >= 8:
                return

    with on_a_small_disk(home, app=app) as (server, disk):
        with disk.undrained():
            senders = [threading.Thread(target=send_on, args=(server.port,)) for _ in range(4)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join(timeout=60)
        disk.empty(home)
    return acknowledged, refused, [entry.what for entry in home.open_all()]


def test_what_was_acknowledged_while_the_disk_filled_is_stored(
    home: Home, record_property: Callable[[str, object], None]
) -> None:
    acknowledged, refused, stored = flood(home)
    lost = len(set(acknowledged) - set(stored))
    record_property("figure", f"acknowledged {len(acknowledged)}, refused {len(refused)}, not stored {lost}")
    assert refused, f"{len(acknowledged)} tips did not fill the disk"
    assert Counter(stored) == Counter(acknowledged), "what was acknowledged is not what is stored"
    assert len(acknowledged) > 50


def test_a_server_that_hides_a_full_disk_is_caught(home: Home) -> None:
    acknowledged, _refused, stored = flood(home, app="tests.system.proofs.broken:hides_a_full_disk()")
    assert set(acknowledged) > set(stored)


def test_a_full_disk_is_told_by_its_cause_and_mailed_once(home: Home) -> None:
    if home.database_url:
        pytest.skip("this is about SQLite's file")
    with all_on_a_small_disk(home) as (server, disk):

        def ran(*arguments: str) -> "subprocess.CompletedProcess[str]":
            command = [*disk.within, sys.executable, str(ROOT / "manage.py"), *arguments]
            environment = home.environment(MAIL_OPERATOR="it@example.org")
            return subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False
            )

        resident = Resident(server.port)
        assert ran("tend").returncode == 0
        says(resident, 200, "/healthz/desk")
        disk.fill()
        says(resident, 503, "/healthz/desk")  # nothing has told the file of it, or could
        says(resident, 503)
        first = ran("tend")
        assert (first.returncode, "Traceback" in first.stderr) == (1, False), first.stderr
        assert "CommandError: A disk is full" in first.stderr
        stands_for_longer(home)
        said = "".join(ran(*words).stdout for words in [("tend",), ("doctor", "--failed", TEND)] * 3)
        assert said.count("A notice for 1") == 1, said
        assert f"- {Cause.FULL.what}" in said
        assert "database" not in said, "the database is a file, which nobody can start"
        assert ran("doctor").stdout.splitlines()[2:5] == [
            f"LOOK  The disk of {home.state} is full. No tip can be received now.",
            "      Make room: df -h and df -i. Nothing else is needed; what was received before is kept.",
            "  -   Nothing else was looked at: mend this first, then run it again.",
        ]
        check = ran("check", "--deploy")
        assert (check.returncode, f"The disk of {home.state} is full" in check.stderr) == (1, True), check.stderr
        disk.make_room()
        assert ran("tend").returncode == 0
        says(resident, 200)
        says(resident, 200, "/healthz/desk")
        assert not (home.run / "heartbeat.json").exists()


TEND = "streetlight-tend.service"


def stands_for_longer(home: Home) -> None:
    """Let what is wrong have been so for long enough to be mailed."""
    path = home.run / "heartbeat.json"
    beat = json.loads(path.read_text())
    assert list(beat["causes"]) == ["full"]
    since = datetime.fromisoformat(beat["causes"]["full"]) - notices.STANDS
    path.write_text(json.dumps(beat | {"causes": {"full": since.isoformat()}}))


def says(resident: Resident, status: int, path: str = "/healthz") -> None:
    """Wait until the health check has the answer: each process probes at most every five seconds."""
    until = time.monotonic() + 30
    while resident.get(path).status != status:
        assert time.monotonic() < until, f"{path} does not say {status}"
        time.sleep(0.2)


def says_not_received(page: Page) -> None:
    """Check that a page says, and nowhere denies, that nothing was received."""
    assert page.status == 503, f"the full disk was answered with {page.status}"
    assert FIRST_UNSTORED in page.text
    assert NOT_YET in page.text
    assert RECEIVED not in page.text
    assert "They work only after you press Send." in page.text, "the words stand there as if they worked already"
