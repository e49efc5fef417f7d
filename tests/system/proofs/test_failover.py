"""Promise 2 on several machines: the database's machine dies with its disk, and nothing acknowledged is lost."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.system.harness import home as homes
from tests.system.harness.home import Home, marker
from tests.system.harness.member import Member
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server
from tests.system.proofs import mailboxes
from tests.system.proofs.cluster import Cluster, cluster
from tests.system.proofs.test_kill import CLIENTS, Client, Ledger, complaints

pytestmark = [
    pytest.mark.server,
    pytest.mark.whole,
    pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="SQLite has no standby"),
]

ENOUGH = 40  # tips acknowledged before the primary dies, and once more after it
PATIENCE = 90.0  # seconds


@pytest.fixture
def lost_and_found(prepared: Home, tmp_path: Path) -> Iterator[tuple[Home, Cluster]]:
    """Return a machine whose database is a primary with two standbys."""
    with homes.copied(prepared, tmp_path / "home") as home, cluster(like=home.database_url) as three:
        yield replace(home, database_url=three.url), three


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


def test_nothing_acknowledged_is_lost_with_the_primary_and_its_disk(
    lost_and_found: tuple[Home, Cluster], record_property: Callable[[str, object], None]
) -> None:
    home, three = lost_and_found
    ledger, over = Ledger(), threading.Event()
    with Server(home) as server:
        clients = [Client(server.port, ledger, over) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        until(lambda: len(ledger.told) >= ENOUGH, "a load")
        three.lose_primary()
        died = len(ledger.told)
        until(lambda: len(ledger.told) >= died + ENOUGH, "tips that are received without a database")
        three.promote()
        promoted = len(ledger.told)
        until(lambda: len(ledger.told) >= promoted + ENOUGH, "tips after the promotion")
        over.set()
        for client in clients:
            client.join(timeout=20)
        member = Member(server.port, home.desk)
        member.open_desk()
        assert member.tips(), "the desk shows no tips"
    wrong = complaints(ledger, home.open_all())
    figures = f"acknowledged {len(ledger.told)}: {died} before the loss, {promoted - died} without a database"
    record_property("figure", figures)
    assert wrong == []
    assert home.waiting() == []


def test_the_form_answers_while_every_commit_waits_for_lost_standbys(lost_and_found: tuple[Home, Cluster]) -> None:
    home, three = lost_and_found
    texts, hanging = [marker() for _ in range(3)], []
    with Server(home, WORKERS="1", THREADS="8") as server:
        words = Resident(server.port).tell({"what": texts[0]}).words
        until(lambda: home.waiting() == [], "the first tip in the database")
        write_to_the_only_tip(server.port, home)
        for standby in three.standbys:
            standby.kill()
        for _ in range(20):  # more than the process has threads
            look = threading.Thread(target=look_in, args=(server.port, words), daemon=True)
            look.start()
            hanging.append(look)
        time.sleep(2)
        assert sum(look.is_alive() for look in hanging) >= 6, "the control: looks hang, as each writes a row"
        resident = Resident(server.port, timeout=20)
        assert all(resident.tell({"what": text}).received for text in texts[1:])
        assert resident.get("/healthz").status == 200
        closed = resident.get("/mailbox/")
        assert closed.status == 200, "the page that asks for the words"
        assert len(home.waiting()) == 2, "what cannot be committed stays in the outbox"
        for standby in three.standbys:
            standby.start()
        until(lambda: home.waiting() == [], "an empty outbox")
    assert {one.what for one in home.open_all()} >= set(texts)


def test_what_a_cancelled_wait_called_stored_comes_back_from_the_second_disk(
    lost_and_found: tuple[Home, Cluster],
) -> None:
    home, three = lost_and_found
    texts = [marker() for _ in range(3)]
    with tempfile.TemporaryDirectory(dir="/dev/shm") as second, Server(home, OUTBOX_MIRROR=second) as server:
        Resident(server.port).tell({"what": texts[0]})
        until(lambda: home.waiting() == [], "the first tip in the database")
        for standby in three.standbys:
            standby.kill()
        for text in texts[1:]:
            assert Resident(server.port, timeout=20).tell({"what": text}).received
        until(lambda: cancel_the_waits(three) and home.waiting() == [], "an outbox that believes the success")
        three.lose_primary()
        for standby in three.standbys:
            standby.start()
        three.promote()
        assert {one.what for one in home.open_all()} == {texts[0]}, "the control: the database has lost them"
        there = ("env", f"OUTBOX_MIRROR={second}")
        assert "3 arrivals" in home.manage("mirror", "replay", within=there)
        assert "3 arrivals" in home.manage("mirror", "replay", within=there)
        assert sorted(one.what for one in home.open_all()) == sorted(texts)


def cancel_the_waits(three: Cluster) -> bool:
    """Cancel every commit that waits for a standby, as an operator might who wants the desk to go on."""
    three.primary.ask("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return True


def write_to_the_only_tip(port: int, home: Home) -> None:
    """Write to its sender, so that each look at a mailbox writes a row."""
    member = Member(port, home.desk)
    member.open_desk()
    (address,) = member.tips()
    asked = {"write-text": "was it by day?", "write-asks": "yes"}
    member.press(member.get(address), f"{address.removesuffix('change/')}write/", asked)


def look_in(port: int, words: str) -> None:
    """Open a mailbox, however long it takes."""
    with suppress(OSError, AssertionError):
        mailboxes.come_back(Resident(port, timeout=60), words)
