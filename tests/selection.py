"""Which tests say something about a database's engine, and which measure coverage."""

from pathlib import Path

import pytest
from django.test import TransactionTestCase

DATABASES = {"db", "transactional_db", "migrated"}  # fixtures; all that bring a database ask for one of these
MARKS = ("django_db", "server")
MEASURED = Path(__file__).parent / "reports"


def depends_on_engine(item: pytest.Item) -> bool:
    """Return whether a test may have another result on another engine.

    pytest-django refuses a connection to a test that asks for no database, and what starts programs is marked `server`.
    """
    if item.get_closest_marker("one_engine"):
        return False
    asked = DATABASES.intersection(getattr(item, "fixturenames", ()))
    own = getattr(item, "cls", None)
    return bool(asked or any(map(item.get_closest_marker, MARKS)) or (own and issubclass(own, TransactionTestCase)))


def measures(item: pytest.Item) -> bool:
    """Return whether coverage is measured in a test: it makes Python slower by half, so only where rules are tested."""
    return MEASURED in item.path.parents
