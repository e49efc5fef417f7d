"""Promise 2: the first disk is lost under load, at any moment between two backups, and nothing acknowledged is."""

import random
import secrets
import shutil
import time

import pytest

from tests.system.harness.load import complaints, load
from tests.system.harness.server import Server
from tests.system.proofs.test_restore_drill import let_in

ROUNDS = 5  # with --full


def lose_the_disk(home, backups, *, seed, **second):
    """Back up, go on under load, and lose the state folder at a random moment; return what senders were told."""
    with Server(home, **second) as server, load(server.port) as ledger:
        ledger.more()
        home.manage("backup", "--to", str(backups), **second)
        home.manage("backup", "verify", **second)
        ledger.more()
        time.sleep(random.Random(seed).uniform(0.0, 2.0))
        server.kill()
    shutil.rmtree(home.state)
    return ledger


@pytest.mark.promise("receiving", control="test_control_without_the_second_disk_tips_are_lost")
@pytest.mark.proof("second disk", goal="0 lost, 0 twice")
@pytest.mark.parametrize(
    "number", [0, *(pytest.param(one, marks=pytest.mark.full) for one in range(1, ROUNDS))]
)
def test_the_first_disk_is_lost_and_nothing_that_was_acknowledged(
    home,
    spare,
    another_disk,
    mirror,
    *,
    number,
    record_property,
):
    """The first disk is lost under load between two backups, and nothing that was acknowledged is."""
    seed = secrets.randbelow(2**32)
    ledger = lose_the_disk(home, another_disk, seed=seed, OUTBOX_MIRROR=str(mirror))
    waited = len([path for path in mirror.rglob("*.*") if path.is_file()])
    _, new = let_in(spare, another_disk, home.desk["recovery"], OUTBOX_MIRROR=str(mirror))
    record_property(
        "figure", f"acknowledged {len(ledger.told)}, {waited} of them in no backup (seed {seed})"
    )
    assert complaints(ledger, new.open_all()) == []
    assert waited, "everything was in the backup: nothing was proved"
    assert "with 1 restore" in spare.manage("audit", "verify")


@pytest.mark.proof("second disk", control=True)
def test_control_without_the_second_disk_tips_are_lost(home, spare, another_disk):
    ledger = lose_the_disk(home, another_disk, seed=1)
    _, new = let_in(spare, another_disk, home.desk["recovery"])
    assert any(line.startswith("lost: a tip") for line in complaints(ledger, new.open_all()))
