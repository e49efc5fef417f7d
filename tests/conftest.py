"""What every test may ask for: a clean state folder, a desk, its people, and tips sent through the real intake."""

import gc
import itertools
import os
import shutil
import socket
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from reports.domain.audit import audit_log
from reports.domain.keys import keyholders
from reports.sealing import keyholder, keyring
from tests.factories import CHEAP, make_desk, make_user  # noqa: F401 - CHEAP for tests that take it from here
from tests.moment import Moment
from tests.reports import telling
from tests.reports.domain.audit import tampering
from tests.reports.handing import IDENTITIES
from tests.settings import SHARED, STATE
from tests.system.harness import homes

RULES = Path(__file__).parent / "reports"
OF_THE_RUN = {path.name for path in STATE.iterdir()}

# No deadline: the machines are shared and noisy.
hypothesis.settings.register_profile("streetlight", deadline=None, max_examples=10)
hypothesis.settings.register_profile("whole", deadline=None, max_examples=200)


def pytest_addoption(parser):
    """Let `./dev check --all` and `./dev prove` ask for more than a contributor waits for."""
    parser.addoption(
        "--whole",
        action="store_true",
        help="more of the same: every role, state and width, more rounds",
    )
    parser.addoption(
        "--full",
        action="store_true",
        help="proofs at the size of their promise: ./dev prove --full",
    )


def pytest_configure(config):
    """Try more examples in the whole than a contributor waits for; begin at TEST_AT, if that is given."""
    if moment := os.environ.get("TEST_AT"):
        config.pluginmanager.register(Moment(moment))
    hypothesis.settings.load_profile("whole" if config.getoption("whole") else "streetlight")


def pytest_collection_modifyitems(config, items):
    """Leave out what was not asked for, and measure coverage where rules are tested: it makes Python slower by half."""
    sizes = [size for size in ("whole", "full") if not config.getoption(size)]
    left_out = {item for item in items if any(map(item.get_closest_marker, sizes))}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    for item in items:
        if RULES not in item.path.parents:
            item.add_marker("no_cover")


def pytest_collection_finish():
    """Look for garbage less often, and never among what is loaded by now: that took a fifth of the processor's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_unconfigure(config):
    """When the run ends, and not only one of its workers, remove the databases that its processes shared."""
    if not hasattr(config, "workerinput"):
        homes.forget(SHARED)


@pytest.fixture(scope="session")
def whole(pytestconfig):
    """Return whether what takes long is repeated more often than a contributor waits for."""
    return bool(pytestconfig.getoption("whole"))


@pytest.fixture(scope="session")
def full(pytestconfig):
    """Return whether a proof is run at the size that its promise names, which takes minutes."""
    return bool(pytestconfig.getoption("full"))


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_blocker):
    """Give each process a copy of a SQLite file that the first one migrates; PostgreSQL is pytest-django's."""
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            connection.settings_dict["NAME"] = str(shutil.copy(migrated(), STATE / "test.sqlite3"))
            yield
            connection.close()
        return
    request.getfixturevalue("django_db_setup")
    yield
    # The sessions that a live server's threads have left in it would keep the database from going.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND datname LIKE 'test%' AND pid <> pg_backend_pid()"
        )


def migrated():
    """Return the migrated file of this run; whichever of its processes asks first makes it."""
    path, new = SHARED / "migrated.sqlite3", SHARED / "migrating.sqlite3"
    with homes.turn(path.with_suffix(".lock")):
        if not path.exists():
            new.touch()
            connection.settings_dict["NAME"] = str(new)
            call_command("migrate", verbosity=0)
            connection.close()  # the only one, so that its log is in the file now
            new.rename(path)
    return path


@pytest.fixture(autouse=True)
def nothing_listens(monkeypatch):
    """Fail a test that waits for connections: servers lie in tests/system, where this is not asked."""

    def refuse(self, *backlog):
        raise AssertionError("A test that listens belongs in tests/system.")

    monkeypatch.setattr(socket.socket, "listen", refuse)


@pytest.fixture(scope="session", autouse=True)
def identities():
    """Note every key that tests make, with which `newest_keys` opens the key file where nobody types their words."""

    def noted():
        IDENTITIES.append(keyring.new_identity())
        return IDENTITIES[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyholder, "new_identity", noted)
        yield


@pytest.fixture(autouse=True)
def state_dir():
    """Give each test the state folder, empty but for what the settings put there (the secret key) and the database."""
    yield settings.STATE_DIR
    (settings.RUN_DIR / "heartbeat.json").unlink(missing_ok=True)
    for path in settings.STATE_DIR.iterdir():
        if path.name in OF_THE_RUN or path.name.startswith("test.sqlite3"):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@pytest.fixture(autouse=True)
def record_and_search_can_be_emptied(request):
    """Let a test whose database is emptied at its end empty the record too; emptying puts the triggers up again.

    The index of article search is no model's, so nobody else would empty it.
    """
    mark = request.node.get_closest_marker("django_db")
    emptied = "transactional_db" in request.fixturenames or (
        mark is not None and mark.kwargs.get("transaction")
    )
    if not emptied:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    tampering.take_down()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM newsroom_search")


@pytest.fixture
def unguarded(db):
    """Let a test tamper with the record, as somebody could who owns the database."""
    tampering.take_down()


@pytest.fixture
def roles(db):
    """Ask for a database with the roles: migrating makes them, and so does emptying."""


@pytest.fixture
def caseworker(roles):
    """Return a user who may triage."""
    return make_user("olu", "Caseworker")


@pytest.fixture
def team_lead(roles):
    """Return a user who runs the desk."""
    return make_user("lena", "Team lead")


@pytest.fixture
def passphrase(caseworker):
    """Found a desk whose first member is the caseworker; return their passphrase."""
    return make_desk(caseworker)


@pytest.fixture
def keys(caseworker, passphrase):
    """Return what the caseworker's unlocked session holds, with the head that unlocking writes once it is committed."""
    unlocked = keyholders.unlock(user=caseworker, passphrase=passphrase)
    audit_log.renew_head()
    return unlocked


@pytest.fixture
def send(passphrase):
    """Return a function that sends a tip through the real intake and drains it; without a text each says its own."""
    counted = itertools.count(1)

    def send_tip(what="", **answers):
        number = next(counted)
        what = what or "A grey van by the garages, every night at nine." + f" Number {number}." * (
            number > 1
        )
        return telling.tell(what, **answers)

    return send_tip
