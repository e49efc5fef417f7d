"""System checks for operators: each names a mistake and, as its hint, what to do."""

import stat
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection
from django.utils import timezone

from reports.domain import desk, key_rotation
from reports.domain.errors import DeskBroken
from reports.domain.intake import outbox

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1", "testserver"}


@register(Tags.security)
def debug_only_at_home(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse DEBUG, a demonstration and an address without https on a public host."""
    public = sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK)
    problems: list[CheckMessage] = []
    if public and settings.DEBUG:
        problems.append(Error("DEBUG is on for a public host.", hint="Unset DEBUG.", id="streetlight.E001"))
    if public and settings.DEMO:
        hint = "Unset DEMO and run `./dev manage desk_setup` in a new STATE_DIR."
        problems.append(Error("A demonstration would answer to a public host.", hint=hint, id="streetlight.E002"))
    if public and not settings.HTTPS:
        hint = "Set SITE_ORIGIN to the site's https:// address."
        problems.append(Error("The site's address is not https.", hint=hint, id="streetlight.E003"))
    return problems


@register(Tags.security)
def passkeys_fit_the_site(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that browsers at the site's address accept passkeys for PASSKEY_DOMAIN."""
    host, domain = urlsplit(settings.SITE_ORIGIN).hostname or "", settings.OTP_WEBAUTHN_RP_ID
    if host == domain or host.endswith(f".{domain}") or not settings.HTTPS:
        return []
    hint = f"Set PASSKEY_DOMAIN to {host}, or leave it out. Passkeys made for {domain} have to be made anew."
    return [Error(f"Passkeys are for {domain}, and the site is at {host}.", hint=hint, id="streetlight.E017")]


@register(Tags.security)
def machines_share_a_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse SQLite on a machine with one role: the other machine would never see its tips."""
    if settings.SITE_ROLE == "all" or connection.vendor != "sqlite":
        return []
    hint = "Give every machine the DATABASE_URL of one PostgreSQL, or leave SITE_ROLE out."
    role = f"This machine is {settings.SITE_ROLE} only, on an SQLite file of its own."
    return [Error(role, hint=hint, id="streetlight.E019")]


@register(Tags.security, deploy=True)
def desk_is_ready(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check `desk.pub`, the ring's file permissions, the outbox and the named controller."""
    problems: list[CheckMessage] = []
    try:
        desk.public_key()
    except DeskBroken as error:
        problems.append(Error(str(error), hint="Until then no tip can be received.", id="streetlight.E010"))
    if settings.SITE_ROLE != "public":
        problems += _ring_problems()
    elif (desk.folder() / "ring.age").exists():
        hint = "Delete it here; keep it on the staff machine and in the backup."
        problems.append(Error("The ring lies on a public machine.", hint=hint, id="streetlight.E012"))
    if not outbox.writable():
        hint = f"Make {outbox.folder()} writable and see that its disk has room."
        problems.append(Error("The outbox cannot store a tip.", hint=hint, id="streetlight.E013"))
    if outbox.damaged():
        hint = f"Look at the .damaged-* files in {outbox.folder()}; restore them from the disk's backup if you can."
        problems.append(checks.Warning("The outbox holds damaged files.", hint=hint, id="streetlight.W014"))
    if not desk.profile().address:
        hint = "Run `./dev manage desk_setup`: the privacy page must name who is responsible."
        problems.append(checks.Warning("Nobody is named as controller.", hint=hint, id="streetlight.W015"))
    return problems + _key_problems()


def _key_problems() -> list[CheckMessage]:
    """Check that the desk's key is younger than a quarter; a database that does not answer is left to other checks."""
    try:
        is_due = settings.SITE_ROLE != "public" and key_rotation.due(now=timezone.now())
    except DatabaseError:
        return []
    hint = "A lead makes a new one under People, then seals what is kept to it."
    return [checks.Warning("The desk's key is a quarter old.", hint=hint, id="streetlight.W018")] if is_due else []


def _ring_problems() -> list[CheckMessage]:
    """Check that the ring exists and only its owner can read it."""
    path = desk.folder() / "ring.age"
    if not path.exists():
        hint = "Run `./dev manage desk_setup`, or put ring.age back from the backup."
        return [Error(f"There is no {path}.", hint=hint, id="streetlight.E011")]
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [Error(f"{path} can be read by others.", hint=f"chmod 600 {path}", id="streetlight.E016")]
    return []
