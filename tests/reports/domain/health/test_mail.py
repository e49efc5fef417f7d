"""Whether mail would arrive is asked of the server each hour, so that it is known before something urgent comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from reports.domain import desk
from reports.domain.health import faults, heartbeat, mail
from reports.domain.health.examination import examine

NOW = datetime(2026, 11, 26, 10, 7, tzinfo=UTC)


def found() -> set[str | None]:
    return {one.id for one in examine(tags=[faults.HEALTH])}


@pytest.mark.django_db
def test_a_server_that_is_not_there_is_told_and_without_one_nothing_is_asked(
    passphrase: str, settings: Settings
) -> None:
    mail.ask(now=NOW)
    assert heartbeat.read().mail == {}
    options = {"host": "127.0.0.1", "port": 1, "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    settings.MAIL_HOST = "127.0.0.1"
    mail.ask(now=NOW)
    assert faults.MAIL.id in found()
    mail.note(sent=True, now=NOW + timedelta(minutes=1))
    assert faults.MAIL.id in found(), "when one was taken would tell that something urgent came"


@pytest.mark.django_db
@pytest.mark.parametrize("takes", [True, False])
def test_what_a_clock_noted_that_was_ahead_counts_for_nothing(
    passphrase: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, takes: bool
) -> None:
    settings.MAIL_HOST = "127.0.0.1"
    monkeypatch.setattr(mail, "_takes_mail", lambda: takes)
    ahead = heartbeat.stamp(NOW + timedelta(days=300))
    with heartbeat.changing() as beat:
        beat.mail = {"unreached" if takes else "reached": ahead, "refused": ahead}
    mail.ask(now=NOW)
    assert found() & {faults.MAIL.id, faults.REFUSED.id} == (set() if takes else {faults.MAIL.id})


def test_the_operator_is_told_and_without_one_the_duty_person(settings: Settings) -> None:
    assert mail.operators() == []
    desk.save_profile(desk.Profile(duty_email="duty@example.org"))
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
def test_a_refused_notice_is_told_until_one_goes_out(
    passphrase: str, notes: list[tuple[bool, int]], stands: bool, send: Callable[..., object]
) -> None:
    for sent, minute in notes:
        mail.note(sent=sent, now=NOW + timedelta(minutes=minute))
    assert (faults.REFUSED.id in found()) is stands
