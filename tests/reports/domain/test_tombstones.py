"""Tombstones: kept as long as a backup may hold what they stand for, and telling nothing else."""

import uuid

import pytest

from reports.domain import desk, tombstones
from reports.domain.errors import Refused
from reports.domain.tombstones import BURNED, DELETED

ONE, OTHER = "a" * 64, "b" * 64


def names(kind: str) -> set[str]:
    """Return the names that stand."""
    known = tombstones.standing()
    return known.names(kind) if known else set()


def test_before_the_first_backup_no_burned_receipt_is_written() -> None:
    tombstones.add_burned(lookup=ONE)
    assert tombstones.standing() is None
    assert not tombstones.path().exists()


def test_what_is_deleted_is_written_from_the_beginning() -> None:
    arrival = str(uuid.uuid4())
    tombstones.add_deleted(arrivals=[arrival], lookup=ONE)
    for number in (1, 2):
        tombstones.begin(number=number, oldest=1)
        assert names(DELETED) == {arrival}


def test_each_stands_until_no_backup_can_hold_it() -> None:
    tombstones.begin(number=1)
    tombstones.add_burned(lookup=ONE)
    tombstones.begin(number=2)
    tombstones.add_burned(lookup=OTHER)
    tombstones.begin(number=3, oldest=2)
    assert names(BURNED) == {ONE, OTHER}
    tombstones.begin(number=4, oldest=3)
    assert names(BURNED) == {OTHER}
    tombstones.begin(number=3)  # an older number changes nothing
    assert tombstones.standing() == tombstones.Tombstones(4, frozenset({(2, BURNED, OTHER)}))


def test_a_deleted_tip_leaves_its_arrivals_and_no_receipt() -> None:
    tombstones.begin(number=1)
    tombstones.add_burned(lookup=ONE)
    arrivals = [str(uuid.uuid4()) for _ in range(3)]
    tombstones.add_deleted(arrivals=arrivals, lookup=ONE)
    assert names(DELETED) == set(arrivals)
    assert names(BURNED) == set()
    assert ONE not in tombstones.path().read_text()


def test_the_file_tells_no_order_and_is_the_owners() -> None:
    tombstones.begin(number=1)
    for lookup in (OTHER, ONE):
        tombstones.add_burned(lookup=lookup)
    assert tombstones.path().read_text() == f"# after backup 1\n1 burned {ONE}\n1 burned {OTHER}\n"
    assert tombstones.path().stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [10**9, 2**31 - 1, -1])
def test_no_number_is_written_that_could_not_be_read_again(number: int) -> None:
    tombstones.begin(number=1)
    tombstones.add_burned(lookup=ONE)
    with pytest.raises(Refused, match=f"No backup can have the number {number}\\."):
        tombstones.begin(number=number)
    assert names(BURNED) == {ONE}
    tombstones.begin(number=10**9 - 1)  # the control
    assert tombstones.standing() == tombstones.Tombstones(10**9 - 1, frozenset({(1, BURNED, ONE)}))


@pytest.mark.parametrize("data", [b"", b"# after backup x\n", b"# after backup 1\n1 other a\n", "é".encode()])
def test_anything_else_is_no_tombstones(data: bytes) -> None:
    with pytest.raises(Refused, match="The tombstones in this file are damaged"):
        tombstones.parsed(data, where="this file")


def test_a_damaged_file_costs_the_tombstone_and_not_the_deed(caplog: pytest.LogCaptureFixture) -> None:
    desk.write(tombstones.path(), b"nonsense")
    tombstones.add_burned(lookup=ONE)
    assert "a tombstone could not be written" in caplog.text
