"""Whether mail would arrive is asked of the server each hour, so that it is known before something urgent comes."""

import ssl
from datetime import UTC, datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

import pytest

from reports.domain import state_files
from reports.domain.health import faults, heartbeat, mail
from reports.domain.health.examination import examine

NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)


def found():
    return {one.id for one in examine(tags=[faults.HEALTH])}


@pytest.mark.django_db
def test_a_server_that_is_not_there_is_told_and_without_one_nothing_is_asked(passphrase, settings):
    mail.ask(now=NOW)
    assert heartbeat.read().mail == {}
    options = {"host": "127.0.0.1", "port": 1, "timeout": 5}
    settings.MAILERS = {
        "default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
    }
    settings.MAIL_HOST = "127.0.0.1"
    mail.ask(now=NOW)
    (fault,) = (one for one in examine(tags=[faults.HEALTH]) if one.id == faults.MAIL.id)
    assert fault.obj == "connecting, 127.0.0.1:1: [Errno 111] Connection refused"
    mail.note(error=None, now=NOW + timedelta(minutes=1))
    assert faults.MAIL.id in found(), "when one was taken would tell that something urgent came"


@pytest.mark.django_db
@pytest.mark.parametrize("takes", [True, False])
def test_what_a_clock_noted_that_was_ahead_counts_for_nothing(
    passphrase, settings, monkeypatch, takes
):
    settings.MAIL_HOST = "127.0.0.1"
    monkeypatch.setattr(
        mail, "_refusal", lambda: "" if takes else "signing in, 127.0.0.1:25: 535 no"
    )
    ahead = heartbeat.stamp(NOW + timedelta(days=300))
    with heartbeat.changing() as beat:
        beat.mail = {"unreached" if takes else "reached": ahead, "refused": ahead}
    mail.ask(now=NOW)
    assert found() & {faults.MAIL.id, faults.REFUSED.id} == (set() if takes else {faults.MAIL.id})


def test_the_operator_is_told_and_without_one_the_duty_person(settings):
    assert mail.operators() == []
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))
    assert mail.operators() == ["duty@example.org"]
    settings.MAIL_OPERATOR = "it@example.org"
    assert mail.operators() == ["it@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("notes", "stands"),
    [
        ([(False, 0)], True),
        ([(False, 0), (True, 1)], False),
        ([(True, 0), (False, 0)], True),
        ([], False),
    ],
)
def test_a_refused_notice_is_told_until_one_goes_out(passphrase, notes, stands, send):
    for sent, minute in notes:
        mail.note(
            error=None if sent else ConnectionRefusedError(), now=NOW + timedelta(minutes=minute)
        )
    assert (faults.REFUSED.id in found()) is stands


@pytest.mark.django_db
def test_a_refused_notice_is_told_with_its_reason_though_the_server_answers_again(
    passphrase, settings, monkeypatch
):
    settings.MAIL_HOST = "mail.test"
    monkeypatch.setattr(mail, "_refusal", lambda: "")
    mail.note(error=SMTPServerDisconnected("Connection closed"), now=NOW)
    mail.ask(now=NOW + timedelta(hours=1))
    (fault,) = (
        one
        for one in examine(tags=[faults.HEALTH])
        if one.id in {faults.MAIL.id, faults.REFUSED.id}
    )
    assert (fault.id, fault.obj) == (faults.REFUSED.id, "sending, mail.test: Connection closed")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            ConnectionRefusedError(111, "Connection refused"),
            "connecting, {}: [Errno 111] Connection refused",
        ),
        (
            ssl.SSLCertVerificationError(1, "no key usage extension"),
            "STARTTLS, {}: no key usage extension",
        ),
        (
            SMTPNotSupportedError("STARTTLS extension not supported."),
            "STARTTLS, {}: STARTTLS extension not supported.",
        ),
        (
            SMTPAuthenticationError(535, b"5.7.8 Error:\n failed"),
            "signing in, {}: 535 5.7.8 Error: failed",
        ),
        (SMTPSenderRefused(553, b"not owned", "desk@x"), "naming the sender, {}: 553 not owned"),
        (
            SMTPRecipientsRefused({"it@x": (550, b"No such user")}),
            "naming the addressee, {}: 550 No such user",
        ),
        (
            SMTPRecipientsRefused({"it@x": (550, b"No\nsuch user")}),
            "naming the addressee, {}: 550 No such user",
        ),
        (SMTPResponseException(554, "spam"), "naming sender and addressee, {}: 554 spam"),
        (SMTPServerDisconnected("Connection closed"), "sending, {}: Connection closed"),
    ],
)
def test_server_step_and_its_own_code_are_named(settings, error, expected):
    settings.MAIL_HOST, settings.MAILERS = "mail.test", {"default": {"OPTIONS": {"port": 587}}}
    assert mail.why(error) == expected.format("mail.test:587")
