"""What tests of the mailbox's pages ask for: a tip whose sender comes back, and a desk that writes to them."""

from functools import partial

import pytest

from reports.domain.intake import outbox
from reports.domain.intake.rate_limit import RateLimit
from reports.domain.mailbox import senders_side
from reports.sealing import envelope
from tests.reports.mailboxes import tell, write_to


@pytest.fixture
def tip():
    """Return a tip under TOKEN."""
    return tell()


@pytest.fixture
def ask(tip, caseworker, keys):
    """Return a function by which the desk reads the tip and writes to its sender."""
    return partial(write_to, tip, caseworker, keys)


@pytest.fixture
def unhurried(monkeypatch):
    """Give a test a rate limit of its own."""
    monkeypatch.setattr(senders_side, "rate_limit", RateLimit(rate=0, burst=100))


def stored(key_file):
    """Return what lies sealed in the outbox, opened."""
    files = [
        outbox.OutboxEntry.from_bytes((outbox.folder() / name).read_bytes())
        for name in outbox.waiting()
    ]
    return [
        envelope.open_sealed(file.sealed, identities=key_file.identities, bound={})
        for file in files
    ]
