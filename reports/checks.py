"""System checks for operators: each names a fault and, as its hint, what to do.

Maintenance runs those with the tag HEALTH each minute; they have their words in reports/domain/health/faults.py. The
others are for whoever installs or changes something.
"""

import hashlib
import logging
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - as Django calls it
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from core import catalogues, languages
from core.place import at_start
from newsroom.domain import changes, last_asked
from reports.domain import place, state_files
from reports.domain.audit import verification
from reports.domain.backup import backups, mirror_upkeep
from reports.domain.errors import DeskBroken, Refused
from reports.domain.health import certificate, clock, examination, faults, heartbeat, machine, nodes
from reports.domain.health.faults import HEALTH
from reports.domain.intake import outbox
from reports.domain.keys import key_file
from reports.domain.people import second_factors
from reports.domain.storage import database_roles, deletion_records, mirror
from reports.models import KeyFileMark

EXAMPLE = re.compile(
    r"(?:^|[@./])example\.(?:org|com|net)(?=$|[:/])"
)  # the domains that RFC 2606 keeps for examples
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1", "testserver"}
PAGES_LATE = 300  # seconds without agreeing with the database, or while no new edition can be made
MOST_RIGHTS = 10  # that are listed
NEEDED = (
    "controller",
    "address",
    "contact",
    "reading_days",
)  # of what [operator] in place.toml says
SECRETS = ("desk/keyring.age", "desk/factor_key", "secret_key", "db.sqlite3")  # in the state folder

log = logging.getLogger(__name__)


type Look = Callable[[], Iterator[CheckMessage]]


def looks(*tags: str) -> Callable[[Look], Look]:
    """Register a check of how the machine is now; where it cannot look, it says that, and stops no other check.

    One of the database is left out where the checks run without a database.
    """

    def registered(find: Look) -> Look:
        @register(*tags, deploy=True)
        def check(
            app_configs: Sequence[AppConfig] | None,
            databases: Sequence[str] | None = None,
            **kwargs: Any,
        ) -> list[CheckMessage]:
            messages = list[CheckMessage]()
            try:
                messages.extend(
                    find() if databases or Tags.database not in tags else ()
                )  # one by one, up to an error
            except (DatabaseError, InterfaceError):
                messages += examination.of_the_database() or [faults.DATABASE.message()]
            except Exception as error:  # of any kind: the other things must be looked at
                log.exception("a system check could not look")
                what = f"Something could not be checked: {find.__name__.replace('_', ' ')}."
                answer = (
                    error.strerror if isinstance(error, OSError) else None
                )  # others might quote what they read
                messages.append(faults.UNCHECKED.message(what=what, obj=answer))
            return messages

        return find

    return registered


@register(Tags.security)
def debug_only_at_home(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse DEBUG, a demonstration and an address without https on a public host."""
    public = sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK)
    problems: list[CheckMessage] = []
    if public and settings.DEBUG:
        problems.append(
            Error("DEBUG is on for a public host.", hint="Unset DEBUG.", id="streetlight.E001")
        )
    if public and settings.DEMO:
        hint = f"Unset DEMO and run {state_files.command('desk_setup')} in a new STATE_DIR."
        problems.append(
            Error(
                "A demonstration would answer to a public host.", hint=hint, id="streetlight.E002"
            )
        )
    if public and not settings.HTTPS:
        hint = "Set SITE_ORIGIN to the site’s https:// address."
        problems.append(
            Error("The address of the site is not https.", hint=hint, id="streetlight.E003")
        )
    return problems


@register(Tags.security)
def machines_share_a_database(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse SQLite on a machine with one role: the other machine would never see its tips."""
    if settings.SITE_ROLE == "all" or connection.vendor != "sqlite":
        return []
    hint = "Give every server the DATABASE_URL of the same PostgreSQL, or leave SITE_ROLE out."
    role = f"This server is {settings.SITE_ROLE} only, but has its own SQLite file."
    return [Error(role, hint=hint, id="streetlight.E019")]


@register(Tags.security)
def place_is_taken(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a machine that nobody has told where it is: its pages would name no place and no number to call."""
    if not settings.PLACE.problem:
        return []
    hint = f"Run {state_files.command('place take FOLDER')}; seeds/place is the example of such a folder."
    return [Error(f"No place is taken. {settings.PLACE.problem}", hint=hint, id="streetlight.E022")]


@register(Tags.security, deploy=True)
def database_is_known_by_its_certificate(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse a PostgreSQL on another host whose certificate is not checked: libpq's default takes no TLS at all."""
    facts = connection.settings_dict
    host = str(facts["HOST"])
    mode = facts["OPTIONS"].get("sslmode", "prefer")
    if (
        connection.vendor != "postgresql"
        or host.startswith("/")
        or host in {"", *LOOPBACK}
        or mode == "verify-full"
    ):
        return []
    hint = "Add ?sslmode=verify-full&sslrootcert=/etc/streetlight/database-ca.crt to DATABASE_URL."
    text = f"The database is on another host, and sslmode is {mode}: another machine could pretend to be it."
    return [Error(text, hint=hint, id="streetlight.E032")]


@register(Tags.security, deploy=True)
def mail_is_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to give the mail server's password, and when notices go, to whoever is between."""
    mailer: dict[str, Any] = settings.MAILERS["default"]
    options = mailer.get("OPTIONS", {})
    if options.get("use_tls", True) or options.get("host") in LOOPBACK:
        return []
    text = "Email goes unencrypted to a server on another host."
    return [
        Error(
            text,
            hint="Leave MAIL_TLS out. The mail server has to offer STARTTLS.",
            id="streetlight.E045",
        )
    ]


@register(Tags.security, deploy=True)
def settings_are_its_own(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Refuse what deploy/environment.example says: that is nobody's site, mail server or address."""
    mailer: dict[str, Any] = settings.MAILERS["default"]
    values_by_name = {
        "SITE_ORIGIN": [settings.SITE_ORIGIN],
        "ALLOWED_HOSTS": settings.ALLOWED_HOSTS,
        "MAIL_HOST": [settings.MAIL_HOST],
        "MAIL_FROM": [settings.DEFAULT_FROM_EMAIL],
        "SECURITY_CONTACT": [settings.SECURITY_CONTACT],
    }
    unedited = [name for name, values in values_by_name.items() if any(map(EXAMPLE.search, values))]
    if "change me" in mailer.get("OPTIONS", {}).values():
        unedited.append("MAIL_PASSWORD")
    hint = "Write your own values into /etc/streetlight/environment, or leave the settings out."
    text = "These settings still have the values of the example: {}."
    if unedited:
        return [Error(text.format(", ".join(unedited)), hint=hint, id="streetlight.E021")]
    return []


@looks(HEALTH)
def disks() -> Iterator[CheckMessage]:
    """Find disks that take nothing more, or soon may not."""
    if read_only := machine.read_only():
        yield faults.READ_ONLY.message(obj=", ".join(map(str, read_only)))
    if full := machine.full():
        yield faults.FULL.message(obj=", ".join(map(str, full)))
    scarce = [
        f"{path} has {free:.0%} free"
        for path, free in machine.room().items()
        if free < machine.LEAST_ROOM
    ]
    if scarce:
        yield faults.DISK.message(obj=", ".join(scarce))


@looks(HEALTH)
def owners() -> Iterator[CheckMessage]:
    """Find files that root or somebody else has taken from the service, as when they were copied back by hand."""
    others = [str(path) for path in machine.others()]
    if len(others) > 3:
        others[3:] = ["..."]
    if others:
        yield faults.OWNER.message(obj=", ".join(others))


@looks(HEALTH)
def key_files() -> Iterator[CheckMessage]:
    """Find a desk without any file, a `desk.pub` that cannot be used, a missing key file, damaged deletion records."""
    if state_files.is_missing():
        yield faults.EMPTY.message()
        return
    path = state_files.folder() / "keyring.age"
    lacks_key_file = settings.SITE_ROLE != "public" and not path.exists()
    try:
        state_files.public_key()
    except DeskBroken as error:
        if not lacks_key_file:  # before there is a desk, the missing key file says so
            yield faults.KEY.message(
                what=str(error), do="Until you have done this, nobody can send a tip."
            )
    if lacks_key_file:
        yield faults.NO_KEY_FILE.message(obj=path)
    try:
        deletion_records.standing()
    except Refused:
        yield faults.DELETION_RECORDS.message()


@looks(HEALTH)
def outboxes() -> Iterator[CheckMessage]:
    """Find a store of the outbox that takes no tip, and files there that cannot be read."""
    stores = outbox.stores()
    if not any(stores.values()):
        yield faults.OUTBOX.message()
        return
    for path, works in stores.items():
        if not works:
            yield faults.STORE.message(obj=path)
    if count := outbox.damaged() + outbox.stuck():
        yield faults.UNREADABLE.message(
            what=f"Some files in the outbox cannot be read: {count}. All other tips come in."
        )


@looks(HEALTH)
def last_run() -> Iterator[CheckMessage]:
    """Find what maintenance noted: when it last ran, which jobs failed, and how mail went."""
    beat = heartbeat.read()
    if heartbeat.is_late(now=timezone.now()):
        last = heartbeat.instant(beat.at)
        since = "yet"
        if last:
            since = f"since {timezone.localtime(last):%d %b %Y, %H:%M}"
        yield faults.LATE.message(
            what=f"Maintenance has not run {since}, so urgent emails are not sent."
        )
    if beat.failed:
        yield faults.JOBS.message(obj=", ".join(beat.failed))
    if settings.MAIL_HOST and beat.mail.get("unreached", "") > beat.mail.get("reached", ""):
        yield faults.MAIL.message(obj=beat.mail_error)
    if "refused" in beat.mail:
        yield faults.REFUSED.message(obj=beat.mail_error)


@looks(HEALTH)
def public_pages() -> Iterator[CheckMessage]:
    """Find pages that do not follow what changes."""
    if (last_asked.age() or 0) > PAGES_LATE:
        yield faults.PAGES.message()


@looks(HEALTH)
def site_certificate() -> Iterator[CheckMessage]:
    """Find a certificate that browsers refuse, or soon will."""
    validity = certificate.of_the_site()
    now = timezone.now()
    if validity is None:
        return
    if now < validity.begins:
        what = (
            "Browsers refuse the site: by this server’s clock its certificate is not valid "
            "yet, so the clock is slow."
        )
        yield faults.CERTIFICATE.message(what=what)
    elif now >= validity.ends:
        yield faults.CERTIFICATE.message(
            obj=f"it ended on {timezone.localtime(validity.ends):%d %b %Y, %H:%M}"
        )
    elif now >= validity.ends - certificate.SOON:
        yield faults.CERTIFICATE_ENDS.message(
            obj=f"{timezone.localtime(validity.ends):%d %b %Y, %H:%M}"
        )


@looks(HEALTH, Tags.database)
def date() -> Iterator[CheckMessage]:
    """Find a clock that is not believed."""
    if clock.is_held(now=timezone.now()):
        yield faults.CLOCK.message()


@looks(HEALTH, Tags.database)
def desk_and_database() -> Iterator[CheckMessage]:
    """Find files of the desk that are not the database's, backups that are late, and machines that lag behind."""
    if settings.SITE_ROLE == "public":
        return
    now = timezone.now()
    if key_file.desk_pub_differs():
        yield faults.SWAPPED.message()
    if not second_factors.fits():
        yield faults.FACTORS.message()
    if backups.is_late(now=now):
        yield faults.BACKUP.message()
    elif (
        failed := heartbeat.instant(heartbeat.read().backup_failed)
    ) and not backups.verified_since(failed):
        yield faults.BACKUP.message(
            what=f"The backup of {timezone.localtime(failed):%d %b %Y, %H:%M} failed."
        )
    if lags := nodes.lagging(now=now):
        yield faults.MACHINES.message(
            obj=" ".join(f"{lag.name}: {' '.join(lag.reasons)}" for lag in lags)
        )
    mark = KeyFileMark.objects.order_by("-version").first()
    folder = state_files.folder()
    paths = [
        path for path in (folder / "keyring.age", folder / "keyring.age.next") if path.exists()
    ]
    if (
        mark
        and paths
        and mark.digest not in {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    ):
        yield faults.STALE_KEY_FILE.message(obj=f"version {mark.version}")


@looks(Tags.security, Tags.database)
def audit_log() -> Iterator[CheckMessage]:
    """Find an audit log that lacks the newest checkpoint that its file names."""
    if settings.SITE_ROLE == "public":
        return
    for problem in verification.head_problems():
        yield Error(
            problem,
            hint="Change nothing, and see “The audit log” in docs/desk.md.",
            id="streetlight.E068",
        )


@looks(Tags.security)
def desk_files() -> Iterator[CheckMessage]:
    """Find a key file on a public machine, and secrets that others can read."""
    path = state_files.folder() / "keyring.age"
    if settings.SITE_ROLE == "public" and path.exists():
        hint = "Delete it here, and find out who could have copied it. Keep it on the staff server and in backups only."
        yield Error(
            "The key file is on a public server.", hint=hint, obj=path, id="streetlight.E012"
        )
    loose = []
    for name in SECRETS:
        secret: Path = settings.STATE_DIR / name
        if secret.exists() and secret.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            loose.append(str(secret))
    if loose:
        hint = f"Run chmod 600 {' '.join(loose)}, and find out who could have read them."
        yield Error(f"Others can read {', '.join(loose)}.", hint=hint, id="streetlight.E016")


@looks(Tags.security)
def set_aside() -> Iterator[CheckMessage]:
    """Find what deploy/restore set aside: tips that were deleted since live on in it."""
    state: Path = settings.STATE_DIR
    for path in sorted(state.parent.glob(f"{state.name}-20??-??-??-??????")):
        hint = f"Once a team lead has read a tip since the restore, delete it: rm -r {path}"
        yield Warning(
            "What a restore moved away is still here.", hint=hint, obj=path, id="streetlight.W025"
        )


@looks(Tags.security)
def sheet() -> Iterator[CheckMessage]:
    """Find a recovery sheet that nobody has checked since `desk_setup --later`."""
    if (state_files.folder() / state_files.SHEET_UNCHECKED).exists():
        verify = state_files.command("backup verify --sheet")
        hint = f"Make a backup, then run {verify}, and type the sheet’s line from paper."
        yield Error("Nobody has checked the recovery sheet.", hint=hint, id="streetlight.E071")


@looks(Tags.security)
def profile() -> Iterator[CheckMessage]:
    """Find what nobody has said about the desk and those who run it; what the example says, nobody has said."""
    take = state_files.command("place take FOLDER")
    operator = settings.PLACE.operator
    if not settings.DEMO and EXAMPLE.search(operator.get("contact", "")):
        operator = {}
    if missing := [name for name in NEEDED if name not in operator]:
        hint = f"Write {', '.join(missing)} into place.toml under [operator], then run {take}."
        hint += " The privacy page has to name the people responsible."
        yield Warning("No data controller is named.", hint=hint, id="streetlight.W015")
    if not state_files.profile().duty_email and settings.SITE_ROLE != "public":
        hint = (
            f"Run {state_files.command('desk_profile')}, or write duty_email in desk/profile.json."
        )
        yield Warning(
            "There is no address for emails about urgent tips.", hint=hint, id="streetlight.W065"
        )
    if missing := [
        name for name in ("body", "readers", "police", "funding") if name not in operator
    ]:
        hint = f"Write it into place.toml under [operator], then run {take}."
        hint += " Residents want to know this before they trust a tip line."
        yield Warning(
            f"The public pages do not say: {', '.join(missing)}.", hint=hint, id="streetlight.W020"
        )
    if (unanswered := settings.PLACE.unanswered) and not settings.DEMO:
        hint = f"Have a solicitor check your answers, write them into place.toml under [law], then run {take}."
        text = f"The public pages do not say what you do about the law: {', '.join(unanswered)}."
        yield Warning(text, hint=hint, id="streetlight.W024")


@looks(Tags.security)
def unchecked_languages() -> Iterator[CheckMessage]:
    """Find languages in which something that keeps people safe stands in English: an upgrade has changed it."""
    for code, found in sorted(catalogues.unchecked_by_language(settings.LOCALE_PATHS[0]).items()):
        if found["in_english"] and not settings.DEMO:
            hint = f"Run {state_files.command(f'words export {code} FILE')} and have a native speaker check them."
            count = len(found["in_english"])
            text = (
                f"In {languages.NAMES[code]}, {count} texts that keep people safe stand in English."
            )
            yield Warning(text, hint=hint, id="streetlight.W075")


@looks(Tags.security)
def mirror_disk() -> Iterator[CheckMessage]:
    """Find a mirror that lies on the outbox's disk."""
    if settings.OUTBOX_MIRROR and not mirror.is_apart(outbox.folder()):
        hint = (
            "Set OUTBOX_MIRROR to a folder on another disk, or both copies are lost with one disk."
        )
        yield Warning(
            "The second copy of the outbox is on the same disk as the outbox.",
            hint=hint,
            id="streetlight.W042",
        )


@looks(Tags.security, Tags.database)
def backups_apart() -> Iterator[CheckMessage]:
    """Find backups that lie on the disk that they are backups of."""
    if mirror_upkeep.keeps_all():
        hint = "Mount another disk for backups, or copy each backup to another machine and set BACKUPS_ELSEWHERE='1'."
        text = (
            "Backups are on the same disk as the database. The second disk keeps all tips "
            "until a backup is elsewhere."
        )
        yield Warning(text, hint=hint, id="streetlight.W044")


@looks(Tags.security, Tags.database)
def migrations() -> Iterator[CheckMessage]:
    """Find a database that is older than the code."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        hint = f"Bring it up to date: {state_files.command('prepare')}"
        yield Error("The database is older than the code.", hint=hint, id="streetlight.E066")


@looks(Tags.security, Tags.database)
def place_is_the_desks() -> Iterator[CheckMessage]:
    """Find a place that is not the one that the desk's machine has stored."""
    if changes.place() not in ("", at_start(place.folder()).digest):
        text = "The place here is not the one that the desk’s machine has taken."
        yield Error(
            text,
            hint=f"Take it again: {state_files.command('place take FOLDER')}",
            id="streetlight.E023",
        )


@looks(Tags.security, Tags.database)
def public_login() -> Iterator[CheckMessage]:
    """Find rights that a public machine's database login has too much, or lacks."""
    if settings.SITE_ROLE != "public" or connection.vendor != "postgresql":
        return
    more, less = database_roles.compare()
    command = state_files.command("database_roles")
    hint = f"Run {command} on the desk’s server, and let this server use the role that it names."
    if more:
        text = f"The database login of this public server has {len(more)} rights too many, so it is not used."
        yield Error(text, hint=hint, obj=", ".join(more[:MOST_RIGHTS]), id="streetlight.E031")
    if less:
        text = f"The database login of this public server lacks {len(less)} rights."
        yield Error(text, hint=hint, obj=", ".join(less[:MOST_RIGHTS]), id="streetlight.E033")
