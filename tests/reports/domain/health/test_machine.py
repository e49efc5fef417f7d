"""The room on the machine's disks."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from reports.domain import state_files
from reports.domain.health import machine
from reports.domain.intake import outbox
from reports.domain.storage import mirror


def disk(monkeypatch, *, bytes_free, files_free, files=100):
    """Let every disk have so much of a hundred left."""
    space = SimpleNamespace(f_bavail=bytes_free, f_blocks=100, f_favail=files_free, f_files=files)
    monkeypatch.setattr(os, "statvfs", lambda path: space)


@pytest.mark.parametrize(
    ("bytes_free", "files_free", "files", "room"),
    [(50, 60, 100, 0.5), (9, 50, 100, 0.09), (50, 9, 100, 0.09), (50, 0, 0, 0.5)],
)
def test_the_room_of_a_disk_is_the_scarcer_of_its_bytes_and_its_files(
    monkeypatch, bytes_free, files_free, files, room
):
    disk(monkeypatch, bytes_free=bytes_free, files_free=files_free, files=files)
    assert set(machine.room().values()) == {room}


def test_the_second_disk_is_one_of_them_unless_it_does_not_answer(second, state_dir, monkeypatch):
    disk(monkeypatch, bytes_free=9, files_free=50)
    assert machine.room() == {state_dir: 0.09, second: 0.09}
    monkeypatch.setattr(mirror, "_folder", lambda: Path("/nowhere").resolve(strict=True))
    assert machine.room() == {state_dir: 0.09, second: 1.0}


def test_a_disk_takes_nothing_when_the_outbox_is_full_or_a_write_fails(state_dir, monkeypatch):
    assert machine.full() == [], "the control"
    assert [path for path in state_dir.iterdir() if path.name.startswith(".")] == [], (
        "what it tried is left"
    )
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "ROOM", 1 << 62)
        assert machine.full() == [state_dir]
    for number, is_full in ((errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, False)):

        def refuse(*args, number=number):
            raise OSError(number, "no")

        with monkeypatch.context() as patch:
            patch.setattr(state_files, "unfinished", refuse)
            assert machine.full() == [state_dir] * is_full


def test_a_disk_that_takes_no_changes_is_read_only(state_dir, monkeypatch):
    assert machine.read_only() == [], "the control"
    monkeypatch.setattr(
        os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_RDONLY | os.ST_NODEV)
    )
    assert machine.read_only() == [state_dir]


def test_what_belongs_to_another_user_is_found_but_what_a_file_system_makes_itself(
    state_dir, monkeypatch
):
    for name in ("lost+found", ".snapshot", "outbox"):
        (state_dir / name).mkdir(exist_ok=True)
    (state_files.folder() / "desk.pub").touch()
    assert machine.others() == []
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    found = {str(path.relative_to(state_dir)) for path in machine.others()}
    assert found >= {".", "outbox", "desk", "desk/desk.pub"}
    assert not found & {"lost+found", ".snapshot"}
