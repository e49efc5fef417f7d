"""The mirror's upkeep: what it lets go, and what it brings again, as the backups on record ask for it."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone

from reports.domain import backup, database_roles, desk, mirror, tombstones
from reports.domain.backup import check, database, mirror_upkeep
from reports.domain.intake import arrivals, outbox
from reports.models import Arrival, BackupMark, Entry, Node, Tip
from tests.reports.conftest import Desk
from tests.reports.domain.test_mirror import back, lost, make
from tests.reports.purging import purge

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def apart() -> Iterator[Path]:
    """Return a folder for backups on another disk than everything else."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as path:  # the other disk that every Linux has
        yield Path(path)


def checked() -> set[str | None]:
    """Return the numbers of what `check --deploy` finds."""
    return {message.id for message in run_checks(include_deployment_checks=True)}


def test_a_verified_backup_lets_go_what_it_holds(founded: Desk, apart: Path, second: Path) -> None:
    founded.tell("In the backup.")
    backup.make(to=apart)
    founded.tell("After it.")
    assert len(mirror.kept()) == 2
    check.verify()
    (left,) = mirror.kept()
    assert Entry.objects.get(tag=left.partition(".")[2]).received
    assert len(Entry.objects.all()) == 2
    mirror_upkeep.tend(now=timezone.now())
    assert mirror.copied("ring.age") == (desk.folder() / "ring.age").read_bytes()
    assert mirror.copied("tombstones") == tombstones.path().read_bytes()


def test_a_public_machine_goes_by_the_backups_on_record(
    db: None, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SITE_ROLE", "public")
    now = timezone.now()
    mirror.keep([(make().name, make().to_bytes())])
    mirror_upkeep.tend(now=now)
    assert tombstones.standing() is None
    mark = BackupMark.objects.create(number=3, taken_at=now, oldest=2, oldest_key=1)
    mirror_upkeep.tend(now=now)
    assert tombstones.standing() == tombstones.Tombstones(3)
    mark.verified_at, mark.taken_at = now, now + timedelta(hours=2)
    mark.save()
    mirror_upkeep.tend(now=now)
    assert mirror.kept() == [make().name], "that backup dies with the database"
    mark.is_apart = True
    mark.save()
    mirror_upkeep.tend(now=now)
    assert mirror.kept() == []


def test_a_backup_on_the_disk_that_dies_lets_nothing_go(founded: Desk, folder: Path, apart: Path, second: Path) -> None:
    founded.tell("A grey van.")
    name = backup.make(to=folder)
    check.verify()
    assert len(mirror.kept()) == 1
    assert mirror_upkeep.keeps_all()
    assert "streetlight.W044" in checked()
    shutil.copy(folder / name, apart)
    check.verify(path=apart / name)
    assert mirror.kept() == []
    assert not mirror_upkeep.keeps_all()
    assert "streetlight.W044" not in checked()


def test_copies_on_another_machine_let_go_what_the_day_before_held(
    founded: Desk, folder: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "BACKUPS_ELSEWHERE", True)
    founded.tell("The first day.")
    (first,) = mirror.kept()
    backup.make(to=folder)
    check.verify()
    founded.tell("The second.")
    (second_day,) = set(mirror.kept()) - {first}
    backup.make(to=folder)
    check.verify()
    assert len(mirror.kept()) == 2, "it was copied a day before"
    monkeypatch.setattr(check, "COPIED", timedelta(microseconds=1))
    check.verify()
    assert mirror.kept() == [second_day]
    assert [mark.is_apart for mark in BackupMark.objects.all()] == [False, True]
    assert not mirror_upkeep.keeps_all()


def test_without_a_mirror_there_is_little_to_do(founded: Desk) -> None:
    now = timezone.now()
    BackupMark.objects.create(number=1, taken_at=now, oldest=1, oldest_key=1, restored_at=now)
    mirror_upkeep.tend(now=now)
    assert (desk.folder() / "restored").exists()
    assert tombstones.standing() is None


def test_a_backup_of_another_desk_lets_nothing_go(founded: Desk, folder: Path, second: Path) -> None:
    founded.tell("A grey van.")
    backup.make(to=folder)
    BackupMark.objects.all().delete()
    assert check.verify().tips == 1
    assert len(mirror.kept()) == 1


def test_after_a_restore_each_machine_brings_its_own_once(founded: Desk, second: Path) -> None:
    tip = founded.tell("A grey van.")
    tombstones.begin(number=1)
    tombstones.add_burned(lookup=tip.lookup)
    tip.delete()
    mirror_upkeep.tend(now=timezone.now())
    assert not Tip.objects.exists()
    now = timezone.now()
    BackupMark.objects.create(number=1, taken_at=now, oldest=1, oldest_key=1, restored_at=now)
    for _ in range(2):
        mirror_upkeep.tend(now=now)
        assert Tip.objects.get().burned == 1
    Tip.objects.all().delete()
    mirror_upkeep.tend(now=now)
    assert not Tip.objects.exists(), "it was brought again twice"


def test_a_burned_receipt_stays_dead_whoever_takes_its_tip_in_again(
    second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SITE_ROLE", "public")
    monkeypatch.setattr(database_roles, "require", lambda: None)
    now = timezone.now()
    tombstones.begin(number=1)
    tombstones.add_burned(lookup=make().lookup)  # on this machine, after the backup
    mirror.keep([(make().name, make().to_bytes())])
    BackupMark.objects.create(number=1, taken_at=now, oldest=1, oldest_key=0, restored_at=now)
    mirror_upkeep.tend(now=now)
    assert (Arrival.objects.count(), Tip.objects.count()) == (1, 0)
    monkeypatch.setattr(settings, "SITE_ROLE", "staff")
    outbox.drain()
    assert Tip.objects.get().burned is None
    monkeypatch.setattr(settings, "SITE_ROLE", "public")
    mirror_upkeep.tend(now=now)
    assert Tip.objects.get().burned == 1


def test_the_desk_takes_in_nothing_that_it_deleted_for_good(second: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, living = make(), make("d" * 64)
    tombstones.begin(number=1)
    tombstones.add_deleted(arrivals=[gone.id], lookup=gone.lookup)
    arrivals.leave(rows=[gone.to_arrival(), living.to_arrival()])
    outbox.drain()
    assert [tip.lookup for tip in Tip.objects.all()] == [living.lookup]
    assert not Arrival.objects.exists()


def test_damaged_tombstones_keep_nothing_out(second: Path, caplog: pytest.LogCaptureFixture) -> None:
    tombstones.path().write_bytes(b"nonsense")
    outbox.put(make())
    assert outbox.drain() == 1
    assert Tip.objects.exists()
    assert "the tombstones cannot be read" in caplog.text


def test_what_was_deleted_while_the_mirror_was_away_goes_when_it_is_back(
    founded: Desk, folder: Path, second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.make(to=folder)
    tip = founded.tell("A grey van.")
    founded.tell("A red one.")
    lost(second)
    purge(tip=tip)
    with monkeypatch.context() as patch:
        patch.setattr(backup, "_oldest_to_remember", lambda oldest, now: 3)
        backup.make(to=folder)
        backup.make(to=folder)
        assert tombstones.named(tombstones.DELETED), "the mirror did not answer since"
        back(second)
        assert len(mirror.kept()) == 2
        mirror_upkeep.tend(now=timezone.now())
        assert len(mirror.kept()) == 1
        backup.make(to=folder)
        assert tombstones.named(tombstones.DELETED) == set()
    outbox.replay()
    assert not Tip.objects.filter(lookup=tip.lookup).exists()


def test_a_machine_whose_clock_is_behind_lets_nothing_go(
    second: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings, "SITE_ROLE", "public")
    now = timezone.now()
    Node.objects.create(id="desk", name="desk", key_index=0, since=now, seen_at=now)
    mirror.keep([(make().name, make().to_bytes())])
    facts = {"taken_at": now + timedelta(hours=2), "verified_at": now, "is_apart": True}
    BackupMark.objects.create(number=1, oldest=1, oldest_key=0, **facts)
    for wrong in (now - timedelta(hours=2), now + timedelta(hours=2)):
        mirror_upkeep.tend(now=wrong)
        assert mirror.kept() == [make().name]
        assert "clock differs" in caplog.text
        caplog.clear()
    (desk.folder() / "clock-differed").unlink()
    mirror_upkeep.tend(now=now)
    assert mirror.kept() == []


def test_what_came_while_the_clock_was_behind_waits_for_a_later_backup(
    second: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SITE_ROLE", "public")
    now = timezone.now()
    Node.objects.create(id="desk", name="desk", key_index=0, since=now, seen_at=now)
    mirror.keep([(make().name, make().to_bytes())])  # its times are two hours too early, or may be
    mirror.blur(now.timestamp() + 60)
    before = (second / "kept" / make().name).stat().st_ino
    mirror_upkeep.tend(now=now - timedelta(hours=2))
    lost(second)
    mirror_upkeep.tend(now=now)
    back(second)
    assert (second / "kept" / make().name).stat().st_ino == before, "the disk was away, so its turn comes later"
    mirror_upkeep.tend(now=now)
    assert (second / "kept" / make().name).stat().st_ino != before, "it counts as new"
    facts = {"verified_at": now, "is_apart": True, "oldest": 1, "oldest_key": 0}
    BackupMark.objects.create(number=1, taken_at=timezone.now(), **facts)
    mirror_upkeep.tend(now=timezone.now())
    assert mirror.kept() == [make().name]
    BackupMark.objects.create(number=2, taken_at=timezone.now() + timedelta(hours=2), **facts)
    mirror_upkeep.tend(now=timezone.now())
    assert mirror.kept() == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="a file has no clock of its own")
def test_a_desk_whose_clock_is_ahead_claims_no_more_than_its_backup_holds(
    founded: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(database.timezone, "now", lambda: now + timedelta(hours=3))
    backup.make(to=folder)
    assert BackupMark.objects.get().taken_at < now + timedelta(hours=1)
