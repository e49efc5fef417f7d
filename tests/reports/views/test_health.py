"""Whether a tip could be received now, as a monitor is told: by trying, seldom, and without a reason."""

import logging
import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from reports.domain import desk, intake
from reports.domain.health import faults, heartbeat
from reports.domain.intake import outbox
from reports.views import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test's process be one that was asked nothing yet."""
    monkeypatch.setattr(health, "_receiving", health.Probe(intake.can_receive))


def asked(**more: Any) -> tuple[int, str]:
    """Return what a new process would answer to a monitor."""
    return told("/healthz", **more)


def desks_answer() -> tuple[int, str]:
    """Return what it would answer to one that watches the desk too."""
    return told("/healthz/desk")


def told(address: str, **more: Any) -> tuple[int, str]:
    health._receiving = health.Probe(intake.can_receive)
    answer = Client().get(address, **more)
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.content.decode()


WELL, ILL = (200, "ok\n"), (503, "ill\n")


def test_sound_desk_is_well_and_the_probe_leaves_nothing(passphrase: str) -> None:
    assert asked() == WELL
    assert list(outbox.folder().iterdir()) == []


def without_key(monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.folder() / "desk.pub").unlink()


def with_a_key_of_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)


def without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)


def without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "ROOM", 1 << 62)


ILLNESSES = (
    without_key,
    with_a_key_of_another_user,
    without_fsync,
    without_room,
)


@pytest.mark.parametrize("fall_ill", ILLNESSES, ids=lambda cause: cause.__name__)
def test_whatever_keeps_a_tip_out_is_told_at_once_and_why_is_not(
    passphrase: str, client: Client, monkeypatch: pytest.MonkeyPatch, fall_ill: Any
) -> None:
    call_command("run_maintenance")
    assert client.get("/report/").status_code == 200  # a form that was shown before says nothing about now
    assert (asked(), desks_answer()) == (WELL, WELL)
    desk._parse.cache_clear()
    fall_ill(monkeypatch)
    assert (asked(), desks_answer()) == (ILL, ILL)


def test_probes_are_seldom(passphrase: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    at, probes = [1000.0], []
    monkeypatch.setattr(health.time, "monotonic", lambda: at[0])
    monkeypatch.setattr(health, "_receiving", health.Probe(lambda: not probes.append(1)))
    for later in (0, 1, 4.9, 5.1, 9, 11):
        at[0] = 1000.0 + later
        assert client.get("/healthz").status_code == 200
    assert len(probes) == 3


def test_nobody_waits_for_a_probe_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    at, begun, goes_on = [1000.0], threading.Event(), threading.Event()
    monkeypatch.setattr(health.time, "monotonic", lambda: at[0])
    hangs = [False]

    def check() -> bool:
        begun.set()
        return not hangs[0] or goes_on.wait(30)

    probe = health.Probe(check)
    assert probe.ask() is True
    hangs[0], at[0] = True, 1000.0 + health.EVERY
    begun.clear()
    first = threading.Thread(target=probe.ask)
    first.start()
    assert begun.wait(30)
    answers = [probe.ask()]
    at[0] = 1000.0 + health.OLD
    answers.append(probe.ask())
    assert first.is_alive(), "both were answered while it hung: the last answer, until that is old"
    goes_on.set()
    first.join()
    assert (answers, probe.ask()) == ([True, False], True)


def test_the_log_says_what_is_wrong(passphrase: str, caplog: pytest.LogCaptureFixture) -> None:
    (desk.folder() / "desk.pub").unlink()
    with caplog.at_level(logging.ERROR):
        asked()
    assert "desk.pub cannot be used" in caplog.text


def test_what_maintenance_found_and_that_it_is_late_is_told_there_without_a_reason_and_without_a_database(
    passphrase: str, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    call_command("run_maintenance")
    later = timezone.now() + timedelta(minutes=11)
    with monkeypatch.context() as late:
        late.setattr(timezone, "now", lambda: later)
        assert (asked(), desks_answer()) == (WELL, ILL)
    with heartbeat.changing() as beat:
        beat.causes = {faults.DISK.id: beat.at}
    with django_assert_num_queries(0):
        assert (asked(), desks_answer()) == (WELL, ILL)
