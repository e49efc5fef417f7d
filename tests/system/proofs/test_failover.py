"""Promise 2 on several machines: the database's machine dies with its disk, and nothing acknowledged is lost."""

import os
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.system.harness import homes
from tests.system.harness.homes import marker
from tests.system.harness.load import complaints, load
from tests.system.harness.member import Member
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server
from tests.system.proofs.cluster import cluster

pytestmark = [
    pytest.mark.engine,
    pytest.mark.whole,
    pytest.mark.skipif(not os.environ.get("DATABASE_URL"), reason="SQLite has no standby"),
]

ENOUGH = 40  # tips acknowledged before the primary dies, and once more after it


@pytest.fixture
def lost_and_found(prepared, tmp_path):
    """Return a machine whose database is a primary with two standbys."""
    with (
        homes.copied(prepared, tmp_path / "home") as home,
        cluster(like=home.database_url) as three,
    ):
        yield replace(home, database_url=three.url), three


@pytest.mark.promise("receiving")
@pytest.mark.proof("failover", goal="0 lost", engine="PostgreSQL")
def test_nothing_acknowledged_is_lost_with_the_primary_and_its_disk(
    lost_and_found, record_property
):
    """With the database's machine gone and its disk too, a standby has all that was acknowledged."""
    home, three = lost_and_found
    with Server(home) as server:
        with load(server.port) as ledger:
            ledger.more(ENOUGH)
            three.lose_primary()
            died = len(ledger.told)
            ledger.more(ENOUGH)  # received without a database
            three.promote()
            promoted = len(ledger.told)
            ledger.more(ENOUGH)
        member = Member(server.port, home.desk)
        member.open_desk()
        assert member.tips(), "the desk shows no tips"
    wrong = complaints(ledger, home.open_all())
    figures = f"acknowledged {len(ledger.told)}: {died} before the loss, {promoted - died} without a database"
    record_property("figure", figures)
    assert wrong == []


@pytest.mark.promise("receiving")
@pytest.mark.proof("failover")
def test_the_form_answers_while_every_commit_waits_for_lost_standbys(
    lost_and_found,
):
    """While every commit waits for standbys that are gone, the form answers."""
    home, three = lost_and_found
    texts = [marker() for _ in range(3)]
    with Server(home, WORKERS="1", THREADS="8") as server:
        resident, member = Resident(server.port, timeout=20), Member(server.port, home.desk)
        words = resident.tell({"what": texts[0]}).words
        home.empty()
        member.open_desk()
        member.write(
            member.tips()[0], "was it by day?"
        )  # so that each look at the mailbox writes a row
        for standby in three.standbys:
            standby.kill()
        hanging = [
            threading.Thread(target=look_in, args=(server.port, words), daemon=True)
            for _ in range(20)
        ]
        for look in hanging:  # more than the process has threads
            look.start()
        time.sleep(2)
        assert sum(look.is_alive() for look in hanging) >= 6, (
            "the control: looks hang, as each writes a row"
        )
        assert all(resident.tell({"what": text}).received for text in texts[1:])
        assert [resident.get(path).status for path in ("/healthz", "/mailbox/")] == [200, 200]
        assert len(home.waiting()) == 2, "what cannot be committed stays in the outbox"
        for standby in three.standbys:
            standby.start()
        home.empty()
    assert {one.what for one in home.open_all()} >= set(texts)


def look_in(port, words):
    """Open a mailbox, however long it takes."""
    with suppress(OSError, AssertionError):
        Resident(port, timeout=60).open_mailbox(words)
