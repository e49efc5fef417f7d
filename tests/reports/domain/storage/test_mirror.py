"""The mirror of the outbox: either disk suffices, a hanging one is waited for once, and what was deleted stays away."""

import os
import threading
import uuid
from pathlib import Path

import pytest
from django.core.checks import run_checks

from reports.domain.errors import NotReceived
from reports.domain.intake import outbox
from reports.domain.storage import deletion_records, mirror
from reports.models import Entry, Tip
from tests.reports.purging import purge

DAY = "2026-11-26"


def make(lookup="a" * 64, tag="b" * 32, *, key=1):
    """Return an entry with a fresh id."""
    return outbox.OutboxEntry(lookup, tag, str(uuid.uuid4()), DAY, key, False, b"sealed")


def lost(path):
    """Take a disk away: where its folder was is a file."""
    path.rename(path.with_name("unplugged"))
    path.write_text("no folder")


def back(path):
    """Plug it in again."""
    path.unlink()
    path.with_name("unplugged").rename(path)


def kept(second):
    """Return the names of entries that wait for a verified backup."""
    return sorted(path.name for path in second.glob("kept/*"))


def checked():
    """Return the numbers of what `check --deploy` finds."""
    return {
        message.id for message in run_checks(include_deployment_checks=True, databases=["default"])
    }


@pytest.fixture
def first():
    """Return the outbox's folder, which is there again afterwards."""
    path = outbox.folder()
    yield path
    if path.is_file():
        back(path)


class TestPut:
    def test_an_entry_goes_into_both(self, second):
        outbox.put(make())
        assert outbox.waiting() == mirror.waiting() == [make().name]
        assert (second / make().name).stat().st_mode & 0o777 == 0o600
        outbox.put(make())
        assert len(mirror.waiting()) == 1

    def test_the_first_suffices_and_the_check_turns_red(self, second):
        lost(second)
        outbox.put(make())
        assert outbox.waiting() == [make().name]
        assert "streetlight.W041" in checked()
        back(second)
        assert "streetlight.W041" not in checked()

    def test_the_second_suffices_and_the_check_turns_red(self, second, first):
        lost(first)
        outbox.put(make())
        assert outbox.writable()
        assert outbox.stores() == {first: False, second: True}
        back(first)
        assert (outbox.waiting(), mirror.waiting()) == ([], [make().name])

    def test_where_both_fail_nothing_is_received(self, second, first):
        lost(first)
        second.rmdir()
        with pytest.raises(NotReceived):
            outbox.put(make())
        assert not outbox.writable()
        assert not second.exists(), "a disk that is not mounted is never made"

    def test_without_a_mirror_there_is_one_store(self):
        assert outbox.stores() == {outbox.folder(): True}
        assert mirror.waiting() == []
        assert not mirror.works()


@pytest.fixture
def hanging(second, monkeypatch):
    """Let the mirror's disk hang at every fsync until the event is set, and a sender wait no two seconds."""
    free, fsync = threading.Event(), os.fsync

    def wait(handle):
        if str(second) in str(Path(f"/proc/self/fd/{handle}").readlink()):
            free.wait()
        fsync(handle)

    monkeypatch.setattr(os, "fsync", wait)
    monkeypatch.setattr(mirror, "LIMIT", 0.05)
    yield free
    free.set()


def test_a_hanging_mirror_is_waited_for_once_and_nothing_else_is_begun(second, hanging, caplog):
    outbox.put(make())
    outbox.put(make(tag="c" * 32))
    assert "still hangs" in caplog.text
    assert outbox.stores() == {outbox.folder(): True, second: False}
    assert len(list(second.iterdir())) == 1
    hanging.set()
    assert mirror._disk._turn.acquire(timeout=10)
    mirror._disk._turn.release()
    assert mirror.works()
    assert mirror.waiting() == [make().name]


@pytest.mark.django_db
class TestDrain:
    def test_what_is_stored_is_kept_until_a_backup_holds_it(self, second):
        outbox.put(make())
        assert outbox.drain() == 1
        assert (outbox.waiting(), mirror.waiting(), kept(second)) == ([], [], [make().name])
        mirror.release({"other"}.__contains__)
        mirror.release({make().tag}.__contains__, before=0)
        assert kept(second) == [make().name]
        mirror.release({make().tag}.__contains__)
        assert kept(second) == []

    def test_what_the_mirror_missed_is_written_when_it_is_stored(self, second):
        lost(second)
        outbox.put(make())
        back(second)
        outbox.drain()
        assert kept(second) == [make().name]

    def test_what_only_the_mirror_has_comes_in(self, second):
        outbox.put(make())
        (outbox.folder() / make().name).unlink()
        assert outbox.waits_for(make().lookup)
        assert outbox.drain() == 1
        assert Entry.objects.get().tag == make().tag
        assert not outbox.waits_for(make().lookup)

    def test_a_mirror_that_is_gone_stops_no_drain(self, second):
        outbox.put(make())
        lost(second)
        assert outbox.drain() == 1
        assert outbox.waiting() == []

    def test_replay_brings_each_once_and_nothing_that_was_deleted(self, second):
        gone = make("d" * 64, "e" * 32)
        for entry in (make(), gone):
            outbox.put(entry)
        outbox.drain()
        deletion_records.start_backup(number=1)
        deletion_records.add_deleted(entries=[gone.id], lookup=gone.lookup)
        Tip.objects.filter(lookup=gone.lookup).delete()
        (second / "kept" / f"{'f' * 64}.{'f' * 32}").write_bytes(b"no entry")
        assert outbox.replay()
        assert outbox.replay()
        outbox.tidy_mirror()
        assert Entry.objects.count() == Tip.objects.count() == 1
        assert kept(second) == [make().name]

    def test_purging_unlinks_there_too(self, second):
        outbox.put(make())
        outbox.drain()
        outbox.put(make(tag="c" * 32))
        outbox.put(make("d" * 64))
        purge(tip=Tip.objects.get())
        assert (mirror.waiting(), kept(second)) == ([make("d" * 64).name], [])


def test_one_that_cannot_be_read_keeps_no_other_from_being_deleted(second):
    gone, stays = make(), make("d" * 64)
    mirror.keep([(entry.name, entry.to_bytes()) for entry in (gone, stays)])
    unreadable = f"{'f' * 64}.{'f' * 32}"
    (second / "kept" / unreadable).mkdir()
    assert not mirror.discard({gone.id}), (
        "it may be one that was deleted, so its deletion record stays"
    )
    assert kept(second) == [stays.name, unreadable]


def test_after_midnight_each_is_a_new_file_without_a_time_and_once(second):
    mirror.keep([(entry.name, entry.to_bytes()) for entry in (make(), make("d" * 64))])
    path, today = second / "kept" / make().name, second / "kept" / make("d" * 64).name
    data, old, young = path.read_bytes(), path.stat(), today.stat()
    os.utime(path, (1, 1))
    outbox.tidy_mirror()
    new = path.stat()
    assert (new.st_mtime, path.read_bytes(), new.st_ino == old.st_ino) == (
        mirror.NO_TIME,
        data,
        False,
    )
    assert (today.stat().st_ino, today.stat().st_mtime) == (young.st_ino, young.st_mtime)
    assert {second.stat().st_mtime % 60, path.parent.stat().st_mtime % 60} == {0}, (
        "a folder tells the second"
    )
    outbox.tidy_mirror()
    assert path.stat().st_ino == new.st_ino


def test_at_night_the_order_is_a_random_one(second, monkeypatch):
    mirror.keep(
        [
            (entry.name, entry.to_bytes())
            for entry in (make(f"{number:064x}") for number in range(30))
        ]
    )
    listed, order, rename = (
        [path.name for path in (second / "kept").iterdir()],
        list[str](),
        Path.rename,
    )

    def note(path, target):
        order.append(target.name)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", note)
    mirror.rewrite(2**33)
    assert set(order) == set(listed)
    assert order not in (listed, sorted(listed), sorted(listed, reverse=True))


def test_a_key_stays_while_the_mirror_holds_something_older(second):
    outbox.put(make(key=0))
    mirror.keep([(make(key=0).name, make(key=0).to_bytes())])
    assert mirror.needs(key=1)
    assert not mirror.needs(key=0)
    lost(second)
    assert mirror.needs(key=0), "a mirror that does not answer may hold anything"
