"""The machine: how full its disks are, and when the certificate ends that visitors are shown."""

import errno
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from reports.domain import desk
from reports.domain.health import heartbeat, machine
from reports.domain.intake import outbox

NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)
ENDS = datetime(2026, 12, 3, 12, 30, tzinfo=UTC)


def disk(monkeypatch: pytest.MonkeyPatch, *, bytes_free: int, files_free: int, files: int = 100) -> None:
    """Let every disk have so much of a hundred left."""
    space = SimpleNamespace(f_bavail=bytes_free, f_blocks=100, f_favail=files_free, f_files=files)
    monkeypatch.setattr(os, "statvfs", lambda path: space)


@pytest.mark.parametrize(
    ("bytes_free", "files_free", "files", "full"),
    [(50, 50, 100, False), (9, 50, 100, True), (50, 9, 100, True), (10, 10, 100, False), (50, 0, 0, False)],
)
def test_a_disk_is_full_when_bytes_or_files_run_out(
    monkeypatch: pytest.MonkeyPatch, bytes_free: int, files_free: int, files: int, full: bool
) -> None:
    disk(monkeypatch, bytes_free=bytes_free, files_free=files_free, files=files)
    assert machine.is_full() is full


def test_a_disk_takes_nothing_when_the_outbox_has_no_room_or_whoever_writes_is_told_so(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.full() == [], "the control"
    assert [path for path in state_dir.iterdir() if path.name.startswith(".")] == [], "what it tried is left"
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "ROOM", 1 << 62)
        assert machine.full() == [state_dir]
    for number, is_full in ((errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, False)):

        def refuse(*args: object, number: int = number) -> None:
            raise OSError(number, "no")

        with monkeypatch.context() as patch:
            patch.setattr(desk, "unfinished", refuse)
            assert machine.full() == [state_dir] * is_full


def test_it_is_asked_for_once_an_hour_and_of_the_name_where_this_machine_shows_none(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(machine.socket, "create_connection", refuse)
    machine.note_certificate(now=NOW)
    assert heartbeat.read().certificate == {}, "a site without HTTPS has none"
    settings.SITE_ORIGIN, settings.HTTPS = "https://tips.example.org", True
    for minute in (0, 1, 59, 60):
        machine.note_certificate(now=NOW + timedelta(minutes=minute))
    assert asked == ["127.0.0.1", "tips.example.org"] * 2
    assert "ends" not in heartbeat.read().certificate
