"""System checks for operators: each names a mistake and, as its hint, what to do."""

import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection
from django.utils import timezone

from reports.domain import backup, database_roles, desk, key_rotation, mirror
from reports.domain.backup import mirror_upkeep
from reports.domain.errors import DeskBroken
from reports.domain.health import examination
from reports.domain.intake import outbox

EXAMPLE = re.compile(r"(?:^|[@./])example\.(?:org|com|net)(?=$|[:/])")  # the domains that RFC 2606 keeps for examples
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1", "testserver"}


@register(Tags.security)
def debug_only_at_home(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse DEBUG, a demonstration and an address without https on a public host."""
    public = sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK)
    problems: list[CheckMessage] = []
    if public and settings.DEBUG:
        problems.append(Error("DEBUG is on for a public host.", hint="Unset DEBUG.", id="streetlight.E001"))
    if public and settings.DEMO:
        hint = f"Unset DEMO and run {desk.command('desk_setup')} in a new STATE_DIR."
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
def database_is_known_by_its_certificate(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a PostgreSQL on another host whose certificate is not checked: libpq's default takes no TLS at all."""
    facts = connection.settings_dict
    host, mode = str(facts["HOST"]), facts["OPTIONS"].get("sslmode", "prefer")
    if connection.vendor != "postgresql" or host.startswith("/") or host in {"", *LOOPBACK} or mode == "verify-full":
        return []
    hint = "Add ?sslmode=verify-full&sslrootcert=/etc/streetlight/database-ca.crt to DATABASE_URL."
    text = f"The database is on another host, and sslmode is {mode}: whoever is between could be it."
    return [Error(text, hint=hint, id="streetlight.E032")]


@register(Tags.security, deploy=True)
def mail_is_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to give the mail server's password, and when notices go, to whoever is between."""
    mailer: dict[str, Any] = settings.MAILERS["default"]
    options = mailer.get("OPTIONS", {})
    if options.get("use_tls", True) or options.get("host") in LOOPBACK:
        return []
    text = "Mail goes in clear to a server on another host."
    return [Error(text, hint="Leave MAIL_TLS out: the server has to offer STARTTLS.", id="streetlight.E045")]


@register(Tags.security, deploy=True)
def login_is_a_public_machines(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that a public machine's database login has its rights and no others; a dead database says nothing."""
    if settings.SITE_ROLE != "public" or connection.vendor != "postgresql":
        return []
    try:
        more, less = database_roles.compare()
    except DatabaseError:
        return []
    hint = f"Run `{settings.MANAGE_COMMAND} database_roles` here: it names each. On the desk's machine it sets them."
    problems: list[CheckMessage] = []
    if more:
        text = f"This public machine's database login may do {len(more)} things too much, so it is not used."
        problems.append(Error(text, hint=hint, id="streetlight.E031"))
    if less:
        text = f"This public machine's database login lacks {len(less)} rights."
        problems.append(Error(text, hint=hint, id="streetlight.E033"))
    return problems


@register(Tags.security, deploy=True)
def settings_are_its_own(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse what deploy/environment.example says: that is nobody's site, mail server or address."""
    mailer: dict[str, Any] = settings.MAILERS["default"]
    said = {
        "SITE_ORIGIN": [settings.SITE_ORIGIN],
        "ALLOWED_HOSTS": settings.ALLOWED_HOSTS,
        "MAIL_HOST": [settings.MAIL_HOST],
        "MAIL_FROM": [settings.DEFAULT_FROM_EMAIL],
        "SECURITY_CONTACT": [settings.SECURITY_CONTACT],
    }
    unedited = [name for name, values in said.items() if any(map(EXAMPLE.search, values))]
    unedited += ["MAIL_PASSWORD"] if "change me" in mailer.get("OPTIONS", {}).values() else []
    hint = "Write your own into /etc/streetlight/environment, or leave the setting out."
    text = "These settings are still those of the example: {}."
    return [Error(text.format(", ".join(unedited)), hint=hint, id="streetlight.E021")] if unedited else []


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
    if outbox.damaged() or outbox.stuck():
        hint = f"Look at {outbox.folder()}, for .damaged-* files and for files that the service's user cannot read."
        text = "The outbox holds files that cannot be read. The others have gone on."
        problems.append(checks.Warning(text, hint=hint, id="streetlight.W014"))
    if not desk.profile().address:
        hint = f"Run {desk.command('desk_setup')}: the privacy page must name who is responsible."
        problems.append(checks.Warning("Nobody is named as controller.", hint=hint, id="streetlight.W015"))
    if missing := desk.profile().missing:
        hint = f"Run {desk.command('desk_profile')}. Residents ask this before they trust a line."
        text = f"The public pages do not say: {', '.join(missing)}."
        problems.append(checks.Warning(text, hint=hint, id="streetlight.W020"))
    return problems + _mirror_problems() + _key_problems()


def _mirror_problems() -> list[CheckMessage]:
    """Check that each of two stores works, that they lie on two disks, and how backups are."""
    problems: list[CheckMessage] = []
    for path, works in outbox.stores().items() if settings.OUTBOX_MIRROR else ():
        if not works:
            hint = "Look at its disk. Until then what comes in lies on the other disk alone."
            text = f"Arrivals cannot be stored in {path}."
            problems.append(checks.Warning(text, hint=hint, id="streetlight.W041"))
    if settings.OUTBOX_MIRROR and not mirror.is_apart(outbox.folder()):
        hint = "OUTBOX_MIRROR must name a folder on another disk, or it survives nothing."
        problems.append(checks.Warning("The mirror lies on the outbox's disk.", hint=hint, id="streetlight.W042"))
    with suppress(DatabaseError):
        problems += _backup_problems()
    return problems


def _backup_problems() -> list[CheckMessage]:
    """Check that the newest backup was verified, and that it does not lie on the disk that it is a backup of."""
    problems: list[CheckMessage] = []
    if settings.SITE_ROLE != "public" and backup.is_late(now=timezone.now()):
        hint = f"Run {desk.command('backup verify')}, and look at streetlight-backup.service."
        text = "No backup of the last two days has been verified."
        problems.append(checks.Warning(text, hint=hint, id="streetlight.W043"))
    if mirror_upkeep.keeps_all():
        hint = "Mount another disk for them, or copy each to another machine and set BACKUPS_ELSEWHERE='1'."
        text = "Backups lie on the same disk as the database. The second disk keeps all until one lies elsewhere."
        problems.append(checks.Warning(text, hint=hint, id="streetlight.W044"))
    return problems


@register(Tags.security, deploy=True)
def site_is_well(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Say what maintenance found wrong in its last run, and that there was none lately."""
    return [
        checks.Warning(str(cause.what), hint=str(cause.do), obj=cause.value, id="streetlight.W022")
        for cause in examination.standing(now=timezone.now())
    ]


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
        hint = f"Run {desk.command('desk_setup')}, or put ring.age back from the backup."
        return [Error(f"There is no {path}.", hint=hint, id="streetlight.E011")]
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [Error(f"{path} can be read by others.", hint=f"chmod 600 {path}", id="streetlight.E016")]
    return []
