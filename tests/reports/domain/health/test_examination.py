"""What the checks find is told once, by its cause, the most basic first; pages and monitors read the last run of it."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from reports.domain.health import examination, faults, heartbeat, machine
from reports.domain.health.faults import HEALTH
from reports.domain.intake import outbox
from reports.models import Member, Node
from tests.factories import make_desk

pytestmark = [pytest.mark.engine, pytest.mark.django_db, pytest.mark.usefixtures("room")]


def found():
    return [one.id for one in examination.examine(tags=[HEALTH])]


def refuse(*args):
    """Answer no query."""
    raise OperationalError("no route to the database\nand more")


def test_a_sound_machine_has_no_fault_and_one_without_a_desk_lacks_a_key_file(
    caseworker,
):
    assert found() == [faults.NO_KEY_FILE.id]
    make_desk(caseworker)
    assert found() == []


def test_an_installed_machine_without_a_file_of_its_desk_has_an_empty_folder(caseworker, settings):
    settings.MANAGE_COMMAND = "streetlight"
    assert found() == [faults.EMPTY.id]
    settings.SITE_ROLE = "public"
    assert faults.EMPTY.id not in found(), "which has no key file"
    settings.SITE_ROLE = "all"
    make_desk(caseworker)
    assert faults.EMPTY.id not in found()


def test_a_read_only_disk_explains_everything_else(passphrase, monkeypatch):
    (outbox.folder() / ".damaged-x").touch()
    monkeypatch.setattr(machine, "read_only", lambda: [Path("/var")])
    monkeypatch.setattr(machine, "full", lambda: [Path("/var")])
    assert found() == [faults.READ_ONLY.id]


def test_the_most_basic_is_first_and_each_is_told_once(passphrase, monkeypatch):
    monkeypatch.setattr(machine, "room", lambda: {Path("/var"): 0.07})
    monkeypatch.setattr(outbox, "ROOM", 1 << 62)
    monkeypatch.setattr(machine, "full", list)
    assert found() == [faults.OUTBOX.id, faults.DISK.id]


def test_a_full_disk_explains_everything_else(passphrase, monkeypatch):
    (outbox.folder() / ".damaged-x").touch()
    assert found() == [faults.UNREADABLE.id], "the control"
    monkeypatch.setattr(machine, "full", lambda: [Path("/var")])
    assert found() == [faults.FULL.id]
    with connection.execute_wrapper(refuse):
        assert found() == [faults.FULL.id]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of PostgreSQL there is no file here")
def test_a_database_that_can_be_read_alone_is_told(passphrase, settings, monkeypatch):
    settings.DATABASE_FILE = Path(connection.settings_dict["NAME"])
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK
    )  # as root may write every file
    assert found() == [faults.DATABASE.id]


def test_a_database_that_is_gone_explains_the_rest_and_says_how_to_restore(passphrase):
    (outbox.folder() / ".damaged-x").touch()
    Member.objects.all().delete()
    (one,) = examination.examine(tags=[HEALTH])
    assert one.id == faults.LOST.id
    assert one.msg.startswith("The database of this desk is gone. Do not run prepare.")
    assert "restore --from FOLDER" in str(one.hint)


def test_without_a_database_all_else_is_looked_at(passphrase):
    (outbox.folder() / ".damaged-x").touch()
    Node.objects.create(
        id="f" * 32, name="public1", key_index=1, since=timezone.now(), seen_at=timezone.now()
    )
    Node.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    with connection.execute_wrapper(refuse):
        every = examination.examine(tags=[HEALTH])
    assert [one.id for one in every] == [faults.DATABASE.id, faults.UNREADABLE.id]
    assert examination.sentence(every[0]).endswith("(streetlight.E052: no route to the database)")
    assert found() == [faults.UNREADABLE.id, faults.MACHINES.id]


def test_what_breaks_while_it_is_looked_at_stops_no_other_and_quotes_nothing(
    passphrase, monkeypatch
):
    def fail():
        raise RuntimeError("marmalade")

    monkeypatch.setattr(machine, "full", fail)
    (outbox.folder() / ".damaged-x").touch()
    said = [examination.sentence(one) for one in examination.examine(tags=[HEALTH])]
    assert said == [
        "Some files in the outbox cannot be read: 1. All other tips come in. (streetlight.E014)",
        "Something could not be checked: disks. (streetlight.E061)",
    ]

    def forbid():
        raise PermissionError(errno.EACCES, "Permission denied", "marmalade")

    monkeypatch.setattr(machine, "full", forbid)
    assert examination.sentence(examination.examine(tags=[HEALTH])[-1]).endswith(
        "(streetlight.E061: Permission denied)"
    )


def beat(*causes):
    """Let the last run have found these, this minute."""
    at = heartbeat.stamp(timezone.now())
    with heartbeat.changing() as last:
        last.at, last.causes = at, dict.fromkeys(causes, at)


def test_pages_and_monitors_are_told_what_maintenance_found_and_that_it_is_late(
    passphrase,
):
    now = timezone.now()
    beat()
    assert (examination.standing(now=now), examination.is_well(now=now)) == ([], True)
    beat(faults.DISK.id, "streetlight.E999")
    assert (examination.standing(now=now), examination.is_well(now=now)) == ([faults.DISK], False)
    assert examination.standing(now=now + timedelta(minutes=12)) == [faults.LATE, faults.DISK]


def test_a_refused_notice_is_for_the_desk_alone_as_it_tells_that_something_came(
    passphrase,
):
    beat(faults.REFUSED.id)
    now = timezone.now()
    assert (examination.standing(now=now), examination.is_well(now=now)) == ([faults.REFUSED], True)
