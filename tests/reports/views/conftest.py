"""What tests of the mailbox's pages ask for: a tip whose sender comes back, and a desk that writes to them."""

from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User

from reports.domain.intake import outbox
from reports.domain.intake.rate_limit import RateLimit
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import senders_side
from reports.models import Message, Tip
from reports.sealing import envelope, keyring
from tests.reports.mailboxes import tell, write_to


@pytest.fixture
def tip() -> Tip:
    """Return a tip under TOKEN."""
    return tell()


@pytest.fixture
def ask(tip: Tip, caseworker: User, keys: Keys) -> Callable[..., Message]:
    """Return a function by which the desk reads the tip and writes to its sender."""
    return partial(write_to, tip, caseworker, keys)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test a rate limit of its own."""
    monkeypatch.setattr(senders_side, "rate_limit", RateLimit(rate=0, burst=100))


def stored(key_file: keyring.Keyring) -> list[envelope.Bundle]:
    """Return what lies sealed in the outbox, opened."""
    files = [
        outbox.OutboxEntry.from_bytes((outbox.folder() / name).read_bytes())
        for name in outbox.waiting()
    ]
    return [
        envelope.open_sealed(file.sealed, identities=key_file.identities, bound={})
        for file in files
    ]
