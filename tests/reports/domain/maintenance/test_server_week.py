"""On Monday at nine who looks after the server hears how it is; team leads get the log check code."""

import errno
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend

from reports.domain.health import heartbeat
from reports.domain.health.faults import DISK, MAIL, REFUSED
from reports.domain.maintenance import notices
from reports.models import BackupMark
from tests.factories import mails

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def operator(settings, tmp_path, monkeypatch):
    """Name somebody who looks after the server, on which Debian has left nothing."""
    settings.MAIL_OPERATOR = "it@example.org"
    monkeypatch.setattr(notices, "RESTART", tmp_path / "reboot-required")
    monkeypatch.setattr(notices, "UPDATED", tmp_path / "stamp")


def is_told(hours):
    with heartbeat.changing() as beat:
        beat.at = heartbeat.stamp(MONDAY + hours * HOUR)
    return mails(notices.mail_week, now=MONDAY + hours * HOUR) > 0


def test_it_goes_out_once_a_week_on_monday_at_nine_or_later_in_that_week(
    mailoutbox,
):
    assert [is_told(hours) for hours in (-1, 0, 1, 6 * 24, 7 * 24 - 1, 7 * 24, 8 * 24)] == [
        *(False, True, False, False, False, True, False)
    ]
    assert is_told(16 * 24), "the server was off on Monday"
    assert {(*message.to, message.subject) for message in mailoutbox} == {
        ("it@example.org", "Streetlight: how the server is this week")
    }


def test_it_waits_until_mail_works_and_a_demonstration_sends_none(mailoutbox, settings):
    with heartbeat.changing() as beat:
        beat.causes = {MAIL.id: heartbeat.stamp(MONDAY)}
    assert not is_told(1)
    with heartbeat.changing() as beat:
        beat.causes = {}
    settings.DEMO = True
    assert not is_told(1)
    settings.DEMO = False
    assert is_told(2)
    assert len(mailoutbox) == 1


def test_what_was_not_taken_goes_out_again_and_what_cannot_be_noted_waits(mailoutbox, monkeypatch):
    def refuse(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    for target, name in ((EmailBackend, "send_messages"), (notices.state_files, "write")):
        with monkeypatch.context() as broken, suppress(OSError):
            broken.setattr(target, name, refuse)
            notices.mail_week(now=MONDAY)
        assert mailoutbox == []
    assert [is_told(hours) for hours in (1, 2)] == [True, False]
    assert len(mailoutbox) == 1


def test_it_says_what_is_not_well_and_what_debian_and_the_backup_ask_for(
    mailoutbox,
):
    is_told(0)
    text = mailoutbox[0].body
    assert "Streetlight works. Please read on, because something needs your attention." in text
    assert "No backup has been checked yet." in text
    assert "restart" not in text
    assert "security updates" not in text
    BackupMark.objects.create(
        number=1, taken_at=MONDAY - HOUR, verified_at=MONDAY - HOUR, oldest=1, oldest_key=1
    )
    notices.RESTART.touch()
    notices.UPDATED.touch()
    os.utime(notices.UPDATED, (MONDAY.timestamp(), MONDAY.timestamp()))
    is_told(7 * 24)
    assert "Streetlight works, and nothing needs your attention." in mailoutbox.pop().body
    with heartbeat.changing() as beat:
        beat.causes = {DISK.id: heartbeat.stamp(MONDAY), REFUSED.id: heartbeat.stamp(MONDAY)}
    is_told(14 * 24)
    text = mailoutbox[1].body
    assert str(DISK.what) in text
    assert DISK.do in text
    assert str(REFUSED.what) not in text, (
        "whether a notice went out can tell that something urgent came"
    )
    assert "checked on 23 November 2026, 08:00" in text
    assert "need a restart" in text
    assert "security updates on 23 November 2026" in text
