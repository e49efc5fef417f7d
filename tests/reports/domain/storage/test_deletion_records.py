"""Deletion records: kept as long as a backup may hold what they stand for, and telling nothing else."""

import uuid

import pytest

from reports.domain import state_files
from reports.domain.errors import Refused
from reports.domain.storage import deletion_records
from reports.domain.storage.deletion_records import DELETED, STOPPED

ONE, OTHER = "a" * 64, "b" * 64


def names(kind):
    """Return the names that stand."""
    known = deletion_records.standing()
    return known.names(kind) if known else set()


def test_before_the_first_backup_no_stopped_receipt_is_written():
    deletion_records.add_stopped(lookup=ONE)
    assert deletion_records.standing() is None
    assert not deletion_records.path().exists()


def test_what_is_deleted_is_written_from_the_beginning():
    arrival = str(uuid.uuid4())
    deletion_records.add_deleted(entries=[arrival], lookup=ONE)
    for number in (1, 2):
        deletion_records.start_backup(number=number, oldest=1)
        assert names(DELETED) == {arrival}


def test_each_stands_until_no_backup_can_hold_it():
    deletion_records.start_backup(number=1)
    deletion_records.add_stopped(lookup=ONE)
    deletion_records.start_backup(number=2)
    deletion_records.add_stopped(lookup=OTHER)
    deletion_records.start_backup(number=3, oldest=2)
    assert names(STOPPED) == {ONE, OTHER}
    deletion_records.start_backup(number=4, oldest=3)
    assert names(STOPPED) == {OTHER}
    deletion_records.start_backup(number=3)  # an older number changes nothing
    assert deletion_records.standing() == deletion_records.DeletionRecords(
        4, frozenset({(2, STOPPED, OTHER)})
    )


def test_a_deleted_tip_leaves_its_arrivals_and_no_receipt():
    deletion_records.start_backup(number=1)
    deletion_records.add_stopped(lookup=ONE)
    arrivals = [str(uuid.uuid4()) for _ in range(3)]
    deletion_records.add_deleted(entries=arrivals, lookup=ONE)
    assert names(DELETED) == set(arrivals)
    assert names(STOPPED) == set()
    assert ONE not in deletion_records.path().read_text()


def test_the_file_tells_no_order_and_is_the_owners():
    deletion_records.start_backup(number=1)
    for lookup in (OTHER, ONE):
        deletion_records.add_stopped(lookup=lookup)
    assert (
        deletion_records.path().read_text()
        == f"# after backup 1\n1 stopped {ONE}\n1 stopped {OTHER}\n"
    )
    assert deletion_records.path().stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [10**9, 2**31 - 1, -1])
def test_no_number_is_written_that_could_not_be_read_again(number):
    deletion_records.start_backup(number=1)
    deletion_records.add_stopped(lookup=ONE)
    with pytest.raises(Refused, match=f"No backup can have the number {number}\\."):
        deletion_records.start_backup(number=number)
    assert names(STOPPED) == {ONE}
    deletion_records.start_backup(number=10**9 - 1)  # the control
    assert deletion_records.standing() == deletion_records.DeletionRecords(
        10**9 - 1, frozenset({(1, STOPPED, ONE)})
    )


@pytest.mark.parametrize(
    "data", [b"", b"# after backup x\n", b"# after backup 1\n1 other a\n", "é".encode()]
)
def test_anything_else_is_no_deletion_records(data):
    with pytest.raises(Refused, match="The deletion records in this file are damaged"):
        deletion_records.parsed(data, where="this file")


def test_a_damaged_file_costs_the_deletion_record_and_not_the_deed(
    caplog,
):
    state_files.write(deletion_records.path(), b"nonsense")
    deletion_records.add_stopped(lookup=ONE)
    assert "a deletion record could not be written" in caplog.text
