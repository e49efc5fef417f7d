"""`doctor`: one page of what the checks find and how the site answers, with an end that scripts understand."""

import ssl
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.place import LAW, OPERATOR
from reports.domain import state_files
from reports.domain.health import heartbeat, machine, mail
from reports.domain.maintenance import notices
from reports.management.commands import doctor

pytestmark = pytest.mark.django_db

MAINTENANCE = "streetlight-maintenance.service"


@pytest.fixture(autouse=True)
def answers(settings, monkeypatch):
    """Let the site answer as the test says, and be set up as on a server."""
    status = dict.fromkeys(doctor.PAGES, 200)
    monkeypatch.setattr(doctor, "_status", status.__getitem__)
    monkeypatch.setattr(machine, "room", dict)
    settings.SILENCED_SYSTEM_CHECKS = ["mail.E001", "async.E001"]
    return status


@pytest.fixture(autouse=True)
def well(passphrase, settings):
    """Let nothing be wrong."""
    operator = dict.fromkeys(OPERATOR, "So we are.")
    settings.PLACE = replace(settings.PLACE, law=dict.fromkeys(LAW, "So we do."), operator=operator)
    call_command("run_maintenance")
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))


def said(*arguments, capsys, well=False):
    """Return the page that it prints, without its head."""
    with nullcontext() if well else pytest.raises(SystemExit, match="1"):
        call_command("doctor", *arguments)
    return capsys.readouterr().out.splitlines()[2:]


def test_it_ends_with_0_where_all_is_well(capsys, settings):
    lines = said(capsys=capsys, well=True)
    assert lines[0].startswith("good  Streetlight ")
    releases = (
        "  -   Nobody looks for new releases of Streetlight here. Please look for them yourself."
    )
    assert lines[1:] == [
        f"good  People can send tips at {settings.SITE_ORIGIN}.",
        releases,
        "",
        "All is well.",
    ]


def test_it_ends_with_1_and_says_of_each_fault_what_to_do(
    capsys,
):
    (state_files.folder() / "keyring.age").chmod(0o640)
    (state_files.folder() / "desk.pub").unlink()
    lines, setup = said(capsys=capsys), state_files.command("desk_setup")
    assert lines[3:7] == [
        (
            f"LOOK  There is no {state_files.folder()}/desk.pub. Run {setup}, or copy the file from the desk’s server. "
            "(streetlight.E010)"
        ),
        "      Until you have done this, nobody can send a tip.",
        f"LOOK  Others can read {state_files.folder()}/keyring.age. (streetlight.E016)",
        f"      Run chmod 600 {state_files.folder()}/keyring.age, and find out who could have read them.",
    ]
    assert (
        lines[-1]
        == "Needs attention: 2. For more, see “When something is wrong” in docs/operations.md."
    )


def test_a_machine_that_waits_for_a_backup_hears_of_nothing_else(
    capsys,
    monkeypatch,
    settings,
    tmp_path,
):
    settings.MANAGE_COMMAND = "streetlight"
    monkeypatch.setattr(state_files, "AWAITS", tmp_path)
    assert said(capsys=capsys, well=True)[-1] == "All is well.", "its desk is here"
    (state_files.folder() / "keyring.age").unlink()
    assert said(capsys=capsys)[:3] == [
        "LOOK  This server waits for a backup.",
        "      Run: /opt/streetlight/current/deploy/restore FOLDER",
        "  -   Nothing else was checked. Fix this first, then run this again.",
    ]


def test_each_page_that_the_site_does_not_show_is_a_line(answers, capsys, settings):
    answers |= {"/healthz": 503, "/": 403}
    lines = said(capsys=capsys)
    assert lines[1] == f"LOOK  {settings.SITE_ORIGIN}/healthz answers with 503."
    assert lines[2].startswith(
        "      Nobody can send a tip now. See whether it runs: systemctl status streetlight."
    )
    assert lines[3] == f"LOOK  {settings.SITE_ORIGIN}/ answers with 403."
    assert f"chmod -R a+rX {settings.STATE_DIR}/edition" in lines[4]
    assert not [line for line in lines if line.startswith("good  People")]


def test_a_site_that_does_not_answer_is_a_line(capsys, monkeypatch, settings):
    def refuse(path):
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(doctor, "_status", refuse)
    assert said(capsys=capsys)[1].startswith(
        f"LOOK  The site does not answer at {settings.SITE_ORIGIN} ([Errno 111]"
    )


@pytest.mark.parametrize(
    ("code", "do"),
    [
        (9, "Look at the clock first"),  # not yet valid
        (10, "renew the certificate"),  # expired
        (62, "for the name in SITE_ORIGIN"),  # another name
    ],
)
def test_a_certificate_that_browsers_refuse_is_told_with_what_to_do(
    capsys,
    monkeypatch,
    settings,
    code,
    do,
):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "what OpenSSL says"

    def refuse(path):
        raise error

    monkeypatch.setattr(doctor, "_status", refuse)
    lines = said(capsys=capsys)
    assert lines[1] == f"LOOK  Browsers refuse {settings.SITE_ORIGIN} (what OpenSSL says)."
    assert do in lines[2]
    assert ("clock" in lines[2]) is (code != 62)


def test_mail_sends_one_and_says_to_whom_and_a_mended_server_counts_at_once(
    settings,
    mailoutbox,
    capsys,
    monkeypatch,
):
    def refuse(*args):
        raise ConnectionRefusedError("no route")

    with heartbeat.changing() as beat:
        beat.mail = {"unreached": heartbeat.stamp(timezone.now() - timedelta(minutes=1))}
    settings.MAIL_OPERATOR, settings.MAIL_HOST = "it@example.org", "mail.town.test"
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        broken.setattr(mail, "_refusal", lambda: "signing in, mail.town.test:587: 535 no")
        page = "\n".join(said("--mail", capsys=capsys))
    assert "LOOK  The mail server did not accept an email for it@example.org" in page
    assert "LOOK  The mail server does not accept our email" in page
    assert page.count("connecting, mail.town.test: no route") == 3, (
        "the last answer, by whom and at which step"
    )
    monkeypatch.setattr(mail, "_refusal", lambda: "")
    assert "E056" not in "".join(said(capsys=capsys)), (
        "it asks, whatever was noted before; one was refused all the same"
    )
    assert said("--mail", capsys=capsys, well=True)[3].startswith(
        "good  The mail server accepted an email for it@"
    )
    assert [message.to for message in mailoutbox] == [["it@example.org"]]
    settings.MAIL_OPERATOR = ""
    state_files.save_profile(state_files.Profile())
    assert "LOOK  There is no address to email." in said("--mail", capsys=capsys)


def test_a_failure_that_can_be_noted_nowhere_ends_in_a_sentence(
    monkeypatch,
):
    def fail(*, unit, now):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(notices, "mail_failure", fail)
    with pytest.raises(CommandError, match=r"nowhere to note .*No space left"):
        call_command("doctor", "--failed", MAINTENANCE)
