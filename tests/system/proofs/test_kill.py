"""Promise 2: what we said we received is never lost, whenever the server dies."""

import random
import secrets
import time

import pytest

from tests.system.harness.facts import until
from tests.system.harness.load import Ledger, complaints, load
from tests.system.harness.server import Server

pytestmark = pytest.mark.engine

LEAST, GOAL = 20, 200  # kills
ACKNOWLEDGED = 100_000  # with --full
LONGEST = 600.0  # seconds that the killing may go on for
SENDERS = 6
PAUSES, LONG_PAUSES = (
    (0.05, 1.0),
    (0.05, 3.5),
)  # seconds between two kills; longer where many must be acknowledged
SOON = 5.0  # seconds after a restart in which the outbox is empty
CYCLES = 1, 8  # of each aimed kill, and with --full
MOMENTS = (
    "stored",
    "draining",
    "ingesting",
    "committed",
    "removing",
)  # as tests/system/proofs/broken.py has them
BROKEN = "tests.system.proofs.broken:"


def killed(server, *, kills, seed, most=0, begun="told"):
    """Kill the group `kills` times at random under load, once it has begun; return what senders were told, and kills.

    With `most`, others send as fast as the server takes it meanwhile, until so many are acknowledged.
    """
    chance, done, longest = random.Random(seed), 0, LONGEST * (60 if most else 1)
    with load(server.port, senders=SENDERS if most else 0) as ledger:
        until(
            lambda: len(ledger.told) > 2 and (begun == "told" or ledger.resent > 2),
            "a load",
            seconds=longest,
        )
        end = time.monotonic() + longest
        while (done < kills or len(ledger.told) < most) and time.monotonic() < end:
            time.sleep(chance.uniform(*(LONG_PAUSES if most else PAUSES)))
            server.kill()
            done += 1
            server.start()
        if kills >= LEAST:
            until(lambda: ledger.resent and ledger.shown, "a tip that is sent twice, and a picture")
        server.kill()
    return ledger, done


@pytest.mark.promise(
    "receiving",
    control="test_a_server_that_acknowledges_before_it_stores_is_caught",
    name="stored-before-told",
)
@pytest.mark.proof(
    "kill",
    goal="200 kills, 100,000 acknowledged: 0 lost, 0 twice; outbox empty 5 s after a restart",
)
def test_nothing_acknowledged_is_lost_over_many_kills(home, full, record_property):
    """Over at least twenty kills under load, nothing acknowledged is lost or stored twice: it was on the disk first."""
    seed = secrets.randbelow(2**32)
    with Server(home) as server:
        ledger, kills = killed(
            server, kills=GOAL if full else LEAST, seed=seed, most=ACKNOWLEDGED if full else 0
        )
    found = home.open_all()
    wrong, texts = complaints(ledger, found), {one.what for one in found}
    record_property(
        "figure",
        f"kills {kills} (seed {seed}); acknowledged {len(ledger.told):,}, of them {ledger.persisted} after a kill cut "
        f"the first try; sent again {ledger.resent}; pictures confirmed {len(ledger.shown)}; without an answer to the "
        f"end {len(ledger.unheard)}, stored all the same {len(ledger.unheard & texts)}; complaints {len(wrong)}",
    )
    assert not wrong, (
        f"{len(wrong)} complaints after {kills} kills (seed {seed}), the first: {wrong[:5]}"
    )
    assert kills >= LEAST, (
        f"only {kills} kills in {LONGEST:.0f} seconds: the machine is too slow for this proof"
    )
    assert len(ledger.told) > 2 * kills, f"{len(ledger.told)} tips are no load"
    assert ledger.resent, "nothing was ever sent twice"
    assert ledger.shown, "no picture was ever confirmed"
    assert home.waiting() == []


def died_under_load(server, ledger):
    """Send until a server has killed itself."""
    with load(server.port, ledger, clients=0, senders=2):
        assert server.died(within=30), "nothing reached the moment of the kill"


def killed_at(home, moment, ledger):
    """Start a server, let it empty the outbox by itself, then send until it kills itself at this moment.

    Return the seconds of the first, and what lay in the outbox after the kill.
    """
    with Server(home, app=f"{BROKEN}dies_when('{moment}')") as server:
        took = home.empty()
        died_under_load(server, ledger)
    return took, len(home.waiting())


@pytest.mark.promise(
    "receiving",
    control="test_a_server_that_removes_before_it_has_stored_is_caught_by_an_aimed_kill",
    name="stored-before-told",
)
@pytest.mark.proof("kill")
def test_killed_on_its_way_into_the_database_nothing_is_lost_at_the_next_start(
    home, full, record_property
):
    """Killed between outbox and database, or while it moves, the next start of the server goes on by itself, within
    seconds.
    """
    ledger, moments = Ledger(), MOMENTS * CYCLES[full]
    times, left = zip(*(killed_at(home, moment, ledger) for moment in moments), strict=True)
    with Server(home):
        slowest = max(*times, home.empty())
    wrong = complaints(ledger, home.open_all())
    record_property(
        "figure",
        f"aimed kills {len(moments)} at {len(MOMENTS)} moments; acknowledged {len(ledger.told):,}; in the outbox after "
        f"one up to {max(left)}, after the next start empty in {slowest:.1f} s; complaints {len(wrong)}",
    )
    assert not wrong, wrong[:5]
    assert ledger.told
    assert sum(left) >= len(moments), f"nothing was on its way: {left}"
    if full:  # with the machine to itself
        assert slowest < SOON


@pytest.mark.proof("kill", control=True)
@pytest.mark.parametrize(
    ("app", "kills", "begun", "wrong"),
    [
        ("acknowledges_first", 2, "told", "lost: a tip"),
        ("stores_twice", 0, "resent", "stored 2 times: "),
    ],
)
def test_a_server_that_acknowledges_before_it_stores_is_caught(home, app, kills, begun, wrong):
    """And one that stores twice what is sent twice."""
    with Server(home, app=f"{BROKEN}{app}()") as server:
        ledger, _ = killed(server, kills=kills, seed=1, begun=begun)
    assert any(line.startswith(wrong) for line in complaints(ledger, home.open_all()))


@pytest.mark.proof("kill", control=True)
def test_a_server_that_removes_before_it_has_stored_is_caught_by_an_aimed_kill(home):
    ledger = Ledger()
    with Server(home, app=f"{BROKEN}removes_first()") as server:
        died_under_load(server, ledger)
    assert any(line.startswith("lost: a tip") for line in complaints(ledger, home.open_all()))
