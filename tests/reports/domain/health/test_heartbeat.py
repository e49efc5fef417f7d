"""The heartbeat: a file that says when maintenance last ran, and is believed only when it is whole."""

import errno
import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from reports.domain import state_files
from reports.domain.health import heartbeat

NOW = datetime(2026, 11, 26, 10, 7, 42, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def beat(at):
    """Write that maintenance ended well."""
    with heartbeat.changing() as last:
        last.at = last.trusted = heartbeat.stamp(at)


def test_what_is_written_is_read_and_others_cannot_read_it(state_dir):
    beat(NOW)
    assert heartbeat.instant(heartbeat.read().at) == NOW.replace(second=0, microsecond=0), (
        "seconds would tell of load"
    )
    assert (state_dir / "heartbeat.json").stat().st_mode & 0o777 == 0o600


DAMAGED = ["", "[]", '{"at": 7}', '{"at": "soon"}', '{"at": "2026-11-26"}', '{"other": 1}']
DAMAGED += [
    '{"mail": {"reached": "soon"}}',
    '{"causes": {"streetlight.E010": 7}}',
    '{"mail": []}',
    "[" * 100_000,
]
DAMAGED += [f'{{"{name}": null}}' for name in ("at", "failed", "mail", "causes", "mailed")]
DAMAGED += [
    '{"failed": [1]}',
    '{"mail": {"reached": null}}',
    '{"causes": {"E010": null}}',
    '{"mailed": {"E010": null}}',
]


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_heartbeat_is_none(state_dir, text):
    (state_dir / "heartbeat.json").write_text(text)
    assert heartbeat.read() == heartbeat.Heartbeat()


def late(*minutes):
    """Return whether maintenance is late, so many minutes later."""
    return [heartbeat.is_late(now=NOW.replace(second=0) + after * MINUTE) for after in minutes]


def test_maintenance_is_late_after_ten_minutes_and_by_a_clock_that_went_back():
    beat(NOW)
    assert late(1, 9.9, 10.1, -9, -11) == [False, False, True, False, True]


def full_disk(patch, *folders):
    """Let nothing be written below these."""
    write = state_files.write

    def refuse(path, data):
        if path.parent in folders:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data)

    patch.setattr(state_files, "write", refuse)


def test_on_a_full_disk_it_lies_in_memory_until_there_is_room(state_dir, settings, monkeypatch):
    beat(NOW)
    memory = settings.RUN_DIR / "heartbeat.json"
    with monkeypatch.context() as patch:
        full_disk(patch, state_dir)
        beat(NOW + MINUTE)
        with heartbeat.changing() as last:
            last.mailed["full"] = "2026-11-26"
        assert heartbeat.read().at == heartbeat.stamp(NOW + MINUTE)
        assert memory.stat().st_mode & 0o777 == 0o600
    beat(NOW + 2 * MINUTE)
    assert not memory.exists()
    assert (heartbeat.read().at, heartbeat.read().mailed) == (
        heartbeat.stamp(NOW + 2 * MINUTE),
        {"full": "2026-11-26"},
    )


def test_a_folder_in_memory_that_others_can_write_to_is_not_believed(settings, tmp_path):
    beat(NOW)
    settings.RUN_DIR = tmp_path / "another"
    settings.RUN_DIR.mkdir(mode=0o700)
    forged = settings.RUN_DIR / "heartbeat.json"
    forged.write_text(json.dumps({"at": heartbeat.stamp(NOW + MINUTE)}))
    assert heartbeat.read().at == heartbeat.stamp(NOW + MINUTE), "the control"
    settings.RUN_DIR.chmod(0o777)
    assert heartbeat.read().at == heartbeat.stamp(NOW)


def test_maintenance_that_never_ran_is_late_once_there_is_a_desk_for_so_long():
    assert heartbeat.is_late(now=NOW) is False, "there is no desk to look after"
    key = state_files.folder() / "desk.pub"
    key.touch()
    os.utime(key, (NOW.timestamp(), NOW.timestamp()))
    assert [heartbeat.is_late(now=NOW + minutes * MINUTE) for minutes in (1, 11)] == [False, True]
