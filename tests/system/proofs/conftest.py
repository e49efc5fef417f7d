"""A machine whose desk nobody else has."""

import pytest

from tests.system.harness import home as homes
from tests.system.harness.home import Home


@pytest.fixture
def own_desk(empty_home: Home) -> Home:
    """Return a machine whose desk nobody else has: other proofs leave their secrets in what an engine shares."""
    return homes.with_desk(empty_home)
