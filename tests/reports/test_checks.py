"""Operator mistakes, each with its number and a hint."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.place import LAW, OPERATOR
from newsroom.domain import last_asked
from reports import checks
from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.errors import DeskBroken
from reports.domain.health import certificate, faults, heartbeat, machine
from reports.domain.intake import outbox
from reports.domain.maintenance import notices
from reports.domain.people import second_factors
from reports.domain.storage import deletion_records
from reports.models import AuditAct, BackupMark, KeyFileMark, Node
from tests.reports import forging

# Django's own checks ask the database what it can do.
pytestmark = [pytest.mark.engine, pytest.mark.django_db, pytest.mark.usefixtures("room")]


def ids(*, deploy=True, databases=("default",)):
    """Return the numbers of Streetlight's own findings."""
    found = run_checks(include_deployment_checks=deploy, databases=databases)
    assert all(
        message.hint for message in found if message.id and message.id.startswith("streetlight")
    )
    return {message.id for message in found if message.id and message.id.startswith("streetlight")}


def test_sound_desk_has_no_finding(passphrase, settings):
    answers = dict.fromkeys(LAW, "So we do.")
    operator = dict.fromkeys(OPERATOR, "So we are.")
    settings.PLACE = replace(settings.PLACE, law=answers, operator=operator)
    state_files.save_profile(state_files.Profile(duty_email="duty@example.org"))
    assert ids() == set()
    settings.PLACE = replace(
        settings.PLACE,
        law={name: answers[name] for name in LAW if name not in ("court", "stories")},
    )
    (message,) = (
        one for one in run_checks(include_deployment_checks=True) if one.id == "streetlight.W024"
    )
    assert message.msg == "The public pages do not say what you do about the law: court, stories."
    settings.DEMO = True
    assert ids() == set()


@pytest.mark.parametrize(
    ("missing", "number", "says"),
    [
        ("address", "W015", "Write address into place.toml under [operator], then run"),
        ("reading_days", "W015", "Write reading_days into place.toml under [operator], then run"),
        ("funding", "W020", "The public pages do not say: funding."),
    ],
)
def test_what_place_toml_does_not_say_of_who_runs_the_site_is_named(
    passphrase, settings, missing, number, says
):
    before = ids()
    operator = {name: "So we are." for name in OPERATOR if name != missing}
    settings.PLACE = replace(settings.PLACE, operator=operator)
    assert before - ids() == {"streetlight.W015", "streetlight.W020"} - {f"streetlight.{number}"}
    (message,) = (
        one
        for one in run_checks(include_deployment_checks=True)
        if one.id == f"streetlight.{number}"
    )
    assert says in f"{message.msg} {message.hint}"
    assert "place.toml under [operator]" in str(message.hint)


def test_empty_state_names_key_file_controller_and_duty_person():
    assert ids() == {
        "streetlight.E011",
        "streetlight.W015",
        "streetlight.W020",
        "streetlight.W024",
        "streetlight.W065",
    }


def test_key_file_on_a_public_machine(passphrase, settings):
    settings.SITE_ROLE = "public"
    assert "streetlight.E012" in ids()
    (state_files.folder() / "keyring.age").unlink()
    assert "streetlight.E012" not in ids()


@pytest.mark.parametrize("role", ["public", "staff"])
def test_machine_with_one_role_on_a_file_of_its_own(settings, role):
    assert "streetlight.E019" not in ids(deploy=False)
    settings.SITE_ROLE = role
    assert ("streetlight.E019" in ids(deploy=False)) is (connection.vendor == "sqlite")


def entry(patch):
    """Let an entry be as unreadable as what a disk has lost, for root too."""
    (outbox.folder() / f"{'a' * 64}.{'b' * 32}").mkdir()


def one_store(patch):
    patch.setattr(
        outbox, "stores", lambda: {outbox.folder(): True, outbox.folder() / "second": False}
    )


def factor_key(patch):
    second_factors.new_app(user=User.objects.create(username="nia"), key="ab" * 20)
    TOTPDevice.objects.update(confirmed=True)
    second_factors.path().unlink()


def swapped(patch):
    forging.swap_desk_pub()


def silent_machine(patch):
    ago = timezone.now() - timedelta(hours=1)
    Node.objects.create(id="f" * 32, name="public1", key_index=1, since=ago, seen_at=ago)


def beat(**facts):
    """Return what lets maintenance have noted this."""

    def change(patch):
        with heartbeat.changing() as last:
            for name, value in facts.items():
                setattr(last, name, value)

    return change


def mail_refused(patch):
    patch.setattr(settings, "MAIL_HOST", "mail.town.test")
    beat(mail={"unreached": THEN})(patch)


def late_backup(patch):
    ago = timezone.now() - timedelta(days=3)
    BackupMark.objects.create(number=1, taken_at=ago, verified_at=ago, oldest=1, oldest_key=1)


def failed_backup(patch):
    at = timezone.now() - timedelta(hours=2)
    BackupMark.objects.create(number=1, taken_at=at, verified_at=at, oldest=1, oldest_key=1)
    notices.mail_failure(unit=notices.BACKUP, now=at + timedelta(hours=1))


def certificate_of(*, begins, ends):
    """Return what lets the site's certificate be valid from and until so many days from now."""

    def change(patch):
        now = timezone.now()
        validity = certificate.Validity(now + timedelta(days=begins), now + timedelta(days=ends))
        patch.setattr(certificate, "of_the_site", lambda: validity)

    return change


THEN = "2026-11-23T10:07:00+00:00"
FAULTS = [  # id, trouble, whether the database tells it
    ("E010", lambda _: (state_files.folder() / "desk.pub").unlink(), False),
    ("E010", lambda _: (state_files.folder() / "desk.pub").write_text("age1nonsense"), False),
    ("E013", lambda patch: patch.setattr(outbox, "folder", lambda: Path("/proc/nothing")), False),
    ("E014", entry, False),
    ("E014", lambda _: (outbox.folder() / ".damaged-x").touch(), False),
    ("W041", one_store, False),
    ("E054", beat(at=THEN), False),
    ("E055", beat(failed=["deleting tips that are due"]), False),
    ("E056", mail_refused, False),
    ("E057", beat(mail={"refused": THEN, "reached": THEN}), False),
    ("W062", lambda patch: patch.setattr(machine, "room", lambda: {Path("/var"): 0.09}), False),
    ("E050", lambda patch: patch.setattr(machine, "full", lambda: [Path("/var")]), False),
    ("E074", certificate_of(begins=-90, ends=-1), False),
    ("E074", certificate_of(begins=1, ends=90), False),
    ("W076", certificate_of(begins=-84, ends=6), False),
    ("W063", lambda patch: patch.setattr(last_asked, "age", lambda: 301.0), False),
    ("E053", swapped, True),
    ("E058", beat(trusted=THEN[:3] + "5" + THEN[4:]), True),
    ("E060", factor_key, True),
    ("W043", late_backup, True),
    ("W043", failed_backup, True),
    ("E070", lambda patch: patch.setattr(os, "geteuid", lambda: 12345), False),
    ("W064", silent_machine, True),
    ("E016", lambda _: (state_files.folder() / "keyring.age").chmod(0o640), False),
    ("E011", lambda _: (state_files.folder() / "keyring.age").unlink(), False),
    ("E069", lambda _: deletion_records.path().write_bytes(b"noise\xff"), False),
    (
        "E066",
        lambda _: MigrationRecorder.Migration.objects.filter(app="reports").latest("id").delete(),
        True,
    ),
    (
        "E068",
        lambda _: audit_log.checkpoint(by=None, act=AuditAct.UNLOCKED, key=bytes(32)),
        True,
    ),  # the file comes later
    ("E067", lambda _: KeyFileMark.objects.update(digest="0" * 64), True),
]


@pytest.mark.parametrize(("number", "trouble", "by_database"), FAULTS)
def test_each_fault_is_found(
    passphrase,
    number,
    trouble,
    by_database,
    monkeypatch,
):
    before = ids()
    state_files._parse.cache_clear()
    trouble(monkeypatch)
    state_files._parse.cache_clear()
    one, asked = (
        f"streetlight.{number}",
        {"include_deployment_checks": True, "databases": ["default"]},
    )
    assert ids() - before == {one}
    assert (ids(databases=()) == before) is by_database
    told = {message.id for message in run_checks(tags=[faults.HEALTH], **asked)}
    assert (one in told) is (one in faults.FAULTS), (
        "what has its words among the faults is looked for each minute"
    )


def test_every_fault_that_maintenance_looks_for_is_tried_here_or_by_the_examination():
    tried = {f"streetlight.{number}" for number, *_ in FAULTS}
    by_the_examination = {
        fault.id for fault in (faults.READ_ONLY, faults.EMPTY, faults.LOST, faults.DATABASE)
    }
    assert faults.FAULTS.keys() - tried == by_the_examination | {faults.UNCHECKED.id}


def test_a_failed_backup_is_told_until_the_next_is_verified(passphrase, monkeypatch):
    failed_backup(monkeypatch)
    every = run_checks(tags=[faults.HEALTH], include_deployment_checks=True, databases=["default"])
    (found,) = (message for message in every if message.id == faults.BACKUP.id)
    assert found.msg.endswith(" failed.")
    BackupMark.objects.update(verified_at=timezone.now())
    assert faults.BACKUP.id not in ids()


def test_a_key_file_that_the_next_unlock_puts_in_place_is_good(passphrase):
    (state_files.folder() / "keyring.age").rename(state_files.folder() / "keyring.age.next")
    (state_files.folder() / "keyring.age").write_bytes(b"the older one")
    assert "streetlight.E067" not in ids()


def test_machines_factors_and_key_event_are_checked_only_where_there_is_a_desk(
    passphrase, settings, monkeypatch
):
    for fall_ill in (silent_machine, factor_key, swapped, late_backup):
        fall_ill(monkeypatch)
    of_a_desk = {f"streetlight.{number}" for number in ("W064", "E060", "E053", "W043")}
    assert ids() >= of_a_desk
    settings.SITE_ROLE = "public"
    assert not ids() & of_a_desk


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", True, "streetlight.E001"),
        ("DEMO", True, "streetlight.E002"),
        ("HTTPS", False, "streetlight.E003"),
    ],
)
def test_public_host(settings, name, value, expected):
    assert checks.debug_only_at_home(None) == []
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["example.org"]
    assert checks.debug_only_at_home(None) == []
    setattr(settings, name, value)
    assert [message.id for message in checks.debug_only_at_home(None)] == [expected]


@pytest.mark.parametrize(
    ("host", "mode", "refused"),
    [
        ("db.example.org", None, True),
        ("db.example.org", "require", True),
        ("db.example.org", "verify-full", False),
        ("127.0.0.1", None, False),
        ("", None, False),
    ],
)
def test_database_on_another_host(monkeypatch, host, mode, refused):
    facts = {"HOST": host, "OPTIONS": {"sslmode": mode} if mode else {}}
    monkeypatch.setattr(
        checks, "connection", SimpleNamespace(vendor="postgresql", settings_dict=facts)
    )
    problems = checks.database_is_known_by_its_certificate(None)
    assert [problem.id for problem in problems] == ["streetlight.E032"] * refused


@pytest.mark.parametrize(
    ("host", "tls", "refused"),
    [("mail.town.test", False, True), ("mail.town.test", True, False), ("localhost", False, False)],
)
def test_mail_in_clear(passphrase, settings, host, tls, refused):
    settings.MAILERS = {"default": {"BACKEND": "x", "OPTIONS": {"host": host, "use_tls": tls}}}
    problems = checks.mail_is_encrypted(None)
    assert [problem.id for problem in problems] == ["streetlight.E045"] * refused


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has roles")
def test_public_machine_with_the_desks_login(passphrase, settings):
    assert "streetlight.E031" not in ids()
    settings.SITE_ROLE = "public"
    assert "streetlight.E031" in ids()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nobody_at_all")
        cursor.execute("SET LOCAL ROLE nobody_at_all")
    assert "streetlight.E033" in {problem.id for problem in checks.public_login()}


@pytest.mark.parametrize(
    ("setting", "example", "own"),
    [
        ("SITE_ORIGIN", "https://example.org", "https://tips.notexample.org"),
        ("ALLOWED_HOSTS", ["127.0.0.1", "example.org"], ["127.0.0.1", "example.org.town.uk"]),
        ("MAIL_HOST", "smtp.example.org", "smtp.town.uk"),
        ("DEFAULT_FROM_EMAIL", "desk@example.org", "desk@town.uk"),
        ("SECURITY_CONTACT", "mailto:security@example.org", ""),
        ("MAILERS", {"default": {"OPTIONS": {"password": "change me"}}}, {"default": {}}),
    ],
)
def test_example_that_was_not_edited(settings, setting, example, own):
    for value, found in ((example, True), (own, False)):
        setattr(settings, setting, value)
        assert bool(checks.settings_are_its_own(None)) is found


def test_hints_name_the_command_that_works_here(settings):
    settings.MANAGE_COMMAND = "streetlight"
    found = {message.id: message.hint for message in run_checks(include_deployment_checks=True)}
    assert "streetlight desk_setup" in str(found["streetlight.E072"])
    assert (
        "`streetlight desk_key` prints with the newest “Desk key” on the recovery sheet"
        in faults.SWAPPED.do
    )
    with pytest.raises(DeskBroken, match="`streetlight desk_setup`"):
        state_files.public_key()


def test_what_a_restore_set_aside_is_told_until_it_is_deleted(tmp_path, monkeypatch):
    (tmp_path / "streetlight-backup.x7").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(settings, "STATE_DIR", tmp_path / "streetlight")
        assert list(checks.set_aside()) == []
        (tmp_path / "streetlight-2026-11-29-081500").mkdir()
        (message,) = checks.set_aside()
    assert (message.id, message.obj) == (
        "streetlight.W025",
        tmp_path / "streetlight-2026-11-29-081500",
    )
    assert message.hint.endswith(f"rm -r {message.obj}")
