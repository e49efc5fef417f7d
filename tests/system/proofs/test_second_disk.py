"""Promise 2: the first disk is lost under load, at any moment between two backups, and nothing acknowledged is."""

import random
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.harness import databases
from tests.system.harness.home import Home
from tests.system.harness.machines import new_machine, typed
from tests.system.harness.server import Server
from tests.system.proofs.test_kill import CLIENTS, Client, Ledger, complaints, told_some

pytestmark = pytest.mark.server

ROUNDS = 5
LONGEST = 60.0  # seconds until the load must have begun


@pytest.fixture
def spare(tmp_path: Path) -> Iterator[Home]:
    """Return an empty machine."""
    home = new_machine(tmp_path / "spare")
    yield home
    databases.drop_database(home.database_url)


@pytest.fixture(autouse=True)
def backups(home: Home) -> Iterator[None]:
    """Let backups lie on another disk than the site: else the mirror lets nothing go, and little is proved."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as path:  # the other disk that every Linux has
        (home.path / "backups").symlink_to(path)
        yield


def lose_the_disk(home: Home, mirror: Path | None, *, seed: int) -> Ledger:
    """Back up, go on under load, and lose the state folder at a random moment; return what senders were told."""
    chance, ledger, over = random.Random(seed), Ledger(), threading.Event()
    second = {"OUTBOX_MIRROR": str(mirror)} if mirror else {}
    told = [f"{name}={value}" for name, value in second.items()]
    with Server(home, **second) as server:
        clients = [Client(server.port, ledger, over) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            _until(ledger, more_than=0)
            home.manage("backup", "--to", str(home.path / "backups"), within=("env", *told))
            home.manage("backup", "verify", within=("env", *told))
            _until(ledger, more_than=len(ledger.told))
            time.sleep(chance.uniform(0.0, 2.0))
            server.kill()
        finally:
            over.set()
            for client in clients:
                client.join(timeout=20)
    shutil.rmtree(home.state)
    return ledger


def _until(ledger: Ledger, *, more_than: int) -> None:
    until = time.monotonic() + LONGEST
    while len(ledger.told) <= more_than + 2 or not told_some(ledger):
        assert time.monotonic() < until, "there is no load"
        time.sleep(0.02)


def restored(home: Home, spare: Home, mirror: Path | None) -> Home:
    """Restore on another machine, with the second disk if there is one, and return it with its lead's new words."""
    second = {"OUTBOX_MIRROR": str(mirror)} if mirror else {}
    command = ["restore", "--from", str(home.path / "backups"), "--lead", "lena"]
    ended, said = typed(spare, *command, line=home.desk["recovery"], **second)
    assert ended == 0, said
    words = said.partition("six words:")[2].strip().splitlines()[0]
    return Home(spare.path, spare.database_url, {"username": "lena", "phrase": words.strip()})


def test_the_first_disk_is_lost_and_nothing_that_was_acknowledged(
    home: Home, spare: Home, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    mirror, seed = tmp_path / "mirror", secrets.randbelow(2**32)
    mirror.mkdir(mode=0o700)
    ledger = lose_the_disk(home, mirror, seed=seed)
    waited = len([path for path in mirror.rglob("*.*") if path.is_file()])
    found = restored(home, spare, mirror).open_all()
    record_property("figure", f"acknowledged {len(ledger.told)}, {waited} of them in no backup (seed {seed})")
    assert complaints(ledger, found) == []
    assert waited, "everything was in the backup: nothing was proved"
    assert "with one restore" in spare.manage("audit", "verify")


@pytest.mark.whole
@pytest.mark.parametrize("number", range(ROUNDS))
def test_at_any_moment(
    home: Home, spare: Home, tmp_path: Path, record_property: Callable[[str, object], None], number: int
) -> None:
    test_the_first_disk_is_lost_and_nothing_that_was_acknowledged(home, spare, tmp_path, record_property)


def test_control_without_the_second_disk_tips_are_lost(home: Home, spare: Home) -> None:
    ledger = lose_the_disk(home, None, seed=1)
    wrong = complaints(ledger, restored(home, spare, None).open_all())
    assert any(line.startswith("lost: a tip") for line in wrong)
