"""Which tests are asked for, which come first, and which measure coverage."""

from pathlib import Path

import pytest
from django.test import TransactionTestCase

DATABASES = {"db", "transactional_db", "migrated"}  # fixtures; all that bring a database ask for one of these
MARKS = ("django_db", "server")
ONE_ENGINE = ("one_engine", "browser")
REPORTS = Path(__file__).parent / "reports"
# Where PostgreSQL takes branches of its own: its triggers, the order in which rows are locked, and its patience.
OF_POSTGRES = {REPORTS / "domain" / room for room in ("audit", "mailbox", "retention", "test_desk.py")}


def is_asked_for(item: pytest.Item, config: pytest.Config) -> bool:
    """Return whether a test is part of this run: of the whole, and of what the engine can change."""
    if item.get_closest_marker("whole") and not config.getoption("whole"):
        return False
    return depends_on_engine(item) or not config.getoption("of_the_engine")


def depends_on_engine(item: pytest.Item) -> bool:
    """Return whether a test may have another result on another engine.

    pytest-django refuses a connection to a test that asks for no database, and what starts programs is marked `server`.
    """
    if any(map(item.get_closest_marker, ONE_ENGINE)):
        return False
    asked = DATABASES.intersection(getattr(item, "fixturenames", ()))
    own = getattr(item, "cls", None)
    return bool(asked or any(map(item.get_closest_marker, MARKS)) or (own and issubclass(own, TransactionTestCase)))


def turn(item: pytest.Item) -> int:
    """Return which tests come first: what drives browsers and servers takes longest, and nobody should wait for it."""
    return 0 if item.get_closest_marker("browser") or item.get_closest_marker("server") else 1


def measures(item: pytest.Item, config: pytest.Config) -> bool:
    """Return whether coverage is measured in a test: it makes Python slower by half, so only where rules are tested."""
    rooms = OF_POSTGRES if config.getoption("of_the_engine") else {REPORTS}
    return not rooms.isdisjoint((item.path, *item.path.parents))
