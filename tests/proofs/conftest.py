"""Machines of a proof's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs import home as homes
from tests.proofs.home import Home


@pytest.fixture
def own_desk(migrated: Home, tmp_path: Path) -> Iterator[Home]:
    """Return a machine whose desk nobody else has: other proofs leave their secrets in what an engine shares."""
    with homes.copied(migrated, tmp_path / "home") as home:
        yield homes.with_desk(home)


@pytest.fixture
def home(prepared: Home, tmp_path: Path) -> Iterator[Home]:
    """Return a machine of this proof's own."""
    with homes.copied(prepared, tmp_path / "home") as home:
        yield home
