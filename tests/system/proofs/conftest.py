"""Machines that only proofs need, and a server on the usual one."""

import tempfile
from pathlib import Path

import pytest

from tests.system.harness import databases, homes
from tests.system.harness.server import Server


@pytest.fixture
def own_desk(empty_home):
    """Return a machine whose desk nobody else has: other proofs leave their secrets in what an engine shares."""
    return homes.with_desk(empty_home)


@pytest.fixture
def spare(tmp_path):
    """Return an empty machine beside the one that will be lost."""
    home = homes.new_machine(tmp_path / "spare")
    yield home
    databases.drop_database(home.database_url)


@pytest.fixture
def server(home):
    """Serve the machine of this test."""
    with Server(home) as running:
        yield running


@pytest.fixture
def another_disk():
    """Return a folder for backups that lies elsewhere than the site: else a second outbox lets nothing go."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as path:  # the other disk that every Linux has
        yield Path(path)


@pytest.fixture
def mirror(tmp_path):
    """Return a folder for the second outbox."""
    folder = tmp_path / "mirror"
    folder.mkdir(mode=0o700)
    return folder
