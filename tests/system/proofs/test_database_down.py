"""Promise 2, and the form's: a tip and an answer are received although the database is gone, broken or busy."""

import os
from dataclasses import replace

import psycopg
import pytest

from tests.system.harness import troubles
from tests.system.harness.homes import marker
from tests.system.harness.member import Member
from tests.system.harness.resident import Resident
from tests.system.harness.server import Server

pytestmark = pytest.mark.engine

AT_ONCE = 5.0  # seconds that any page may take meanwhile; SQLite's own patience is 20
SHORT = 2  # seconds that a page waits for a locked row here; nginx gives it up after 60
APPEAL = "milton-keynes-drug-warrants"
STALE = {
    "Cookie": "staff=0123456789abcdefghijklmnopqrstuv; __Secure-staff=0123456789abcdefghijklmnopqrstuv"
}
LOOKS_UP = "tests.system.proofs.broken:looks_up_the_visitor()"

on_sqlite = pytest.mark.skipif(
    bool(os.environ.get("DATABASE_URL")), reason="this is about SQLite's file"
)
on_postgres = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL"), reason="SQLite has no locks of rows"
)


def walk(home, port, text):
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


def come_in(home, *texts):
    """Check that maintenance moves a tip and an answer in, each once, now that the database is back."""
    home.empty(run_maintenance=True)
    entries = [entry for entry in home.open_all() if entry.what in texts]
    assert sorted(entry.what for entry in entries) == sorted(texts)
    assert {entry.answers["appeal"] for entry in entries if entry.kind == "tip"} <= {APPEAL}


def look_and_answer(home, resident, words, text):
    """Open a mailbox that cannot be shown and answer all the same: it says so, and the answer lies in the outbox."""
    page, waiting = resident.open_mailbox(words), len(home.waiting())
    assert (page.status, "We cannot show your messages now" in page.text) == (503, True)
    assert "/mailbox/burn/" not in page.text, "it offers what it cannot do"
    sent = resident.answer(page, text)
    assert "We have what you wrote." in sent.text
    assert max(page.seconds, sent.seconds) < AT_ONCE, "a page waited for the database"
    assert len(home.waiting()) == waiting + 1


def told_before(home, resident):
    """Send a tip that comes in before anything goes wrong, so that connections are open; return its words."""
    words = resident.tell({"what": "before"}, appeal=APPEAL).words
    home.empty()
    return words


@pytest.mark.promise("receiving", control="test_a_page_that_looks_up_its_visitor_is_caught")
@pytest.mark.proof("database file", goal="every tip and answer received")
@pytest.mark.parametrize(
    "trouble",
    [
        troubles.away,
        *(pytest.param(one, marks=on_sqlite) for one in (troubles.damaged, troubles.held)),
    ],
    ids=lambda trouble: trouble.__name__,
)
def test_a_tip_is_received_and_comes_in_later(home, trouble):
    """With the database down a tip is received, and comes in later.

    So is an answer from the mailbox, which says what it cannot show.
    """
    text, answer = marker(), marker()
    with Server(home) as server:
        words = told_before(home, Resident(server.port))
    # Where another holds it for itself, the server takes that only before anybody reads.
    with trouble(home), Server(home) as server:
        look_and_answer(home, Resident(server.port, headers=STALE), words, answer)
        walk(home, server.port, text)
        if trouble is troubles.away:
            ended = home.ran("run_maintenance")
            assert (ended.code, "The database does not answer" in ended.said) == (1, True)
        assert len(home.waiting()) == 2, "something lost what it could not move"
    come_in(home, text, answer)
    with Server(home) as server:
        assert "Not read yet</h2>" in Resident(server.port).open_mailbox(words).text


@pytest.mark.promise("messages")
@pytest.mark.proof("database file")
def test_a_mailbox_says_what_it_cannot_show_and_takes_an_answer(home, server):
    """With the database gone or damaged it says so at once, and an answer comes in later.

    While it runs, too: connections are open, and then die.
    """
    resident, text = Resident(server.port, headers=STALE), marker()
    words = told_before(home, resident)
    with troubles.away(home):
        look_and_answer(home, resident, words, text)
    come_in(home, text)
    assert "Not read yet</h2>" in resident.open_mailbox(words).text


@pytest.mark.promise("messages")
@on_sqlite
def test_a_mailbox_is_shown_while_nobody_can_write_and_takes_an_answer(home, server):
    """While nobody can write to the database it is shown, and an answer comes in later."""
    resident, text, tip = Resident(server.port, headers=STALE), marker(), marker()
    words = told_before(home, resident)
    with troubles.written(home):
        page = resident.open_mailbox(words)
        assert (page.status, "Not read yet</h2>" in page.text) == (200, True)
        sent = resident.answer(page, text)
        assert (sent.status, "We have what you wrote." in sent.text) == (200, True)
        refused = resident.post(
            "/mailbox/burn/", page.form("/mailbox/burn/").fields | {"sure": "yes"}
        )
        assert (refused.status, "nothing was changed" in refused.text) == (503, True)
        assert max(page.seconds, sent.seconds, refused.seconds) < AT_ONCE, (
            "a page waited for the database"
        )
        walk(home, server.port, tip)
    come_in(home, text, tip)


@pytest.mark.proof("database file", control=True)
def test_a_page_that_looks_up_its_visitor_is_caught(home):
    with Server(home, app=LOOKS_UP) as server:
        assert Resident(server.port, headers=STALE).get("/report/").status == 200, (
            "broken even with its database"
        )
        with troubles.away(home), pytest.raises(AssertionError, match="/report/ answered 500"):
            walk(home, server.port, marker())


@on_postgres
def test_a_page_that_waits_for_a_locked_row_ends_in_plain_words(home):
    """Somebody holds every tip and message and never lets go."""
    and_more = "&" if "?" in home.database_url else "?"
    impatient = replace(
        home, database_url=f"{home.database_url}{and_more}options=-c%20lock_timeout%3D{SHORT}s"
    )
    with Server(impatient) as server, psycopg.connect(home.database_url) as holder:
        resident, member = Resident(server.port), Member(server.port, home.desk)
        words = told_before(home, resident)
        member.open_desk()
        (address,) = member.tips()
        read, mailbox = member.write(address, "was it by day?"), resident.open_mailbox(words)
        for table in ("reports_tip", "reports_message"):
            assert holder.execute(f"SELECT id FROM {table} FOR UPDATE").fetchall()
        stopped = resident.post(
            "/mailbox/burn/", mailbox.form("/mailbox/burn/").fields | {"sure": "yes"}
        )
        saved = member.press(
            read, f"{address.removesuffix('change/')}save/", {"status": "no_action"}
        )
        assert resident.tell({"what": marker()}).received, "receiving a tip waits for nobody"
        holder.rollback()
        assert (stopped.status, "so nothing was changed" in stopped.text) == (503, True)
        assert (saved.status, "We could not record that you read this tip" in saved.text) == (
            503,
            True,
        )
        assert {resident.open_mailbox(words).status, member.get(address).status} == {200}
