"""Whether a tip could be received now, as a monitor is told: by trying, and without a reason."""

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from reports.domain import state_files
from reports.domain.health import faults, heartbeat
from reports.domain.intake import outbox

pytestmark = pytest.mark.django_db


WELL, ILL = (200, "ok\n"), (503, "ill\n")


def told():
    """Return what is answered to a monitor, and to one that watches the desk too."""
    answers = [Client().get(address) for address in ("/healthz", "/healthz/desk")]
    assert {answer["Cache-Control"] for answer in answers} == {"no-store"}
    return [(answer.status_code, answer.content.decode()) for answer in answers]


def test_sound_desk_is_well_and_the_probe_leaves_nothing(passphrase):
    assert told()[0] == WELL
    assert list(outbox.folder().iterdir()) == []


def without_key(monkeypatch):
    (state_files.folder() / "desk.pub").unlink()


def with_a_key_of_another_user(monkeypatch):
    def refuse(path):
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)


def without_fsync(monkeypatch):
    def fail(handle):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)


def without_room(monkeypatch):
    monkeypatch.setattr(outbox, "ROOM", 1 << 62)


ILLNESSES = (
    without_key,
    with_a_key_of_another_user,
    without_fsync,
    without_room,
)


@pytest.mark.parametrize("fall_ill", ILLNESSES, ids=lambda cause: cause.__name__)
def test_whatever_keeps_a_tip_out_is_told_at_once_and_why_is_not(
    passphrase, client, monkeypatch, fall_ill
):
    call_command("run_maintenance")
    assert (
        client.get("/report/").status_code == 200
    )  # a form that was shown before says nothing about now
    assert told() == [WELL, WELL]
    state_files._parse.cache_clear()
    fall_ill(monkeypatch)
    assert told() == [ILL, ILL]


def test_the_log_says_what_is_wrong(passphrase, caplog):
    (state_files.folder() / "desk.pub").unlink()
    with caplog.at_level(logging.ERROR):
        told()
    assert "desk.pub cannot be used" in caplog.text


def test_late_maintenance_and_its_findings_are_told_without_reason_or_database(
    passphrase, django_assert_num_queries
):
    call_command("run_maintenance")
    with time_machine.travel(timedelta(minutes=11)):
        assert told() == [WELL, ILL]
    with heartbeat.changing() as beat:
        beat.causes = {faults.DISK.id: beat.at}
    with django_assert_num_queries(0):
        assert told() == [WELL, ILL]
