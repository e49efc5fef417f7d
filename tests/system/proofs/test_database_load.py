"""Promise 2 under load: however long the database is away, every tip is acknowledged at once, and comes in after."""

import time

import pytest

from reports.domain.intake import outbox
from tests.system.harness import troubles
from tests.system.harness.load import complaints, load
from tests.system.harness.server import Server

pytestmark = pytest.mark.engine

AWAY, BRIEFLY = 60.0, 1.5  # seconds that the trouble lasts, and those of every check
SENDERS, PAUSE = (
    4,
    0.05,
)  # each sends again so many seconds after an answer: many times what a town sends
GOAL, SOON = 1.0, 10.0  # seconds: the slowest hundredth, and until all is in the database again


def under_load(server, trouble, seconds):
    """Send all the while; return what was told."""
    with trouble(server.home):
        with load(server.port, clients=0, senders=SENDERS, pause=PAUSE) as ledger:
            time.sleep(seconds)
        time.sleep(
            2 * outbox.PAUSE
        )  # nothing more comes, so that nothing but a drain by itself takes in what waits
        assert ledger.told, "nothing was acknowledged meanwhile"
        assert server.home.waiting(), "the database took what came: there was no trouble"
    return ledger


@pytest.mark.promise(
    "receiving", control="test_a_server_that_tries_the_database_once_leaves_it_lying"
)
@pytest.mark.proof(
    "database", goal="60 s under load: all acknowledged, p99 under 1 s, in after 10 s"
)
@pytest.mark.parametrize(
    "trouble",
    [
        troubles.away,
        *(
            pytest.param(one, marks=pytest.mark.full)
            for one in (troubles.held, troubles.damaged, troubles.read_only)
        ),
    ],
    ids=lambda trouble: trouble.__name__,
)
def test_every_tip_is_acknowledged_at_once_and_comes_in_by_itself(
    home,
    server,
    full,
    trouble,
    record_property,
):
    """With the database away under load every tip is acknowledged at once, and comes in by itself once it is back."""
    ledger = under_load(server, trouble, AWAY if full else BRIEFLY)
    took = home.empty()
    wrong = complaints(ledger, home.open_all())
    slowest_hundredth = sorted(ledger.seconds)[int(len(ledger.seconds) * 0.99)]
    record_property(
        "figure",
        f"{trouble.__name__} for {AWAY if full else BRIEFLY:.0f} s: acknowledged {len(ledger.told):,} of "
        f"{len(ledger.told) + len(ledger.unheard):,}, p99 {slowest_hundredth:.2f} s, all in the database after "
        f"{took:.1f} s, complaints {len(wrong)}",
    )
    assert ledger.unheard == set(), "a valid tip was not acknowledged"
    assert wrong == []
    if full:  # with the machine to itself
        assert slowest_hundredth < GOAL
        assert took < SOON


@pytest.mark.proof("database", control=True)
def test_a_server_that_tries_the_database_once_leaves_it_lying(home):
    with Server(home, app="tests.system.proofs.broken:drains_once()") as server:
        under_load(server, troubles.away, BRIEFLY)
        time.sleep(25 * outbox.PAUSE)  # others are empty by then
        assert home.waiting(), "what waits came in: the drain is tried again"
