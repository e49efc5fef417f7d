"""Some threads of each process never wait for the database: what asks it is refused before they do."""

import threading
from contextlib import ExitStack

import pytest
from axes.models import AccessAttempt
from django.http import HttpResponse
from django.test import Client, RequestFactory

from reports.domain.errors import Unreachable
from reports.domain.mailbox import senders_side
from reports.domain.storage import database_threads
from reports.domain.storage.database_threads import Places
from reports.sealing import receipts
from reports.security import known_browsers

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_wait(monkeypatch):
    """Let every place be taken by somebody who waits for a database that hangs."""
    monkeypatch.setattr(
        database_threads, "PATIENCE", -1.0
    )  # nothing has moved for longer than that
    monkeypatch.setattr(database_threads, "places", places := Places(2))
    with ExitStack() as waiting:
        assert [waiting.enter_context(places.take()) for _ in range(3)] == [True, True, False]
        yield waiting


def test_the_desk_and_the_mailbox_say_so_and_the_form_answers(all_wait, passphrase):
    desk = Client().get("/admin/login/")
    assert desk.status_code == 503
    assert "no-store" in desk.headers["Cache-Control"]
    assert "The team area is overloaded" in desk.text
    with pytest.raises(Unreachable, match="cannot load your messages"):
        senders_side.open_mailbox(token=receipts.new_token())
    assert Client().get("/report/").status_code == 200
    all_wait.close()
    assert Client().get("/admin/login/").status_code == 200, "a place that is given back is free"
    assert senders_side.open_mailbox(token=receipts.new_token()) is None


def test_who_signs_in_meanwhile_loses_nothing_and_reads_nothing_for_senders(all_wait, caseworker):
    client, typed = Client(), {"username": "olu", "password": "olu-password"}
    refused = client.post("/admin/login/?next=/admin/", typed)
    assert refused.status_code == 503
    assert "many people are signing in" in refused.text
    assert "send the form again, say yes. It will send what you typed." in " ".join(
        refused.text.split()
    )
    assert not any(words in refused.text for words in ("seven words", "It does no harm", "olu"))
    all_wait.close()
    assert "The username or the password is wrong" not in client.post("/admin/login/", typed).text
    assert AccessAttempt.objects.count() == 0


def known(user):
    """Return a browser in which this member has signed in before."""
    browser, response = Client(), HttpResponse()
    known_browsers.remember(RequestFactory().get("/admin/"), response, user)
    cookie = known_browsers.name(user)
    browser.cookies[cookie] = response.cookies[cookie].value
    return browser


@pytest.fixture
def strangers(monkeypatch):
    """Let as many strangers be at the desk as find a place."""
    monkeypatch.setattr(database_threads, "PATIENCE", -1.0)
    monkeypatch.setattr(database_threads, "places", places := Places(4))
    with ExitStack() as waiting:
        assert [waiting.enter_context(places.take(stranger=True)) for _ in range(3)] == [
            True,
            True,
            False,
        ]
        yield


def test_strangers_at_the_desk_leave_places_to_members_and_mailboxes(strangers, caseworker):
    browser = known(caseworker)
    assert browser.get("/admin/login/").status_code == 200
    assert senders_side.open_mailbox(token=receipts.new_token()) is None
    browser.cookies[known_browsers.name(caseworker)] = "1 made:up"
    assert [client.get("/admin/login/").status_code for client in (Client(), browser)] == [503, 503]


def test_in_a_flood_who_comes_waits_for_the_next_place(monkeypatch):
    monkeypatch.setattr(database_threads, "PATIENCE", 60.0)
    places, entered = Places(1), threading.Event()
    with ExitStack() as first:
        assert first.enter_context(places.take())

        def come():
            with places.take() as free:
                if free:
                    entered.set()

        visitor = threading.Thread(target=come)
        visitor.start()
        assert not entered.is_set()
    visitor.join()
    assert entered.is_set()
