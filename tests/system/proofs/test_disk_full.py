"""Promise 2 on a full disk: what cannot be stored is not acknowledged, and nothing that was typed is lost."""

import json
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import datetime

import pytest

from reports.domain.health.faults import FULL
from reports.domain.maintenance import notices
from reports.sealing import receipts
from tests.system.harness.disk import on_a_small_disk, on_its_own
from tests.system.harness.homes import marker
from tests.system.harness.resident import NOT_YET, RECEIVED, Form, Resident

pytestmark = pytest.mark.engine

ROOM = 2 * 1024 * 1024  # bytes of the outbox's own disk; /healthz wants half of it free
WHOLE = 16 * 1024 * 1024  # bytes of a disk that holds all of a machine's state
ENOUGH = 8  # refusals of each sender
FIRST_UNSTORED = "We could not store this, so we do not have it. Press Send again in a minute"
MAINTENANCE = "streetlight-maintenance.service"
HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM auth_user").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def says_not_received(page):
    """Check that a page says, and nowhere denies, that nothing was received."""
    assert page.status == 503, f"the full disk was answered with {page.status}"
    for text in (FIRST_UNSTORED, NOT_YET, "They will work only after you press Send."):
        assert text in page.text
    assert RECEIVED not in page.text


@pytest.mark.promise(
    "receiving", control="test_a_server_that_hides_a_full_disk_is_caught", name="stored-before-told"
)
@pytest.mark.proof("disk")
def test_on_a_full_disk_the_sender_keeps_everything_and_sends_again(home):
    """On a full disk the sender keeps everything and sends again."""
    answers = {
        "what": f"{marker()} <b>&amp; “ü” \n second line",
        "place": marker(),
        "danger": "yes",
        "police": "words",
    }
    long, short = marker() + " long" * 15_000, marker()
    with on_a_small_disk(home, home.outbox, size=ROOM) as (server, disk):
        resident = Resident(server.port)
        resident.says(
            200
        )  # a busy machine's first probe may take longer than the server's start waits for
        sendable, large = resident.start(answers), resident.start({"what": long})
        disk.fill()
        resident.says(503)
        refused = resident.send(sendable)
        says_not_received(refused)
        again = refused.form("/report/receipt/")
        assert again == sendable, "the page does not carry exactly what was typed"
        disk.make_room()
        disk.fill(but=24 * 1024)
        says_not_received(resident.send(large))
        assert disk.leftovers() == [], "half a tip eats the room that others need"
        assert resident.tell({"what": short}).received, "a short tip still fits"
        disk.make_room()
        resident.says(200)
        page = resident.send(again)
        assert receipts.parse(page.words) == sendable.fields["token"], (
            "sent again, it got another receipt"
        )
        assert resident.send(large).received
        disk.empty(home)
    entries = home.open_all()
    assert Counter(entry.what for entry in entries) == {answers["what"]: 1, long: 1, short: 1}
    assert receipts.lookup(sendable.fields["token"]) in {entry.lookup for entry in entries}


def flood(home, *, app="config.wsgi"):
    """Send until arrivals alone have filled the disk, and return what was acknowledged, refused and stored."""
    acknowledged = []
    refused = []

    def send_on(port):
        resident = Resident(port)
        form = resident.start({"what": "first"})
        for _ in range(200):
            text = f"{marker()} {'padding ' * 1000}".strip()
            answered = resident.send(Form(form.action, form.fields | {"what": text})).received
            (acknowledged if answered else refused).append(text)
            if len(refused) >= ENOUGH:
                return

    with on_a_small_disk(home, home.outbox, size=ROOM, app=app) as (server, disk):
        with disk.undrained():
            senders = [threading.Thread(target=send_on, args=(server.port,)) for _ in range(4)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join(timeout=60)
        disk.empty(home)
    return acknowledged, refused, [entry.what for entry in home.open_all()]


@pytest.mark.proof("disk", goal="0 acknowledged and not stored")
def test_what_was_acknowledged_while_the_disk_filled_is_stored(home, record_property):
    """On a full disk nothing is acknowledged that is not stored, and what was typed is kept."""
    acknowledged, refused, stored = flood(home)
    lost = len(set(acknowledged) - set(stored))
    record_property(
        "figure", f"acknowledged {len(acknowledged)}, refused {len(refused)}, not stored {lost}"
    )
    assert refused, f"{len(acknowledged)} tips did not fill the disk"
    assert Counter(stored) == Counter(acknowledged), "what was acknowledged is not what is stored"
    assert len(acknowledged) > 50


@pytest.mark.proof("disk", control=True)
def test_a_server_that_hides_a_full_disk_is_caught(home):
    acknowledged, _refused, stored = flood(
        home, app="tests.system.proofs.broken:hides_a_full_disk()"
    )
    assert set(acknowledged) > set(stored)


def test_a_full_disk_is_told_by_its_cause_and_mailed_once(home):
    if home.database_url:
        pytest.skip("this is about SQLite's file")
    with (
        on_a_small_disk(home, home.state, size=WHOLE) as (server, disk),
        opened(home, within=disk.within),
    ):
        resident, mail = (
            Resident(server.port),
            {"within": disk.within, "MAIL_OPERATOR": "it@example.org"},
        )
        home.ran("run_maintenance", **mail).well()
        resident.says(200, "/healthz/desk")
        disk.fill()
        resident.says(503, "/healthz/desk")  # nothing has told the file of it, or could
        resident.says(503)
        first = home.ran("run_maintenance", **mail)
        assert (first.code, "Traceback" in first.err) == (1, False), first.err
        assert "CommandError: A disk is full" in first.err
        stands_for_longer(home)
        said = "".join(
            home.ran(*words, **mail).out
            for words in [("run_maintenance",), ("doctor", "--failed", MAINTENANCE)] * 3
        )
        assert said.count("An email for 1") == 1, said
        assert f"- {FULL.what}" in said
        assert "database" not in said, "the database is a file, which nobody can start"
        assert home.ran("doctor", **mail).out.splitlines()[2:5] == [
            f"LOOK  {FULL.what} ({FULL.id}: {home.state})",
            f"      {FULL.do}",
            "  -   Nothing else was checked. Fix this first, then run this again.",
        ]
        check = home.ran("check", "--deploy", **mail)
        assert (check.code, f"{home.state}: ({FULL.id}) {FULL.what}" in check.err) == (1, True), (
            check.err
        )
        disk.make_room()
        home.ran("run_maintenance", **mail).well()
        resident.says(200)
        resident.says(200, "/healthz/desk")
        assert not (home.run / "heartbeat.json").exists()


@contextmanager
def opened(home, *, within):
    """Have a process hold the database open: without one SQLite needs 32 KiB of the disk to open it at all."""
    command = [*within, sys.executable, "-c", HOLD, str(home.state / "db.sqlite3")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        yield
        holder.stdin.close()


def test_a_full_disk_is_told_where_the_database_cannot_even_be_opened(home):
    if home.database_url:
        pytest.skip("this is about SQLite's file")
    fill = ("sh", "-c", 'cat /dev/zero > "$0/.filler"; exec "$@"', str(home.state))
    check = home.ran("check", "--deploy", within=(*on_its_own(home.state, size=WHOLE), *fill))
    assert check.code == 1
    assert f"The disk of {home.state} is full: make room there first." in check.err
    assert "Traceback" not in check.err


def stands_for_longer(home):
    """Let what is wrong have been so for long enough to be mailed."""
    path = home.run / "heartbeat.json"
    beat = json.loads(path.read_text())
    assert list(beat["causes"]) == [FULL.id]
    since = datetime.fromisoformat(beat["causes"][FULL.id]) - notices.STANDS
    path.write_text(json.dumps(beat | {"causes": {FULL.id: since.isoformat()}}))
