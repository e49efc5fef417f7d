"""Machines that tests start servers and commands on: each has its own copy of one that is made once a run."""

import pytest

from tests.settings import SHARED
from tests.system.harness import homes


@pytest.fixture(scope="session")
def migrated():
    """Return a machine with an empty database, to be copied: migrating takes seconds, and is done once a run."""
    return homes.shared(SHARED / "migrated", homes.migrated)


@pytest.fixture(scope="session")
def prepared(migrated):
    """Return a machine with the stories and a desk, made by the real commands once a run, to be copied."""
    return homes.shared(
        SHARED / "prepared", lambda path: homes.with_desk(homes.copy(migrated, path))
    )


@pytest.fixture
def empty_home(migrated, tmp_path):
    """Return a machine of this test's own with an empty database."""
    with homes.copied(migrated, tmp_path / "home") as home:
        yield home


@pytest.fixture
def home(prepared, tmp_path):
    """Return a machine of this test's own, with the stories and a desk."""
    with homes.copied(prepared, tmp_path / "home") as home:
        yield home


@pytest.fixture(autouse=True)
def nothing_listens():
    """Let a test listen here."""
