"""The heartbeat: a file that says when maintenance last ran, and is believed only when it is whole."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.domain import desk
from reports.domain.health import heartbeat

NOW = datetime(2026, 11, 26, 10, 7, 42, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def beat(at: datetime) -> None:
    """Write that maintenance ended well."""
    with heartbeat.changing() as last:
        last.at = last.trusted = heartbeat.stamp(at)


def test_what_is_written_is_read_and_others_cannot_read_it(state_dir: Path) -> None:
    beat(NOW)
    assert heartbeat.instant(heartbeat.read().at) == NOW.replace(second=0, microsecond=0), "seconds would tell of load"
    assert (state_dir / "heartbeat.json").stat().st_mode & 0o777 == 0o600


DAMAGED = ["", "[]", '{"at": 7}', '{"at": "soon"}', '{"at": "2026-11-26"}', '{"other": 1}']
DAMAGED += ['{"mail": {"reached": "soon"}}', '{"certificate": {"ends": 7}}', '{"jobs": []}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_heartbeat_is_none(state_dir: Path, text: str) -> None:
    (state_dir / "heartbeat.json").write_text(text)
    assert heartbeat.read() == heartbeat.Heartbeat()


def test_a_heartbeat_with_nothing_new_is_not_written_again(state_dir: Path) -> None:
    beat(NOW)
    written = (state_dir / "heartbeat.json").stat().st_ino
    with heartbeat.changing():
        pass
    assert (state_dir / "heartbeat.json").stat().st_ino == written
    beat(NOW + MINUTE)
    assert (state_dir / "heartbeat.json").stat().st_ino != written


def test_maintenance_is_late_after_ten_minutes_and_by_a_clock_that_went_back() -> None:
    beat(NOW)
    assert [heartbeat.is_late(now=NOW + minutes * MINUTE) for minutes in (1, 9, 11, -12)] == [False, False, True, True]


def test_maintenance_that_never_ran_is_late_once_there_is_a_desk_for_so_long() -> None:
    assert heartbeat.is_late(now=NOW) is False, "there is no desk to look after"
    key = desk.folder() / "desk.pub"
    key.touch()
    os.utime(key, (NOW.timestamp(), NOW.timestamp()))
    assert [heartbeat.is_late(now=NOW + minutes * MINUTE) for minutes in (1, 11)] == [False, True]
