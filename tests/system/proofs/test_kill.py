"""Promise 2: what we said we received is never lost, whenever the server dies."""

import random
import secrets
import threading
import time
from collections.abc import Callable

import pytest

from tests.system.harness.home import Home
from tests.system.harness.load import Client, Ledger, Sender, complaints, stop
from tests.system.harness.server import Server

pytestmark = pytest.mark.server

LEAST, GOAL = 20, 200  # kills
ACKNOWLEDGED = 100_000  # with --full
LONGEST = 240.0  # seconds that the killing may go on for
CLIENTS, SENDERS = 4, 6
PAUSES, LONG_PAUSES = (0.05, 1.0), (0.05, 3.5)  # seconds between two kills; longer where many must be acknowledged
SOON = 5.0  # seconds after a restart in which the outbox is empty
CYCLES = 1, 8  # of each aimed kill, and with --full
MOMENTS = ("stored", "draining", "ingesting", "committed", "removing")  # as tests/system/proofs/broken.py has them
NONE = "none acknowledged"


def told_some(ledger: Ledger) -> bool:
    """Return whether the load has begun."""
    return len(ledger.told) > 2


def sent_some_again(ledger: Ledger) -> bool:
    """Return whether some tips were sent twice."""
    return ledger.resent > 2


def under_load(
    server: Server, *, kills: int, seed: int, begun: Callable[[Ledger], bool] = told_some, most: int = 0
) -> tuple[Ledger, int]:
    """Kill the group `kills` times at random while clients send, once they have begun; return what they were told.

    With `most`, others send as fast as the server takes it meanwhile, until so many are acknowledged.
    """
    chance, ledger, over = random.Random(seed), Ledger(), threading.Event()
    clients: list[threading.Thread] = [Client(server.port, ledger, over) for _ in range(CLIENTS)]
    clients += [Sender(server.port, ledger, over) for _ in range(SENDERS if most else 0)]
    for client in clients:
        client.start()
    until, done = time.monotonic() + (LONGEST if not most else 60 * LONGEST), 0
    try:
        while not begun(ledger) and time.monotonic() < until:
            time.sleep(0.02)
        while (done < kills or len(ledger.told) < most) and time.monotonic() < until:
            time.sleep(chance.uniform(*(LONG_PAUSES if most else PAUSES)))
            server.kill()
            done += 1
            server.start()
        time.sleep(0.3)
        server.kill()
    finally:
        stop(clients, over)
    return ledger, done


def test_nothing_acknowledged_is_lost_over_many_kills(
    home: Home, full: bool, record_property: Callable[[str, object], None]
) -> None:
    seed = secrets.randbelow(2**32)
    with Server(home) as server:
        ledger, kills = under_load(server, kills=GOAL if full else LEAST, seed=seed, most=ACKNOWLEDGED if full else 0)
    found = home.open_all()
    wrong = complaints(ledger, found)
    texts = {one.what for one in found}
    figures = (
        f"kills {kills} (seed {seed}); acknowledged {len(ledger.told):,}, of them {ledger.persisted} after a kill cut "
        f"the first try; sent again {ledger.resent}; pictures confirmed {len(ledger.shown)}; without an answer to the "
        f"end {len(ledger.unheard)}, stored all the same {len(ledger.unheard & texts)}; complaints {len(wrong)}"
    )
    record_property("figure", figures)
    assert not wrong, f"{len(wrong)} complaints after {kills} kills (seed {seed}), the first: {wrong[:5]}"
    assert kills >= LEAST, f"only {kills} kills in {LONGEST:.0f} seconds: the machine is too slow for this proof"
    assert len(ledger.told) > 2 * kills, f"{len(ledger.told)} tips are no load"
    assert ledger.resent, "nothing was ever sent twice"
    assert ledger.shown, "no picture was ever confirmed"
    assert home.waiting() == []


def emptied(home: Home) -> float:
    """Return after how many seconds the outbox is empty, or much more than SOON."""
    began = time.monotonic()
    while home.waiting() and time.monotonic() < began + 10 * SOON:
        time.sleep(0.02)
    return time.monotonic() - began


def killed_at(home: Home, moment: str, ledger: Ledger) -> tuple[float, int]:
    """Start a server, let it empty the outbox by itself, then send until it kills itself at this moment.

    Return the seconds of the first, and what lay in the outbox after the kill.
    """
    with Server(home, app=f"tests.system.proofs.broken:dies_when('{moment}')") as server:
        took = emptied(home)
        die_under_load(server, ledger)
    return took, len(home.waiting())


def die_under_load(server: Server, ledger: Ledger) -> None:
    """Send until a server has killed itself."""
    over = threading.Event()
    senders = [Sender(server.port, ledger, over) for _ in range(2)]
    for sender in senders:
        sender.start()
    died = server.died(within=30)
    stop(senders, over)
    assert died, "nothing reached the moment of the kill"


def test_killed_on_its_way_into_the_database_nothing_is_lost_and_the_next_start_goes_on(
    home: Home, full: bool, record_property: Callable[[str, object], None]
) -> None:
    ledger, moments = Ledger(), MOMENTS * CYCLES[full]
    times, left = zip(*(killed_at(home, moment, ledger) for moment in moments), strict=True)
    with Server(home):
        times = (*times, emptied(home))
    wrong = complaints(ledger, home.open_all())
    record_property(
        "figure",
        f"aimed kills {len(moments)} at {len(MOMENTS)} moments; acknowledged {len(ledger.told):,}; in the outbox after "
        f"one up to {max(left)}, after the next start empty in {max(times):.1f} s; complaints {len(wrong)}",
    )
    assert not wrong, wrong[:5]
    assert ledger.told, NONE
    assert sum(left) >= len(moments), f"nothing was on its way: {left}"
    assert home.waiting() == []
    if full:  # with the machine to itself
        assert max(times) < SOON


def test_a_server_that_acknowledges_before_it_stores_is_caught(home: Home) -> None:
    with Server(home, app="tests.system.proofs.broken:acknowledges_first()") as server:
        ledger, _ = under_load(server, kills=2, seed=1)
    assert ledger.told, NONE
    assert any(line.startswith("lost: a tip") for line in complaints(ledger, home.open_all()))


def test_a_server_that_stores_the_same_twice_is_caught(home: Home) -> None:
    with Server(home, app="tests.system.proofs.broken:stores_twice()") as server:
        ledger, _ = under_load(server, kills=0, seed=1, begun=sent_some_again)
    assert ledger.told, NONE
    assert any(line.startswith("stored 2 times: ") for line in complaints(ledger, home.open_all()))


def test_a_server_that_removes_before_it_has_stored_is_caught_by_an_aimed_kill(home: Home) -> None:
    ledger = Ledger()
    with Server(home, app="tests.system.proofs.broken:removes_first()") as server:
        die_under_load(server, ledger)
    assert any(line.startswith("lost: a tip") for line in complaints(ledger, home.open_all()))
