"""A desk whose database is gone: how it is known, who is refused, and where a file may be made."""

from types import SimpleNamespace

import pytest
from django.conf import settings as current
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from reports.domain import state_files
from reports.domain.health import examination, faults
from reports.domain.intake import outbox
from reports.domain.storage import lost_database
from reports.models import Entry, Member

pytestmark = pytest.mark.django_db

# What databases record that were made before the first tag, from the oldest to the newest.
BEFORE_0_3_0 = (
    ["reports.0001_initial", "reports.0002_roles"],
    ["newsroom.0001_initial", "reports.0001_initial", "reports.0002_roles"],
    ["newsroom.0001_initial", "newsroom.0002_search", "reports.0001_initial"],
    ["newsroom.0001_search", "newsroom.0002_made_20261128_2033", "reports.0001_made_20261128_2033"],
    [
        "newsroom.0001_full_text_search",
        "newsroom.0002_made_20261201_0551",
        "reports.0001_made_20261201_0551",
    ],
    ["newsroom.0001_initial", "newsroom.0002_article_search", "reports.0001_initial"],
    [
        "newsroom.0001_initial",
        "newsroom.0002_article_search",
        "reports.0001_initial",
        "reports.0002_exported_parts",
    ],
)


@pytest.fixture
def file(settings, tmp_path):
    """Let the database be a file that is not there."""
    settings.DATABASE_FILE = tmp_path / "db.sqlite3"
    return tmp_path / "db.sqlite3"


def put(*names):
    """Leave files of a desk."""
    for name in names:
        state_files.write(state_files.folder() / name, b"")


def test_with_a_keyholder_nothing_is_lost(passphrase):
    assert not lost_database.is_lost()


def test_control_without_one_it_is(passphrase):
    Member.objects.all().delete()
    assert lost_database.is_lost()
    with pytest.raises(lost_database.DatabaseLost, match="Do not run prepare"):
        lost_database.require()


@pytest.mark.parametrize(
    "name", ["keyring.age", "desk.pub", "factor_key", "deletion_records", ".lock", "of-next-year"]
)
def test_any_file_in_the_desks_folder_asks_for_its_database(file, name):
    assert not lost_database.is_lost()
    put(name)
    assert lost_database.is_lost()
    assert lost_database.is_gone_beside_desk()
    with pytest.raises(lost_database.DatabaseLost):
        lost_database.create()
    assert not file.exists()


def test_a_folder_that_never_had_a_desk_gets_an_empty_file_that_nobody_else_reads(
    file,
):
    lost_database.create()
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"", 0o600)
    file.write_bytes(b"in use")
    lost_database.create()
    assert file.read_bytes() == b"in use"


def test_a_public_machine_has_no_key_file_and_is_asked_for_nothing(settings):
    put("desk.pub")
    assert lost_database.is_lost()
    settings.SITE_ROLE = "public"
    assert not lost_database.is_lost()


def test_an_interrupted_setup_is_not_lost_until_its_database_is_gone(settings, tmp_path):
    put("keyring.age", "setup-unfinished")
    assert not lost_database.is_lost()
    settings.DATABASE_FILE = tmp_path / "db.sqlite3"
    assert lost_database.is_lost()
    assert "The setup of this desk was interrupted" in lost_database.sentence()
    assert f"Delete the folder {state_files.folder()}" in lost_database.sentence()


def test_a_database_that_does_not_answer_is_not_lost(passphrase, monkeypatch):
    def fail():
        raise DatabaseError

    monkeypatch.setattr(connection, "ensure_connection", fail)
    assert not lost_database.is_lost()


def test_one_of_which_postgresql_says_that_it_does_not_exist_is_lost_beside_a_desk(
    monkeypatch,
):
    def fail():
        raise OperationalError(
            f'connection failed: FATAL:  database "{connection.settings_dict["NAME"]}" does not exist'
        )

    monkeypatch.setattr(connection, "ensure_connection", fail)
    assert not lost_database.is_lost(), "a new server has no desk yet"
    put("keyring.age")
    assert lost_database.is_lost()
    (fault,) = examination.of_the_database()
    assert fault.id == faults.LOST.id
    assert "restore --from FOLDER" in str(fault.hint)


class Opened:
    """A new connection to the tests' database, of which a test sees whether it was closed."""

    alias = "default"

    def __init__(self, *tables):
        self.is_closed = False
        self.introspection = SimpleNamespace(table_names=lambda: list(tables))
        self.cursor = connection.cursor

    def close(self):
        self.is_closed = True


def refused(opened):
    """Return whether a new connection is refused, and closed."""
    try:
        lost_database.refuse(connection=opened, sender=None)
    except lost_database.DatabaseLost:
        assert opened.is_closed
        return True
    assert not opened.is_closed
    return False


def test_a_new_connection_is_refused_where_no_keyholder_is(caseworker):
    assert not refused(Opened()), "there is no desk"
    put("keyring.age")
    assert refused(Opened())
    with lost_database.opened_all_the_same():
        assert not refused(Opened())
    assert refused(Opened())
    Member.objects.create(user=caseworker, recipient="age1x", wrapped={})
    assert not refused(Opened())


def test_a_new_connection_is_refused_where_another_version_made_the_database():
    recorder = MigrationRecorder(connection)
    recorder.record_applied("reports", "0009_later")
    lost_database.refuse(
        connection=Opened(), sender=None
    )  # as after a rollback: all of ours are there
    own = next(
        name
        for app, name in recorder.applied_migrations()
        if app == "reports" and name != "0009_later"
    )
    recorder.record_unapplied("reports", own)
    opened = Opened()
    with pytest.raises(
        lost_database.OtherVersion, match=r"reports/migrations/0009_later.*Nothing was changed"
    ):
        lost_database.refuse(connection=opened, sender=None)
    assert opened.is_closed
    recorder.record_unapplied("reports", "0009_later")
    lost_database.refuse(
        connection=Opened(), sender=None
    )  # as before an upgrade: one of ours is to come


@pytest.mark.parametrize("records", BEFORE_0_3_0)
def test_a_database_from_before_the_first_release_is_refused_by_name(records):
    recorder = MigrationRecorder(connection)
    recorder.flush()
    for name in records:
        recorder.record_applied(*name.split("."))
    with pytest.raises(lost_database.OtherVersion, match=r"/migrations/0.*, which this one lacks"):
        lost_database.refuse(connection=Opened(), sender=None)


def test_what_was_stored_into_a_file_that_is_gone_stays_in_the_outbox(send, settings, tmp_path):
    from tests.reports.domain.intake.test_outbox import make

    outbox.put(make())
    settings.DATABASE_FILE = tmp_path / "db.sqlite3"
    with pytest.raises(lost_database.DatabaseLost):
        outbox.drain()
    assert len(outbox.waiting()) == 1
    settings.DATABASE_FILE = None
    before = Entry.objects.count()
    assert outbox.drain() == 1
    assert Entry.objects.count() == before, "it was stored already: the control"


def test_a_demonstration_is_begun_again_by_hand(settings, file):
    put("keyring.age")
    settings.DEMO = True
    assert f"Delete the folder {current.STATE_DIR} and start again." in lost_database.sentence()
    with pytest.raises(lost_database.DatabaseLost):
        lost_database.create()
    assert not file.exists()
