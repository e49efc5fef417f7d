"""Which tests are asked for, which come first, and which measure coverage."""

from pathlib import Path

import pytest
from django.test import TransactionTestCase

DATABASES = {"db", "transactional_db", "migrated"}  # fixtures; all that bring a database ask for one of these
MARKS = ("django_db", "server")
ONE_ENGINE = ("one_engine", "browser")
LONG = ("browser", "server", "long")
REPORTS = Path(__file__).parent / "reports"
DOMAIN, DESK = REPORTS / "domain", REPORTS / "admin"
# The desk's pages on PostgreSQL where the question to the database is the matter; tests/site asks every address.
ASKING = "audit bulk dashboard packs people queue related retention search tip urgent_calls"
ASKS = {DESK / f"test_{name}.py" for name in ASKING.split()}
# Where PostgreSQL takes branches of its own: its triggers, copies, the order of its locks, and its patience.
OF_POSTGRES = {
    DOMAIN / room for room in ("audit", "backup", "mailbox", "retention", "test_database_roles.py", "test_desk.py")
}


def is_asked_for(item: pytest.Item, config: pytest.Config) -> bool:
    """Return whether a test is part of this run: of the whole, and of what the engine can change."""
    if any(item.get_closest_marker(size) and not config.getoption(size) for size in ("whole", "full")):
        return False
    return depends_on_engine(item) or not config.getoption("of_the_engine")


def depends_on_engine(item: pytest.Item) -> bool:
    """Return whether a test may have another result on another engine.

    pytest-django refuses a connection to a test that asks for no database, and what starts programs is marked `server`.
    What the desk's pages say and refuse is the same on both, once every address answers and the rules hold.
    """
    if any(map(item.get_closest_marker, ONE_ENGINE)) or (DESK in item.path.parents and item.path not in ASKS):
        return False
    asked = DATABASES.intersection(getattr(item, "fixturenames", ()))
    own = getattr(item, "cls", None)
    return bool(asked or any(map(item.get_closest_marker, MARKS)) or (own and issubclass(own, TransactionTestCase)))


def turn(item: pytest.Item) -> int:
    """Return which tests come first: those that take longest, so that no processor waits for another at the end."""
    return 0 if any(map(item.get_closest_marker, LONG)) else 1


def measures(item: pytest.Item, config: pytest.Config) -> bool:
    """Return whether coverage is measured in a test: it makes Python slower by half, so only where rules are tested.

    It is not in what takes long: that asks for many pages, and each has tests of its own.
    """
    rooms = OF_POSTGRES if config.getoption("of_the_engine") else {REPORTS}
    return not item.get_closest_marker("long") and not rooms.isdisjoint((item.path, *item.path.parents))
