"""The thread that drains after receipts and at a start of the server, and goes on until the database takes it."""

import time

import pytest
from django.db import OperationalError

from reports.domain.intake import outbox
from tests.reports.domain.intake.test_outbox import make, stored

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]

HERE = ("a" * 64, "b" * 32)


@pytest.fixture(autouse=True)
def rounds(monkeypatch):
    """Return what the thread does: "begun" and "ended" for each drain, so that none goes on in another test."""
    noted = []
    drain, close = outbox.drain, outbox.close_old_connections

    def noting(*, wait=False):
        noted.append("begun")
        return drain(wait=wait)

    def closing():
        close()
        noted.append("ended")

    monkeypatch.setattr(outbox, "drain", noting)
    monkeypatch.setattr(outbox, "close_old_connections", closing)
    return noted


def eventually(happened):
    """Wait, for thirty seconds at the most, until something has happened."""
    until = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def is_over(rounds):
    """Return whether nothing waits and the thread is at rest."""
    return not outbox.waiting() and rounds.count("begun") == rounds.count("ended") > 0


def test_wake_drains_in_the_background(rounds):
    outbox.put(make())
    outbox.wake()
    eventually(lambda: is_over(rounds))
    assert stored() == {HERE}


def test_a_drain_that_fails_is_said_once_and_tried_again_until_it_succeeds(
    rounds, monkeypatch, caplog
):
    waited = []

    def failing(*, wait):
        rounds.append("begun")
        waited.append(wait)
        raise OperationalError

    monkeypatch.setattr(outbox, "RETRY", 0.01)
    outbox.put(make())
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "drain", failing)
        outbox.wake()
        eventually(lambda: len(waited) > 3)
    eventually(lambda: is_over(rounds))  # and nobody woke it again
    assert stored() == {HERE}
    assert caplog.text.count("drain failed") == 1, "it says so each time"
    assert all(waited), "what came while another drained would lie for a minute"


def test_what_a_killed_server_left_is_taken_in_at_the_next_start(rounds, monkeypatch):
    outbox.put(make())
    outbox.resume()
    eventually(lambda: is_over(rounds))
    assert stored() == {HERE}
    monkeypatch.setattr(outbox, "wake", lambda: 1 / 0)
    outbox.resume()  # nothing waits: no thread, no question to the database
