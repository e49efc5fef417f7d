"""Whether the time of an answer tells a receipt that opens something from one that does not."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.db import connection  # noqa: F401 - in a mark

from reports.domain.answering import mailbox
from reports.domain.arriving import intake, outbox
from reports.domain.arriving.bucket import Bucket
from reports.domain.keeping import retention
from reports.domain.keys.keyholders import Keys
from reports.models import Tip
from reports.sealing import receipts
from tests.bench.mailbox import KINDS, LIMIT, leaks, measure
from tests.reports.mailboxes import write_to

EACH = 2_000  # answers of each kind

pytestmark = [
    pytest.mark.usefixtures("phrase"),
    pytest.mark.one_engine,
    pytest.mark.skipif(
        "connection.vendor != 'sqlite'", reason="the ends of requests would close PostgreSQL's connection"
    ),
]


@pytest.fixture
def most(
    officer: User, keys: Keys, monkeypatch: pytest.MonkeyPatch, settings: pytest.MonkeyPatch
) -> Callable[[], float]:
    """Return a function that measures and gives the largest of Welch's t between kinds of receipts."""
    settings.ROOT_URLCONF = "tests.bench._one_query"
    monkeypatch.setattr(mailbox, "bucket", Bucket(rate=1e9, burst=10**9))
    tokens = {kind: receipts.new_token() for kind in (*KINDS, "another")}
    for kind in set(tokens) - {"wrong"}:
        intake.accept(token=tokens[kind], answers={"what": "A grey van stops behind the garages."})
    outbox.drain()
    tips = {kind: Tip.objects.filter(lookup=receipts.lookup(token)).first() for kind, token in tokens.items()}
    for kind in ("right", "another"):
        write_to(tips[kind], officer, keys)
    mailbox.burn(token=tokens["burned"])
    retention.purge(tip=tips["deleted"], by=None)
    words = {kind: " ".join(receipts.words(tokens[kind])) for kind in KINDS}

    def measured() -> float:
        return max(map(abs, leaks(measure(get_wsgi_application(), words, EACH)).values()))

    return measured


def test_right_wrong_burned_and_deleted_receipts_take_the_same_time(most: Callable[[], float]) -> None:
    assert most() < LIMIT


def test_a_look_that_opens_nothing_for_a_wrong_receipt_is_caught(
    most: Callable[[], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(mailbox, "LEAST", 0)
    assert most() > LIMIT
