"""The mirror's upkeep: what it lets go, and what it brings again, as the backups on record ask for it."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from reports.domain import state_files
from reports.domain.backup import backups, check, mirror_upkeep
from reports.domain.errors import Refused
from reports.domain.intake import arrivals, outbox
from reports.domain.storage import deletion_records, mirror
from reports.models import Arrival, BackupMark, Entry, Tip
from tests.reports.domain.storage.test_mirror import back, checked, kept, lost, make
from tests.reports.purging import purge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beside():
    """Return a folder for backups on the disk of the state folder."""
    with tempfile.TemporaryDirectory(dir=settings.STATE_DIR) as path:
        yield Path(path)


@pytest.fixture
def apart(tmp_path, monkeypatch):
    """Return a folder for backups on another disk than the state folder's, wherever that lies."""
    monkeypatch.setattr(check, "POSTGRESQL", settings.STATE_DIR)
    own = settings.STATE_DIR.stat().st_dev
    disks = [path for path in (tmp_path, Path("/dev/shm"), Path("/var/tmp")) if path.is_dir()]
    other = next((path for path in disks if path.stat().st_dev != own), None)
    if other is None:
        pytest.skip("this machine has one disk")
    with tempfile.TemporaryDirectory(dir=other) as path:
        yield Path(path)


def test_a_verified_backup_lets_go_what_it_holds(founded, apart, second):
    founded.tell("In the backup.")
    backups.make(to=apart)
    founded.tell("After it.")
    assert len(kept(second)) == 2
    check.verify()
    (left,) = kept(second)
    assert Entry.objects.get(tag=left.partition(".")[2]).received
    assert len(Entry.objects.all()) == 2
    mirror_upkeep.upkeep()
    assert mirror.copied("keyring.age") == (state_files.folder() / "keyring.age").read_bytes()
    assert mirror.copied("deletion_records") == deletion_records.path().read_bytes()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("keyring.age", Path.unlink),
        ("keyring.age", lambda path: path.write_bytes(b"an older one")),
        ("deletion_records", lambda path: path.write_bytes(b"noise\xff")),
    ],
    ids=["no key file", "stale key file", "deletion_records"],
)
def test_what_is_not_good_is_copied_over_nothing_that_is(founded, folder, second, name, damage):
    backups.make(to=folder)
    mirror_upkeep.upkeep()
    good = (folder / backups.DESK).read_bytes(), mirror.copied(name)
    damage(state_files.folder() / name)
    with pytest.raises(Refused, match=name):
        backups.make(to=folder, keep=1)
    mirror_upkeep.upkeep()
    assert ((folder / backups.DESK).read_bytes(), mirror.copied(name)) == good
    assert check.verify().number == 1, "the last that is whole stays, and the machine opens it"


def test_a_public_machine_goes_by_the_backups_on_record(db, second, monkeypatch):
    monkeypatch.setattr(settings, "SITE_ROLE", "public")
    now, later = timezone.now(), timezone.now() + timedelta(days=3)
    mirror.keep([(make().name, make().to_bytes())])
    mirror_upkeep.upkeep()
    assert deletion_records.standing() is None
    mark = BackupMark.objects.create(number=3, taken_at=now, oldest=2, oldest_key=1)
    mirror_upkeep.upkeep()
    assert deletion_records.standing() == deletion_records.DeletionRecords(3)
    # One that is not apart dies with the disk, and one that has not been taken yet, by this clock, says nothing.
    cases = ((3, False, later, 1), (1, True, later, 1), (3, True, now, 1), (3, True, later, 0))
    for days, is_apart, clock, left in cases:
        mark.verified_at, mark.taken_at, mark.is_apart = now, now + timedelta(days=days), is_apart
        mark.save()
        with time_machine.travel(clock):
            mirror_upkeep.upkeep()
        assert len(kept(second)) == left


def test_a_backup_on_the_disk_that_dies_lets_nothing_go(founded, beside, apart, second):
    founded.tell("A grey van.")
    name = backups.make(to=beside)
    check.verify()
    assert len(kept(second)) == 1
    assert mirror_upkeep.keeps_all()
    assert "streetlight.W044" in checked()
    for one in (name, backups.DESK):
        shutil.copy(beside / one, apart)
    check.verify(path=apart / name)
    assert kept(second) == []
    assert not mirror_upkeep.keeps_all()
    assert "streetlight.W044" not in checked()


def test_after_a_restore_each_machine_brings_its_own_once(founded, second):
    tip = founded.tell("A grey van.")
    deletion_records.start_backup(number=1)
    deletion_records.add_stopped(lookup=tip.lookup)
    tip.delete()
    mirror_upkeep.upkeep()
    assert not Tip.objects.exists()
    now = timezone.now()
    BackupMark.objects.create(number=1, taken_at=now, oldest=1, oldest_key=1, restored_at=now)
    for _ in range(2):
        mirror_upkeep.upkeep()
        assert Tip.objects.get().stopped == 1
    Tip.objects.all().delete()
    mirror_upkeep.upkeep()
    assert not Tip.objects.exists(), "it was brought again twice"


def test_what_a_disk_holds_that_is_away_at_the_restore_comes_once_it_is_back(founded, second):
    founded.tell("A grey van.").delete()
    lost(second)
    now = timezone.now()
    BackupMark.objects.create(number=1, taken_at=now, oldest=1, oldest_key=1, restored_at=now)
    mirror_upkeep.upkeep()
    assert not Tip.objects.exists()
    back(second)
    mirror_upkeep.upkeep()
    assert Tip.objects.count() == 1


def test_the_desk_takes_in_nothing_that_it_deleted_for_good(founded, second):
    gone, living = make(), make("d" * 64)
    deletion_records.start_backup(number=1)
    deletion_records.add_deleted(entries=[gone.id], lookup=gone.lookup)
    arrivals.leave(rows=[gone.to_arrival(), living.to_arrival()])
    outbox.drain()
    assert [tip.lookup for tip in Tip.objects.all()] == [living.lookup]
    assert not Arrival.objects.exists()


def test_what_was_deleted_while_the_mirror_was_away_goes_when_it_is_back(
    founded, folder, second, monkeypatch
):
    backups.make(to=folder)
    tip = founded.tell("A grey van.")
    founded.tell("A red one.")
    lost(second)
    purge(tip=tip)
    with monkeypatch.context() as patch:
        patch.setattr(backups, "_oldest_to_remember", lambda oldest, now: 3)
        backups.make(to=folder)
        backups.make(to=folder)
        assert deletion_records.named(deletion_records.DELETED), "the mirror did not answer since"
        back(second)
        assert len(kept(second)) == 2
        mirror_upkeep.upkeep()
        assert len(kept(second)) == 1
        backups.make(to=folder)
        assert deletion_records.named(deletion_records.DELETED) == set()
    outbox.replay()
    assert not Tip.objects.filter(lookup=tip.lookup).exists()
