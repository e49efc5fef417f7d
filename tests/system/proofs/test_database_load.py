"""Promise 2 under load: however long the database is away, every tip is acknowledged at once, and comes in after."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from psycopg import sql

from reports.domain.intake import outbox
from tests.system.harness import databases
from tests.system.harness.home import Home
from tests.system.harness.load import Ledger, Sender, complaints, stop
from tests.system.harness.server import Server
from tests.system.proofs.test_database_down import a_damaged_file, held_by_another

pytestmark = [pytest.mark.server, pytest.mark.long]

AWAY, BRIEFLY = 60.0, 1.5  # seconds that the trouble lasts, and those of every check
SENDERS, PAUSE = 4, 0.05  # each sends again so many seconds after an answer: many times what a town sends
GOAL, SOON = 1.0, 10.0  # seconds: the slowest hundredth, and until all is in the database again
PATIENCE = 60.0

type Trouble = Callable[[Home], Iterator[None]]


def stopped(home: Home) -> Iterator[None]:
    """Take the database away: its file, or on PostgreSQL every connection to it, old and new."""
    with databases.away(home.database_url, home.state / "db.sqlite3"):
        yield


def locked(home: Home) -> Iterator[None]:
    """Hold the database, or on PostgreSQL the table of tips, so that nobody else can even read it."""
    if not home.database_url:
        with held_by_another(home.state / "db.sqlite3"):
            yield
        return
    with psycopg.connect(home.database_url) as holder:
        holder.execute("LOCK TABLE reports_tip IN ACCESS EXCLUSIVE MODE")
        yield


def damaged(home: Home) -> Iterator[None]:
    """Fill SQLite's file with noise; on PostgreSQL let the table of tips be gone."""
    if not home.database_url:
        with a_damaged_file(home.state / "db.sqlite3"):
            yield
        return
    with psycopg.connect(home.database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE reports_tip RENAME TO reports_tip_lost")
        yield
        owner.execute("ALTER TABLE reports_tip_lost RENAME TO reports_tip")


def read_only(home: Home) -> Iterator[None]:
    """Refuse every write: PostgreSQL by its own setting, SQLite by a trigger, which root's own files do not need."""
    if home.database_url:
        name = sql.Identifier(databases.name_of(home.database_url))
        alter = sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}")
        end = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}")
        for setting in ("on", "off"):
            databases.maintain(home.database_url, alter.format(name, sql.SQL(setting)))
            databases.maintain(home.database_url, end.format(sql.Literal(databases.name_of(home.database_url))))
            if setting == "on":
                yield
        return
    refuse = "CREATE TRIGGER refuse BEFORE INSERT ON reports_tip BEGIN SELECT RAISE(ABORT, 'read-only'); END"
    with closing(sqlite3.connect(home.state / "db.sqlite3", timeout=20)) as database:
        database.execute(refuse)
        yield
        database.execute("DROP TRIGGER refuse")


def under_load(server: Server, trouble: Trouble, seconds: float) -> tuple[Ledger, float]:
    """Send all the while; return what was told, and how long after its end the outbox was empty."""
    ledger, over, began = Ledger(), threading.Event(), time.monotonic()
    senders = [Sender(server.port, ledger, over, pause=PAUSE) for _ in range(SENDERS)]
    with contextmanager(trouble)(server.home):
        for sender in senders:
            sender.start()
        time.sleep(seconds)
        stop(senders, over)
        time.sleep(2 * outbox.PAUSE)  # nothing more comes, so that nothing but a drain by itself takes in what waits
        told, waits = bool(ledger.told), bool(server.home.waiting())
    assert told, "nothing was acknowledged meanwhile"
    assert waits, "the database took what came: there was no trouble"
    ended = time.monotonic()
    while server.home.waiting() and time.monotonic() < ended + PATIENCE:
        time.sleep(0.02)
    assert ended - began > seconds
    return ledger, time.monotonic() - ended


@pytest.mark.parametrize(
    "trouble",
    [stopped, *(pytest.param(one, marks=pytest.mark.full) for one in (locked, damaged, read_only))],
    ids=lambda trouble: trouble.__name__,
)
def test_every_tip_is_acknowledged_at_once_and_comes_in_by_itself(
    home: Home, full: bool, trouble: Trouble, record_property: Callable[[str, object], None]
) -> None:
    with Server(home) as server:
        ledger, took = under_load(server, trouble, AWAY if full else BRIEFLY)
        left = home.waiting()
    wrong = complaints(ledger, home.open_all())
    seconds = sorted(ledger.seconds)
    slowest_hundredth = seconds[int(len(seconds) * 0.99)]
    record_property(
        "figure",
        f"{trouble.__name__} for {AWAY if full else BRIEFLY:.0f} s: acknowledged {len(ledger.told):,} of "
        f"{len(ledger.told) + len(ledger.unheard):,}, p99 {slowest_hundredth:.2f} s, all in the database after "
        f"{took:.1f} s, complaints {len(wrong)}",
    )
    assert ledger.unheard == set(), "a valid tip was not acknowledged"
    assert wrong == []
    assert left == [], f"nobody takes in what waits: {len(left)}"
    if full:  # with the machine to itself
        assert slowest_hundredth < GOAL
        assert took < SOON


def test_a_server_that_tries_the_database_once_leaves_it_lying(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.PATIENCE", 8.0)
    with Server(home, app="tests.system.proofs.broken:drains_once()") as server:
        ledger, _ = under_load(server, stopped, BRIEFLY)
        assert ledger.told
        assert home.waiting(), "what waits came in: the drain is tried again"


@pytest.mark.full
def test_a_server_that_stores_into_the_database_alone_is_caught(home: Home) -> None:
    with (
        Server(home, app="tests.system.proofs.broken:receives_into_the_database()") as server,
        pytest.raises(AssertionError, match="nothing was acknowledged"),
    ):
        under_load(server, stopped, BRIEFLY)
