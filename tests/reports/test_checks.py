"""Operator mistakes, each with its number and a hint."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.utils import timezone

from reports import checks
from reports.domain import desk
from reports.domain.errors import DeskBroken
from reports.domain.intake import outbox
from reports.models import RingMark

# Django's own checks ask the database what it can do.
pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def ids(*, deploy: bool = True) -> set[str]:
    """Return the numbers of Streetlight's own findings."""
    found = run_checks(include_deployment_checks=deploy)
    assert all(message.hint for message in found if message.id and message.id.startswith("streetlight"))
    return {message.id for message in found if message.id and message.id.startswith("streetlight")}


def test_sound_desk_has_no_finding(phrase: str) -> None:
    told = {"body": "a charity", "readers": "four people", "police": "No tie.", "funding": "A trust pays."}
    desk.save_profile(desk.Profile(address="1 High Street", **told))
    assert ids() == set()
    desk.save_profile(desk.Profile(address="1 High Street", **told | {"funding": ""}))
    assert ids() == {"streetlight.W020"}


def test_empty_state_names_key_ring_and_controller() -> None:
    assert ids() == {"streetlight.E010", "streetlight.E011", "streetlight.W015", "streetlight.W020"}


def test_ring_on_a_public_machine(phrase: str, settings: pytest.MonkeyPatch) -> None:
    settings.SITE_ROLE = "public"
    assert "streetlight.E012" in ids()
    (desk.folder() / "ring.age").unlink()
    assert "streetlight.E012" not in ids()


@pytest.mark.parametrize("role", ["public", "staff"])
def test_machine_with_one_role_on_a_file_of_its_own(settings: pytest.MonkeyPatch, role: str) -> None:
    assert "streetlight.E019" not in ids(deploy=False)
    settings.SITE_ROLE = role
    assert ("streetlight.E019" in ids(deploy=False)) is (connection.vendor == "sqlite")


def test_desk_key_that_is_a_quarter_old(phrase: str, settings: pytest.MonkeyPatch) -> None:
    assert "streetlight.W018" not in ids()
    RingMark.objects.update(written=timezone.localdate() - timedelta(days=91))
    assert "streetlight.W018" in ids()
    assert "streetlight.W018" not in ids(deploy=False)

    def refuse(*args: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(refuse):
        assert checks._key_problems() == []
    settings.SITE_ROLE = "public"
    assert "streetlight.W018" not in ids()


def test_an_outbox_and_keys_that_are_not_as_they_should_be(phrase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (outbox.folder() / f"{'a' * 64}.{'b' * 32}").mkdir()  # as unreadable as what a disk has lost, for root too
    monkeypatch.setattr(outbox, "ROOM", 1 << 62)
    (desk.folder() / "ring.age").chmod(0o640)
    (desk.folder() / "desk.pub").write_text("age1nonsense")
    assert {f"streetlight.{number}" for number in ("E010", "E013", "W014", "E016")} <= ids()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("DEBUG", True, "streetlight.E001"), ("DEMO", True, "streetlight.E002"), ("HTTPS", False, "streetlight.E003")],
)
def test_public_host(settings: pytest.MonkeyPatch, name: str, value: bool, expected: str) -> None:
    assert checks.debug_only_at_home(None) == []
    settings.HTTPS = True
    settings.ALLOWED_HOSTS = ["example.org"]
    assert checks.debug_only_at_home(None) == []
    setattr(settings, name, value)
    assert [message.id for message in checks.debug_only_at_home(None)] == [expected]


@pytest.mark.parametrize(
    ("origin", "domain", "sound"),
    [
        ("https://tips.example.org", "example.org", True),
        ("https://tips.example.org", "ample.org", False),
        ("https://example.org", "tips.example.org", False),
    ],
)
def test_passkeys_of_another_domain(settings, origin: str, domain: str, sound: bool) -> None:
    settings.HTTPS, settings.SITE_ORIGIN, settings.OTP_WEBAUTHN_RP_ID = True, origin, domain
    assert ("streetlight.E017" in ids(deploy=False)) is not sound


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
def test_database_on_another_host(monkeypatch: pytest.MonkeyPatch, host: str, mode: str | None, refused: bool) -> None:
    facts = {"HOST": host, "OPTIONS": {"sslmode": mode} if mode else {}}
    monkeypatch.setattr(checks, "connection", SimpleNamespace(vendor="postgresql", settings_dict=facts))
    problems = checks.database_is_known_by_its_certificate(None)
    assert [problem.id for problem in problems] == ["streetlight.E032"] * refused


@pytest.mark.parametrize(
    ("host", "tls", "refused"),
    [("mail.town.test", False, True), ("mail.town.test", True, False), ("localhost", False, False)],
)
def test_mail_in_clear(phrase: str, settings: pytest.MonkeyPatch, host: str, tls: bool, refused: bool) -> None:
    settings.MAILERS = {"default": {"BACKEND": "x", "OPTIONS": {"host": host, "use_tls": tls}}}
    problems = checks.mail_is_encrypted(None)
    assert [problem.id for problem in problems] == ["streetlight.E045"] * refused


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has roles")
def test_public_machine_with_the_desks_login(phrase: str, settings: pytest.MonkeyPatch) -> None:
    assert "streetlight.E031" not in ids()
    settings.SITE_ROLE = "public"
    assert "streetlight.E031" in ids()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nobody_at_all")
        cursor.execute("SET LOCAL ROLE nobody_at_all")
    assert "streetlight.E033" in {problem.id for problem in checks.login_is_a_public_machines(None)}

    def refuse(*args: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(refuse):
        assert checks.login_is_a_public_machines(None) == []


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
def test_example_that_was_not_edited(settings: pytest.MonkeyPatch, setting: str, example: object, own: object) -> None:
    for value, found in ((example, True), (own, False)):
        setattr(settings, setting, value)
        assert bool(checks.settings_are_its_own(None)) is found


def test_hints_name_the_command_that_works_here(settings: pytest.MonkeyPatch) -> None:
    settings.MANAGE_COMMAND = "/opt/streetlight/current/deploy/manage"
    found = {message.id: message.hint for message in run_checks(include_deployment_checks=True)}
    assert "`/opt/streetlight/current/deploy/manage desk_setup`" in str(found["streetlight.E011"])
    with pytest.raises(DeskBroken, match="`/opt/streetlight/current/deploy/manage desk_setup`"):
        desk.public_key()
