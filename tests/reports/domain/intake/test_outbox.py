"""What we said we received is never lost: the outbox under crashes, replays and purges."""

import errno
import os
import shutil
import uuid
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from django.db import DatabaseError, connection
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from reports.domain.errors import NotReceived
from reports.domain.intake import arrivals, outbox
from reports.models import Arrival, Entry, Tip, new_reference
from tests.reports.purging import purge

DAY = "2026-11-24"


def make(lookup="a" * 64, tag="b" * 32, *, urgent=False, sealed=b"sealed"):
    """Return an arrival with a fresh id, as a second submission of the same content would be."""
    return outbox.OutboxEntry(lookup, tag, str(uuid.uuid4()), DAY, 1, urgent, sealed)


def stored():
    """Return the (lookup, tag) of everything in the database, asserting that nothing is there twice."""
    found = list(Entry.objects.values_list("tip__lookup", "tag"))
    assert len(found) == len(set(found))
    return set(found)


def put_many():
    """Put two batches of entries in the outbox."""
    for number in range(2 * outbox.BATCH):
        outbox.put(make(lookup=f"{number:064x}"))


@pytest.fixture(params=["EIO", "folder"])
def unreadable(request, monkeypatch):
    """Leave one entry in the outbox that cannot be read: a dying disk, a folder of its name."""
    path = outbox.folder() / make(lookup="f" * 64).name
    if request.param == "folder":
        path.mkdir()
        yield path.name
        path.rmdir()
        return
    outbox.put(make(lookup="f" * 64))
    read, number = Path.read_bytes, getattr(errno, request.param)

    def fail(this):
        if this == path:
            raise OSError(number, os.strerror(number))
        return read(this)

    monkeypatch.setattr(Path, "read_bytes", fail)
    yield path.name


class TestPut:
    def test_put_leaves_one_whole_file_named_by_lookup_and_tag(self):
        arrival = make()
        outbox.put(arrival)
        outbox.put(make())
        assert outbox.waiting() == [f"{'a' * 64}.{'b' * 32}"]
        assert outbox.folder().stat().st_mode & 0o777 == 0o700
        assert (outbox.folder() / arrival.name).stat().st_mode & 0o777 == 0o600
        assert (
            outbox.OutboxEntry.from_bytes((outbox.folder() / arrival.name).read_bytes()) == arrival
        )

    def test_put_that_cannot_write_says_not_received_and_leaves_nothing(self, monkeypatch):
        def full(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(NotReceived):
            outbox.put(make())
        assert list(outbox.folder().iterdir()) == []


@pytest.mark.django_db
class TestDrain:
    def test_drain_makes_a_tip_of_the_first_and_entries_of_the_rest(self):
        outbox.put(make())
        outbox.drain()
        outbox.put(make(tag="c" * 32))
        assert outbox.drain() == 1
        assert list(Tip.objects.values_list("lookup", "unread", "urgent")) == [
            ("a" * 64, True, False)
        ]
        assert list(Entry.objects.values_list("tag", "position")) == [("b" * 32, 1), ("c" * 32, 2)]
        assert outbox.waiting() == []

    def test_damaged_file_is_kept_at_end_and_the_rest_is_drained(self):
        outbox.put(make())
        (outbox.folder() / f"{'d' * 64}.{'e' * 32}").write_bytes(b"not an arrival")
        assert outbox.drain() == 1
        assert outbox.damaged() == 1
        assert stored() == {("a" * 64, "b" * 32)}

    def test_file_under_another_name_than_its_own_is_left_alone_and_counted(self):
        (outbox.folder() / f"{'d' * 64}.{'e' * 32}").write_bytes(make().to_bytes())
        assert outbox.drain() == 0
        assert stored() == set()
        assert outbox.stuck() == 1

    def test_what_cannot_be_read_among_many_stops_none_of_them(self, unreadable, monkeypatch):
        monkeypatch.setattr(outbox, "BATCH", 5)
        put_many()
        assert outbox.stuck() == 1
        assert outbox.drain() == 2 * outbox.BATCH
        assert len(stored()) == 2 * outbox.BATCH
        assert outbox.waiting() == [unreadable]
        assert (outbox.stuck(), outbox.damaged()) == (1, 0)

    def test_what_can_never_come_is_not_waited_for(self, unreadable, request):
        is_dying = (
            "EIO" in request.node.name
        )  # which someone can mend, and until then nobody knows what it says
        assert outbox.can_take_in("f" * 64) is is_dying
        outbox.put(make())
        (outbox.folder() / make(lookup="c" * 64).name).write_bytes(make(lookup="d" * 64).to_bytes())
        (outbox.folder() / make(lookup="e" * 64).name).write_bytes(b"torn")
        assert [outbox.can_take_in(letter * 64) for letter in "acde"] == [True, False, False, False]
        outbox.drain()
        assert not outbox.can_take_in("a" * 64)
        make().to_arrival().save()
        assert outbox.can_take_in("a" * 64)

    @pytest.mark.parametrize(
        "facts", [{"key": 1 << 40}, {"key": -1}, {"key": "1"}, {"urgent": 7}, {"answer": None}]
    )
    def test_damaged_fact_that_the_database_would_refuse_keeps_nothing_else_out(self, facts):
        outbox.put(make())
        wrong = replace(make(lookup="d" * 64), **facts)  # type: ignore[arg-type]
        (outbox.folder() / wrong.name).write_bytes(wrong.to_bytes())
        assert outbox.drain() == 1
        assert outbox.damaged() == 1
        assert stored() == {("a" * 64, "b" * 32)}

    def test_unfinished_file_is_cleared_only_when_it_is_old(self):
        young, old = outbox.folder() / f".{'a' * 16}", outbox.folder() / f".{'b' * 16}"
        young.touch()
        old.touch()
        os.utime(old, (0, 0))
        outbox.drain()
        assert young.exists()
        assert not old.exists()

    def test_second_drainer_of_a_node_returns_at_once(self):
        outbox.put(make())
        with outbox.locked(wait=True):
            assert outbox.drain() == 0
        assert outbox.drain() == 1

    def test_many_are_moved_in_batches_with_few_queries(
        self, django_assert_max_num_queries, monkeypatch
    ):
        monkeypatch.setattr(outbox, "BATCH", 40)
        for number in range(outbox.BATCH + 1):
            outbox.put(make(lookup=f"{number:064x}"))
        with django_assert_max_num_queries(30):  # type: ignore[operator]
            assert outbox.drain() == outbox.BATCH + 1
        assert Tip.objects.count() == outbox.BATCH + 1


class Promise(RuleBasedStateMachine):
    """Post, edit, crash, drain, purge and replay in any order: what was acknowledged is there exactly once."""

    receipts = Bundle("receipts")

    def __init__(self):
        super().__init__()
        self.acknowledged = set()
        shutil.rmtree(outbox.folder())
        Tip.objects.all().delete()

    @rule(target=receipts)
    def open_a_form(self):
        """A fresh token's lookup."""
        return uuid.uuid4().hex * 2

    @rule(lookup=receipts, content=st.integers(0, 3))
    def post(self, lookup, content):
        """Send (again): the same content is a replay, another is an edit."""
        outbox.put(make(lookup, f"{content:032x}"))
        self.acknowledged.add((lookup, f"{content:032x}"))

    @rule(lookup=receipts, content=st.integers(0, 3))
    def crash_before_the_rename(self, lookup, content):
        """The process dies with half a file written; nothing was acknowledged."""
        arrival = make(lookup, f"{content:032x}")
        (outbox.folder() / f".{uuid.uuid4().hex}").write_bytes(arrival.to_bytes()[:40])

    @rule()
    def drain(self):
        """Move everything."""
        outbox.drain()
        assert outbox.waiting() == []

    @rule()
    def drain_and_crash_before_the_unlink(self):
        """The database has committed, the files are still there."""
        files = {name: (outbox.folder() / name).read_bytes() for name in outbox.waiting()}
        outbox.drain()
        for name, data in files.items():
            (outbox.folder() / name).write_bytes(data)

    @rule()
    def drain_and_crash_before_the_commit(self):
        """The database refuses at the last moment; the files stay."""
        names = outbox.waiting()

        def refuse(execute, sql, params, many, context):
            if sql.startswith("UPDATE"):
                raise DatabaseError
            return execute(sql, params, many, context)  # type: ignore[operator]

        if {tuple(name.split(".")) for name in names} - stored():
            with connection.execute_wrapper(refuse), pytest.raises(DatabaseError):
                outbox.drain()
            assert set(outbox.waiting()) == set(names)

    @rule(lookup=receipts)
    def purge(self, lookup):
        """Delete for good what is stored under a receipt, with what still waits for it."""
        for tip in Tip.objects.filter(lookup=lookup):
            purge(tip=tip)
            self.acknowledged = {(have, tag) for have, tag in self.acknowledged if have != lookup}

    @invariant()
    def acknowledged_is_there_exactly_once(self):
        """Everything acknowledged lies in the database or in the outbox, and nothing else does."""
        waiting = {tuple(name.split(".")) for name in outbox.waiting()}
        assert stored() | waiting == self.acknowledged

    def teardown(self):
        """After the last drain, everything acknowledged is in the database, once."""
        outbox.drain()
        assert stored() == self.acknowledged


def live(machine, **bounds):
    """Run the machine for a bounded number of lives."""
    run_state_machine_as_test(
        machine, settings=hypothesis.settings(**bounds, stateful_step_count=40, database=None)
    )


class TestPromise(TestCase):
    """Run the machine inside Django's test transaction."""

    @pytest.mark.promise("receiving", name="stored-before-told")
    def test_what_was_acknowledged_is_there_exactly_once(self):
        """Through any order of posts, crashes, drains and purges, what was acknowledged is there exactly once."""
        live(Promise, max_examples=hypothesis.settings.default.max_examples // 5)


def test_drain_draws_another_reference_where_one_is_taken_already(db, monkeypatch):
    letters = iter(
        "K7QX94MW" * 3 + "K7QX94MV"
    )  # the tip that is there, the fresh one's first two tries, its third
    monkeypatch.setattr("reports.models.tips.secrets.choice", lambda alphabet: next(letters))
    taken = Tip.objects.create(reference=new_reference(), lookup="c" * 64, received=DAY)
    outbox.put(make())
    assert outbox.drain() == 1
    assert taken.reference == "K7QX-94MW"
    assert Tip.objects.get(lookup="a" * 64).reference == "K7QX-94MV"


def test_what_is_large_is_not_held_in_memory_all_at_once(db, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH_BYTES", 3000)
    sizes = [1000, 1000, 5000, 1000, 1000]
    for number, size in enumerate(sizes):
        outbox.put(make(lookup=f"{number:064x}", sealed=b"s" * size))
    batches = [
        [len(one.sealed) for one in batch] for batch in outbox._batches(sorted(outbox.waiting()))
    ]
    assert batches == [[1000, 1000], [5000], [1000, 1000]]
    assert outbox.drain() == len(sizes)


def lent():
    """Take in all that was left; return how many bytes each batch held."""
    held = list[int]()
    while arrivals.wait():
        with arrivals.taken(busy=()) as rows:
            held.append(sum(len(row.sealed) for row in rows))
    return held


def test_of_what_was_left_no_more_is_held_than_the_largest_envelope_has(db, monkeypatch):
    facts = {"tag": "0" * 32, "received": DAY, "key_index": 1}
    sizes = [1000, 1000, 3000, 1000, 1000]
    for number, size in enumerate(sizes):
        Arrival.objects.create(
            id=uuid.uuid4(), lookup=f"{number:064x}", sealed=b"s" * size, **facts
        )
    monkeypatch.setattr(arrivals, "BATCH_BYTES", max(sizes))
    held = lent()
    assert (sum(held), max(held)) == (sum(sizes), max(sizes))
