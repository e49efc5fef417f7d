"""The mirror of the outbox: a second disk suffices, hangs for two seconds at most, and forgets what is in a backup."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from reports.domain import key_rotation, mirror, tombstones
from reports.domain.errors import NotReceived
from reports.domain.intake import outbox, stores
from reports.models import Entry, Node, Tip
from tests.reports.purging import purge

DAY = "2026-11-26"


def make(lookup: str = "a" * 64, tag: str = "b" * 32, *, key: int = 1) -> outbox.OutboxEntry:
    """Return an entry with a fresh id."""
    return outbox.OutboxEntry(lookup, tag, str(uuid.uuid4()), DAY, key, False, b"sealed")


def lost(path: Path) -> None:
    """Take a disk away: where its folder was is a file."""
    path.rename(path.with_name("unplugged"))
    path.write_text("no folder")


def back(path: Path) -> None:
    """Plug it in again."""
    path.unlink()
    path.with_name("unplugged").rename(path)


class TestPut:
    def test_an_entry_goes_into_both(self, second: Path) -> None:
        outbox.put(make())
        assert outbox.waiting() == mirror.waiting() == [make().name]
        assert (second / make().name).stat().st_mode & 0o777 == 0o600
        outbox.put(make())
        assert len(mirror.waiting()) == 1

    def test_either_store_suffices_and_the_other_is_told(self, second: Path, caplog: pytest.LogCaptureFixture) -> None:
        lost(second)
        outbox.put(make())
        assert outbox.waiting() == [make().name]
        assert "one store of the outbox failed" in caplog.text
        assert [store.works for store in outbox.states()] == [True, False]
        back(second)
        (settings.STATE_DIR / "outbox").rename(settings.STATE_DIR / "away")
        (settings.STATE_DIR / "outbox").write_text("no folder")
        try:
            outbox.put(make(tag="c" * 32))
            assert outbox.writable()
            assert [store.works for store in outbox.states()] == [False, True]
        finally:
            (settings.STATE_DIR / "outbox").unlink()
            (settings.STATE_DIR / "away").rename(settings.STATE_DIR / "outbox")
        assert mirror.waiting() == [make(tag="c" * 32).name]

    def test_where_both_fail_nothing_is_received(self, second: Path) -> None:
        lost(second)
        (settings.STATE_DIR / "outbox").write_text("no folder")
        try:
            with pytest.raises(NotReceived):
                outbox.put(make())
            assert not outbox.writable()
        finally:
            (settings.STATE_DIR / "outbox").unlink()

    def test_a_disk_that_is_not_mounted_is_never_made(self, second: Path) -> None:
        second.rmdir()
        outbox.put(make())
        assert not second.exists()

    def test_without_a_mirror_there_is_one_store(self) -> None:
        assert [(store.name, store.works) for store in outbox.states()] == [(stores.OUTBOX, True)]
        assert mirror.waiting() == mirror.kept() == []
        assert not mirror.works()
        assert not outbox.mirror_needs(key=9)


@pytest.mark.django_db
class TestDrain:
    def test_what_is_stored_is_kept_until_a_backup_holds_it(self, second: Path) -> None:
        outbox.put(make())
        assert outbox.drain() == 1
        assert (outbox.waiting(), mirror.waiting(), mirror.kept()) == ([], [], [make().name])
        mirror.release(lambda tag: tag == "other")
        assert mirror.kept() == [make().name]
        mirror.release(lambda tag: tag == make().tag)
        assert mirror.kept() == []

    def test_what_only_the_mirror_has_comes_in(self, second: Path) -> None:
        outbox.put(make())
        (outbox.folder() / make().name).unlink()
        assert outbox.waits_for(make().lookup)
        assert outbox.drain() == 1
        assert Entry.objects.get().tag == make().tag
        assert not outbox.waits_for(make().lookup)

    def test_a_mirror_that_is_gone_stops_no_drain(self, second: Path) -> None:
        outbox.put(make())
        lost(second)
        assert outbox.drain() == 1
        assert outbox.waiting() == []

    def test_replay_brings_each_once_and_nothing_that_was_deleted(self, second: Path) -> None:
        gone = make("d" * 64, "e" * 32)
        for entry in (make(), gone):
            outbox.put(entry)
        outbox.drain()
        tombstones.begin(number=1)
        tombstones.add_deleted(arrivals=[gone.id], lookup=gone.lookup)
        Tip.objects.filter(lookup=gone.lookup).delete()
        assert outbox.replay() == 1
        assert outbox.replay() == 1
        assert Entry.objects.count() == Tip.objects.count() == 1
        assert mirror.kept() == [make().name]
        (second / "kept" / f"{'f' * 64}.{'f' * 32}").write_bytes(b"no entry")
        outbox.replay()
        assert Entry.objects.count() == 1

    def test_purging_unlinks_there_too(self, second: Path) -> None:
        outbox.put(make())
        outbox.drain()
        outbox.put(make(tag="c" * 32))
        outbox.put(make("d" * 64))
        purge(tip=Tip.objects.get())
        assert mirror.kept() == []
        assert mirror.waiting() == [make("d" * 64).name]


@pytest.mark.django_db
def test_a_key_stays_while_the_mirror_holds_something_older(second: Path) -> None:
    outbox.put(make(key=0))
    outbox.drain()
    assert outbox.mirror_needs(key=1)
    assert not outbox.mirror_needs(key=0)
    key_rotation.report(now=timezone.now())
    assert Node.objects.get().emptied_at is not None or not key_rotation._is_empty(1)
    lost(second)
    assert outbox.mirror_needs(key=0), "a mirror that does not answer may hold anything"


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the mirror's disk hang at every fsync until the event is set, and a sender wait no two seconds."""
    free, fsync, limit = threading.Event(), os.fsync, 0.05

    def wait(handle: int) -> None:
        if str(settings.OUTBOX_MIRROR) in str(Path(f"/proc/self/fd/{handle}").readlink()):
            free.wait()
        fsync(handle)

    monkeypatch.setattr(os, "fsync", wait)
    monkeypatch.setattr(mirror, "LIMIT", limit)
    yield free
    free.set()


def test_a_hanging_mirror_is_waited_for_once(
    second: Path, hanging: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.put(make())
    assert "one store of the outbox hangs" in caplog.text
    time.sleep(2 * mirror.LIMIT)
    outbox.put(make(tag="c" * 32))  # not even begun there
    assert "still hangs" in caplog.text
    assert [store.works for store in outbox.states()] == [True, False]
    hanging.set()
    until = time.monotonic() + 10
    while not mirror.works():
        assert time.monotonic() < until
    assert mirror.waiting() == [make().name]
