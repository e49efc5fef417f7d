"""Restoring: from an empty machine to the desk that was; what was deleted since stays deleted; the record says so."""

import io
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import audit_log, whole
from reports.domain.backup import backups, check, database, mirror_upkeep, restoration
from reports.domain.errors import DeskBroken, JobsFailed, Refused, Unreachable
from reports.domain.health import clock, heartbeat
from reports.domain.intake import outbox, receiving
from reports.domain.keys import keyholders
from reports.domain.mailbox import senders_side
from reports.domain.maintenance import jobs
from reports.domain.people import sessions
from reports.domain.retention import schedule
from reports.domain.storage import deletion_records
from reports.domain.tips import opening
from reports.models import (
    BackupMark,
    Entry,
    Hold,
    Invitation,
    KeyFileMark,
    Member,
    Node,
    SessionOwner,
    Tip,
)
from reports.sealing import envelope, keyholder, keyring, receipts
from tests.factories import CHEAP
from tests.reports import telling
from tests.reports.domain.audit import tampering
from tests.reports.domain.health.test_heartbeat import beat
from tests.reports.handing import newest_keys
from tests.reports.purging import purge

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def wipe():
    """Leave an empty machine, as `prepare` makes it."""
    tampering.take_down()
    call_command("flush", interactive=False, verbosity=0)
    for name in ("desk", "media", "outbox", "edition"):
        shutil.rmtree(settings.STATE_DIR / name, ignore_errors=True)


@pytest.fixture(autouse=True)
def in_memory(monkeypatch):
    """Read a copy into the tests' database, where that is no file that could be replaced."""

    def read(path):
        with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as source:
            connection.ensure_connection()
            source.backup(connection.connection)

    if connection.vendor == "sqlite":
        monkeypatch.setattr(database, "replace", read)


@pytest.fixture(autouse=True)
def leftovers():
    """Remove what only a restore leaves in the state folder."""
    yield
    (settings.STATE_DIR / restoration.SETTINGS).unlink(missing_ok=True)


def restore(founded, path):
    """Restore with the founder's sheet."""
    manifest, known = restoration.put_in_place(source=path, identity=founded.sheet)
    return restoration.settle(manifest=manifest, known=known, identity=founded.sheet)


def test_an_empty_machine_becomes_the_desk_that_was(founded, folder):
    tips = [founded.tell(f"Tip {number}.") for number in range(3)]
    backups.make(to=folder)
    wipe()
    done = restore(founded, folder)
    assert (done.tips, done.deleted, done.stopped, done.strays) == (3, 0, 0, 0)
    assert (state_files.folder() / "keyring.age").stat().st_mode & 0o777 == 0o600
    assert state_files.profile().duty == "Dana Duty"
    keys = keyholders.unlock(user=User.objects.get(username="lena"), passphrase=founded.passphrase)
    assert set(Tip.objects.values_list("pk", flat=True)) == {tip.pk for tip in tips}
    look = whole.verify(proof=keys.audit_keys)
    assert look.findings == ()
    assert look.restored == f"with 1 restore, at event {done.event}"
    assert BackupMark.objects.get(number=1).restored_at is not None


def test_a_setup_that_was_stopped_on_the_new_machine_is_over(founded, folder):
    backups.make(to=folder)
    wipe()
    state_files.begin(state_files.SETUP)
    restore(founded, folder)
    assert state_files.public_key().index == 1


def test_an_older_database_meets_a_newer_key_file_and_head(founded, folder):
    """Between backup and loss: unlocks, a new desk key, a new keyholder, a second restore after the first."""
    founded.tell("Before.")
    keys = keyholders.unlock(user=founded.team_lead, passphrase=founded.passphrase)
    opening.open_new(by=founded.team_lead, keys=keys)  # no checkpoint has closed what this names
    older = folder / backups.make(to=folder)
    for _ in range(3):
        keyholders.unlock(user=founded.team_lead, passphrase=founded.passphrase)
    team_lead = User.objects.get(pk=founded.team_lead.pk)
    keyholders.rotate(by=team_lead, passphrase=founded.passphrase)
    keyholders.unlock(user=team_lead, passphrase=founded.passphrase)
    known = audit_log.head()
    backups.make(to=folder)
    wipe()
    first = restore(founded, older)
    assert known is not None
    event = audit_log.stands()[1]
    keys = keyholders.unlock(user=User.objects.get(username="lena"), passphrase=founded.passphrase)
    look = whole.verify(proof=keys.audit_keys)
    assert (look.findings, look.restores) == ((), (first.event,))
    assert event is not None
    assert known.seq > event[0] - 2
    backups.make(to=folder)
    wipe()
    second = restore(founded, folder)
    keys = keyholders.unlock(user=User.objects.get(username="lena"), passphrase=founded.passphrase)
    look = whole.verify(proof=keys.audit_keys)
    assert look.findings == ()
    assert look.restored == f"with 2 restores, at events {first.event}, {second.event}"


def test_a_new_machine_whose_clock_is_a_year_ahead_deletes_nothing(founded, folder, time_machine):
    """Its maintenance had run before the restore, and believed the clock that it had."""
    founded.tell("Not due for a year.")
    Tip.objects.update(opened=False, status="spam", decided=timezone.localdate())
    backups.make(to=folder)
    taken_at = BackupMark.objects.get().taken_at
    wipe()
    time_machine.move_to(timedelta(days=365))
    beat(timezone.now())
    restore(founded, folder)
    assert heartbeat.read().trusted == heartbeat.stamp(taken_at)
    with pytest.raises(JobsFailed, match="until a team lead confirms the date"):
        jobs.run_all()
    assert Tip.objects.count() == 1


@pytest.mark.promise(
    "receiving",
    control="test_control_without_deletion_records_they_come_back",
    name="deleted-in-time",
)
def test_deleted_tips_and_stopped_receipts_do_not_come_back(founded, folder):
    """Deleted tips, and words that were stopped, do not come back with an older backup."""
    gone, held, stays = (founded.tell(what) for what in ("Gone.", "Held, then gone.", "Stays."))
    schedule.hold(
        tip=held, by=founded.team_lead, reason="A court asked for it.", keys=newest_keys()
    )
    token = receipts.new_token()
    telling.tell("Stopped.", token=token)
    older = folder / backups.make(to=folder)
    schedule.release(tip=held, by=founded.team_lead, keys=newest_keys())
    for tip in (gone, held):
        purge(tip=tip)
    senders_side.stop(token=token)
    backups.make(to=folder)
    wipe()
    done = restore(founded, older)
    assert (done.tips, done.deleted, done.stopped) == (2, 2, 1)
    assert Tip.objects.filter(pk=stays.pk).exists()
    assert not Hold.objects.exists()
    assert senders_side.open_mailbox(token=token) is None
    assert Entry.objects.filter(tip__lookup=receipts.lookup(token)).exists()


def test_control_without_deletion_records_they_come_back(founded, folder):
    gone = founded.tell("Gone.")
    older = folder / backups.make(to=folder)
    purge(tip=gone)
    deletion_records.path().unlink()
    backups.make(to=folder)
    wipe()
    assert restore(founded, older).tips == 1


def test_the_sheet_lets_a_team_lead_in_with_everything_made_anew(founded, folder, monkeypatch):
    monkeypatch.setattr(keyholder, "ARGON2", CHEAP)
    founded.tell("A grey van.")
    backups.make(to=folder)
    wipe()
    restore(founded, folder)
    assert restoration.team_leads() == ["lena"]
    lena = User.objects.get(username="lena")
    words, code = restoration.let_in(user=lena, identity=founded.sheet)
    assert keyholders.unlock(user=lena, passphrase=words).identities
    assert Invitation.objects.get().again
    assert len(code.replace("-", "")) == 20


def test_the_command_says_that_team_leads_sign_in_as_before(founded, folder, monkeypatch, capsys):
    backups.make(to=folder)
    wipe()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{founded.sheet}\n"))
    call_command("restore", "--from", str(folder), "--stdin")
    assert (
        "Team leads: lena. They sign in as before. Only for one who has lost their words or phone: "
        f"{state_files.command('desk_recover NAME --sign-in')}\n"
    ) in capsys.readouterr().out


def refused(reason, act):
    """Check that an act is refused for a reason, and that the machine is as empty as before."""
    with pytest.raises(Refused, match=reason):
        act()
    restoration.require_empty()
    assert [
        path.name for path in settings.STATE_DIR.iterdir() if path.name.startswith(".archive")
    ] == []


def test_what_cannot_be_restored_is_refused_and_changes_nothing(founded, folder, monkeypatch):
    path = folder / backups.make(to=folder)
    wipe()

    def put(*, identity=founded.sheet, source=path):
        return lambda: restoration.put_in_place(source=source, identity=identity)

    refused("That key does not open this file", put(identity=keyring.new_identity()))
    torn = folder / "torn"
    torn.write_bytes(path.read_bytes()[:-1])
    refused("incomplete", put(source=torn))
    refused("no backup in", put(source=folder.parent))
    monkeypatch.setattr(database, "engine", lambda: "oracle")
    refused("but this server uses oracle", put())
    monkeypatch.undo()
    with monkeypatch.context() as another:
        another.setattr(settings, "BASE_DIR", folder)
        refused("another version", put())
    shutil.copy(path, folder / backups.DESK)
    refused("This recovery sheet does not open", put())
    (folder / backups.DESK).unlink()
    refused("cannot be read", put())


@pytest.mark.parametrize("place", ["this machine", "the second disk"])
def test_deletion_records_that_are_damaged_stop_it_before_anything_changes(
    founded, folder, second, place
):
    backups.make(to=folder)
    wipe()
    path = (
        second / "desk" if place == "the second disk" else state_files.folder()
    ) / "deletion_records"
    path.write_bytes(b"noise\xff")
    refused(
        "The deletion records in .* are damaged",
        lambda: restoration.put_in_place(source=folder, identity=founded.sheet),
    )
    path.unlink()
    assert restore(founded, folder).tips == 0


def test_a_machine_that_is_in_use_is_refused(founded, folder, monkeypatch):
    with pytest.raises(Refused, match="already a desk"):
        restoration.require_empty()
    shutil.rmtree(state_files.folder())
    with pytest.raises(Refused, match="not empty"):
        restoration.require_empty()

    def silent():
        raise DatabaseError

    monkeypatch.setattr(connection.introspection, "table_names", silent)
    with pytest.raises(Refused, match="does not answer"):
        restoration.require_empty()


def test_a_key_file_older_than_the_database_is_refused(founded, folder):
    backups.make(to=folder)
    older = folder.parent / "older"
    shutil.copy(folder / backups.DESK, older)
    keyholders.rotate(by=User.objects.get(pk=founded.team_lead.pk), passphrase=founded.passphrase)
    backups.make(to=folder)
    older.rename(folder / backups.DESK)
    wipe()
    refused(
        "The key file is version 1, and the backup knows version 2",
        lambda: restoration.put_in_place(source=folder, identity=founded.sheet),
    )
    assert not KeyFileMark.objects.exists()


def test_a_copy_takes_the_place_of_an_empty_database(founded, tmp_path, monkeypatch):
    monkeypatch.undo()  # the real one
    founded.tell("A grey van.")
    with database.copy() as (stream, _counts):
        (tmp_path / "copy").write_bytes(stream.read())
    if connection.vendor == "postgresql":
        wipe()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE of_a_newer_version (tip_id uuid REFERENCES reports_tip (id))"
            )
        database.replace(tmp_path / "copy")
        assert Tip.objects.count() == 1
        assert "of_a_newer_version" not in connection.introspection.table_names()
        return
    (tmp_path / "db").write_bytes(b"")
    (tmp_path / "db-wal").write_bytes(b"")
    # Not the tests' own connection: closed, its database in memory would be gone.
    monkeypatch.setattr(
        database, "connection", SimpleNamespace(vendor="sqlite", close=lambda: None)
    )
    monkeypatch.setattr(settings, "DATABASE_FILE", tmp_path / "db")
    database.replace(tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "db")) as replaced:
        assert replaced.execute("SELECT count(*) FROM reports_tip").fetchone() == (1,)
    assert not (tmp_path / "db-wal").exists()


def test_no_table_of_a_backup_names_rows_of_one_that_is_left_out():
    named = {
        model._meta.db_table: {
            field.related_model._meta.db_table
            for field in model._meta.concrete_fields
            if field.is_relation
        }
        for model in apps.get_models(include_auto_created=True)
    }
    left_out = set(database.LEFT_OUT)
    assert left_out <= set(named)
    assert [table for table in set(named) - left_out if named[table] & left_out] == []


@pytest.mark.parametrize(
    "left_out", [database.LEFT_OUT, ("django_session",)], ids=["now", "in older backups"]
)
def test_after_a_restore_each_row_has_the_rows_that_it_names_and_tables_can_change(
    founded, folder, monkeypatch, left_out
):
    """Somebody is signed in as the backup is made; a later release changes a table."""
    Session.objects.create(
        session_key="row", session_data="", expire_date=timezone.now() + timedelta(days=1)
    )
    sessions.own(row="row", user_id=founded.team_lead.pk, started=timezone.now())
    with monkeypatch.context() as older:
        older.setattr(database, "LEFT_OUT", left_out)
        backups.make(to=folder)
    assert check.verify().tips == 0
    wipe()
    monkeypatch.undo()  # the real one
    if connection.vendor == "sqlite":
        monkeypatch.setattr(settings, "DATABASE_FILE", Path(connection.settings_dict["NAME"]))
    restore(founded, folder)
    assert not SessionOwner.objects.exists()
    connection.check_constraints()
    field, other = Node._meta.get_field("name"), models.CharField(max_length=101)
    other.set_attributes_from_name("name")
    for change in ((field, other), (other, field)):
        with (
            connection.schema_editor() as editor
        ):  # on SQLite it makes the table anew, and looks at every foreign key
            editor.alter_field(Node, *change)


def test_a_database_with_people_or_tips_is_replaced_by_none(founded, folder):
    backups.make(to=folder)
    founded.tell("In use.")
    Member.objects.all().delete()
    with pytest.raises(Refused, match="is not empty"):
        restoration.put_in_place(source=folder, identity=founded.sheet)
    assert Tip.objects.count() == 1


def test_the_second_disk_has_the_newer_key_file_and_what_came_since(founded, second, folder):
    """A key that is younger than the newest backup would open nothing if the key file lay in the backups alone."""
    founded.tell("In the backup.")
    gone = founded.tell("Deleted since.")
    backups.make(to=folder)
    team_lead = User.objects.get(pk=founded.team_lead.pk)
    keyholders.rotate(by=team_lead, passphrase=founded.passphrase)
    since = founded.tell("Sealed to the newer key.").entries.get()
    purge(tip=gone)
    mirror_upkeep.upkeep()
    known = audit_log.head()
    wipe()
    manifest, newest = restoration.put_in_place(source=folder, identity=founded.sheet)
    assert known is not None
    assert newest == known.seq
    done = restoration.settle(manifest=manifest, known=newest, identity=founded.sheet)
    assert (done.tips, done.deleted) == (2, 1)
    keys = keyholders.unlock(user=User.objects.get(username="lena"), passphrase=founded.passphrase)
    again = Entry.objects.select_related("tip").get(tag=since.tag)
    bundle = envelope.open_sealed(
        bytes(again.sealed), identities=keys.identities, bound=again.bound()
    )
    assert bundle.content["answers"]["what"] == "Sealed to the newer key."


def still(folder):
    """Check that nothing is received, read or changed here, and that each says why or is ill."""
    assert not receiving.can_receive()
    with pytest.raises(DeskBroken, match=r"was interrupted\. Run `.*restore` again"):
        state_files.public_key()
    with pytest.raises(CommandError, match="was interrupted"):
        call_command("run_maintenance")
    for act in (state_files.require_empty, lambda: backups.make(to=folder, keep=1)):
        with pytest.raises(Refused, match="was interrupted"):
            act()
    assert outbox.drain() == 0
    with pytest.raises(Unreachable):
        senders_side.stop(token=receipts.new_token())


@pytest.mark.parametrize(
    "where",
    [
        (restoration, "_put_files"),
        (restoration, "_put_desk"),
        (audit_log, "renew_head"),
        (schedule, "delete_again"),
        (senders_side, "stop_again"),
        (clock, "believe_only"),
    ],
)
def test_a_restore_that_is_interrupted_lets_nothing_through_and_begins_again(
    founded,
    second,
    folder,
    monkeypatch,
    where,
):
    """Somebody presses Ctrl-C where the deleted tip is back in the database, and not deleted again."""
    gone, _stays = founded.tell("Gone."), founded.tell("Stays.")
    older = folder / backups.make(to=folder)
    purge(tip=gone)
    backups.make(to=folder)
    wipe()

    def interrupt(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*where, interrupt)
        with pytest.raises(KeyboardInterrupt):
            restore(founded, older)
    still(folder)
    done = restore(founded, older)
    assert (done.tips, done.deleted) == (1, 1)
    assert state_files.public_key().index == 1
    keys = keyholders.unlock(user=User.objects.get(username="lena"), passphrase=founded.passphrase)
    assert whole.verify(proof=keys.audit_keys).findings == ()
