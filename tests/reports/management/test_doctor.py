"""`doctor`: one page with an end that scripts understand; and no command ends with a traceback without a database."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from reports.domain.health import heartbeat, machine
from reports.domain.maintenance import notices
from reports.management import doctor
from reports.management.doctor import Line
from reports.views import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """Let the doctor find what the test says."""
    lines = [Line(True, "This is good."), Line(None, "This cannot be asked here.")]
    monkeypatch.setattr(doctor, "examine", lambda *, now: lines)
    return lines


def test_it_ends_with_0_where_all_is_well_and_else_with_1_and_what_to_do(
    phrase: str, found: list[Line], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("doctor")
    said = capsys.readouterr().out
    assert "good  A tip can be received now" in said
    assert "  -   This cannot be asked here." in said
    assert said.endswith("All is well.\n")
    found.append(Line(False, "This is bad.", "Do that."))
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor")
    assert "LOOK  This is bad.\n      Do that.\n" in capsys.readouterr().out


def test_a_form_that_takes_no_tip_is_the_first_line(found: list[Line], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("doctor")
    assert capsys.readouterr().out.splitlines()[2] == "LOOK  No tip can be received now."


def test_a_root_cause_is_the_first_line_and_nothing_follows_that_contradicts_it(
    found: list[Line], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "full", lambda: [Path("/var/lib/streetlight")])
    monkeypatch.setattr(health, "can_receive_now", pytest.fail)
    with pytest.raises(SystemExit):
        call_command("doctor")
    said = capsys.readouterr().out.splitlines()[2:]
    assert said[0] == "LOOK  The disk of /var/lib/streetlight is full. No tip can be received now."
    assert said[2:4] == ["  -   Nothing else was looked at: mend this first, then run it again.", ""]


def test_a_root_cause_that_cannot_be_looked_for_hides_nothing(
    phrase: str, found: list[Line], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[Path]:
        raise OSError

    monkeypatch.setattr(machine, "full", fail)
    call_command("doctor")
    assert "This is good." in capsys.readouterr().out


def test_a_failure_that_can_be_noted_nowhere_ends_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*, unit: str, now: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(notices, "tell_failure", fail)
    with pytest.raises(CommandError, match=r"noted nowhere .*No space left"):
        call_command("doctor", "--failed", TEND)


@pytest.mark.usefixtures("found", "phrase")
def test_mail_sends_one_and_says_to_whom(
    settings: Settings,
    mailoutbox: list[EmailMessage],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object) -> None:
        raise ConnectionRefusedError

    def trial() -> str:
        with suppress(SystemExit):
            call_command("doctor", "--mail")
        return capsys.readouterr().out

    assert "There is nobody to mail." in trial()
    settings.MAIL_OPERATOR = "it@example.org"
    assert "The mail server took a mail for it@example.org" in trial()
    assert [message.to for message in mailoutbox] == [["it@example.org"]]
    monkeypatch.setattr(EmailMessage, "send", refuse)
    assert "did not take a mail for it@example.org" in trial()


TEND = "streetlight-tend.service"


def test_a_unit_that_failed_is_mailed_once_a_day(
    settings: Settings, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_OPERATOR = "it@example.org"
    now = timezone.now()
    for unit in ("streetlight.service", "streetlight.service", TEND, TEND):
        call_command("doctor", "--failed", unit)
    assert len(mailoutbox) == 2
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=1))
    call_command("doctor", "--failed", TEND)
    assert len(mailoutbox) == 3


def test_maintenance_that_came_to_its_end_has_told_why_by_itself(
    settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    settings.MAIL_OPERATOR = "it@example.org"
    with heartbeat.changing() as beat:
        beat.at, beat.causes = heartbeat.stamp(timezone.now()), {"key": ""}
    call_command("doctor", "--failed", TEND)
    assert mailoutbox == []
    with heartbeat.changing() as beat:
        beat.at = heartbeat.stamp(timezone.now() - timedelta(hours=1))
    call_command("doctor", "--failed", TEND)
    assert len(mailoutbox) == 1
