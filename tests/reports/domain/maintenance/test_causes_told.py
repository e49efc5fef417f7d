"""What is wrong with the site is mailed: once a day for each cause, without content, to who looks after the machine."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend

from reports.domain import state_files
from reports.domain.health import heartbeat
from reports.domain.health.faults import DISK, KEY, MAIL
from reports.domain.maintenance import notices
from tests.factories import mails

AT = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def operator(settings):
    """Name somebody who looks after the machine."""
    settings.MAIL_OPERATOR = "it@example.org"


def stands(*causes, since=AT):
    """Let these be wrong since then."""
    with heartbeat.changing() as beat:
        beat.causes = dict.fromkeys(causes, heartbeat.stamp(since))


def told(hours):
    return notices.mail_faults(now=AT + hours * HOUR)


def test_a_cause_that_stands_is_told_once_a_day(mailoutbox):
    stands(DISK.id)
    assert [told(minutes / 60) for minutes in (0, 4, 5, 6)] == [0, 0, 1, 0]
    assert [told(hours) for hours in (1, 5, 13, 14, 15, 38)] == [0, 0, 0, 1, 0, 1]
    message = mailoutbox[0]
    assert (message.to, message.subject) == (
        ["it@example.org"],
        "Streetlight: the site needs attention",
    )
    assert message.reply_to == ["nobody@nowhere.invalid"]
    assert str(DISK.what) in message.body
    assert DISK.do in message.body


def test_another_cause_on_the_same_day_is_told_and_the_first_is_not_told_again(
    mailoutbox,
):
    stands(DISK.id)
    assert told(1) == 1
    stands(DISK.id, KEY.id)
    assert told(2) == 1
    assert str(DISK.what) not in mailoutbox[1].body
    stands(DISK.id, KEY.id)
    assert told(3) == 0


def test_nothing_is_tried_without_mail_and_a_mail_that_fails_is_tried_again(
    mailoutbox, monkeypatch
):
    stands(MAIL.id, DISK.id)
    assert told(1) == 0
    stands(DISK.id)

    def refuse(*args):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        assert told(2) == 0
    assert told(3) == 1
    assert len(mailoutbox) == 1


def test_without_an_address_nobody_is_told_and_the_duty_person_stands_in(mailoutbox, settings):
    settings.MAIL_OPERATOR = ""
    stands(DISK.id)
    assert told(1) == 0
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))
    assert told(2) == 1


def test_a_unit_that_failed_is_told_once_a_day_unless_maintenance_has_told_why(
    mailoutbox,
):
    def failed(unit, *, days=0):
        return mails(notices.mail_failure, unit=unit, now=AT + days * 24 * HOUR) > 0

    assert [
        failed("streetlight.service"),
        failed("streetlight.service"),
        failed("streetlight.service", days=1),
    ] == [
        True,
        False,
        True,
    ]
    with heartbeat.changing() as beat:
        beat.at, beat.causes = heartbeat.stamp(AT), {KEY.id: heartbeat.stamp(AT)}
    assert failed(notices.MAINTENANCE) is False
    assert failed(notices.MAINTENANCE, days=1) is True, (
        "the heartbeat is a day old: it did not come to its end"
    )
    assert len(mailoutbox) == 3
