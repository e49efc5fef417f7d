"""A prepared machine, made once with the real commands and copied for each proof."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs import databases
from tests.proofs import home as homes
from tests.proofs.home import Home


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Prepare a state folder, a database (of the engine that this run uses) and a desk."""
    url = os.environ.get("DATABASE_URL", "")
    own = databases.new_database(url) if url else ""
    yield homes.prepare(tmp_path_factory.mktemp("prepared"), database_url=own)
    if own:
        databases.drop_database(own)


@pytest.fixture
def own_desk(tmp_path: Path) -> Iterator[Home]:
    """Return a machine whose desk nobody else has: other proofs leave their secrets in what an engine shares."""
    url = os.environ.get("DATABASE_URL", "")
    own = databases.new_database(url) if url else ""
    yield homes.prepare(tmp_path / "home", database_url=own)
    if own:
        databases.drop_database(own)


@pytest.fixture
def home(prepared: Home, tmp_path: Path) -> Iterator[Home]:
    """Return a machine of this proof's own."""
    own = homes.copy(prepared, tmp_path / "home")
    yield own
    if own.database_url:
        databases.drop_database(own.database_url)
