"""The doctor: looks at all that a site needs and says of each whether it is good, or what to do. Needs no database."""

import hashlib
import platform
import stat
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import NamedTuple

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection

from newsroom.domain import failing_since, last_asked, strange_rows
from reports.domain import backup, database_roles, desk, lost_database, mirror
from reports.domain.audit import verification
from reports.domain.backup import mirror_upkeep
from reports.domain.errors import DeskBroken
from reports.domain.health import clock, heartbeat, machine, nodes, rights, units
from reports.domain.health.causes import Cause
from reports.domain.health.examination import ENDS_SOON
from reports.domain.intake import outbox
from reports.domain.keys import ring
from reports.domain.people import second_factors
from reports.models import Node, RingMark
from reports.sealing import keyring
from reports.views.health import can_receive_now

NAMED = 3  # files that a line names; the others are counted
PAGES_LATE = timedelta(minutes=1)  # without asking for changes: it is due each second
JOB_LATE = timedelta(hours=1)  # without a success of a job that is due each minute


class Line(NamedTuple):
    """One thing that was looked at: whether it is good (None: nobody could look), a sentence, and what to do."""

    good: bool | None
    says: str
    do: str = ""


NOT_YET = Line(None, "Nothing else was looked at: mend this first, then run it again.")


class Look(NamedTuple):
    """Something to look at: what it is called, how, and whether that takes the database."""

    name: str
    at: Callable[[datetime], Iterator[Line]]
    needs_database: bool = False


def root_cause() -> Line | None:
    """Return what explains all else that may be wrong; None if nothing does.

    Whoever has it need not be shown what follows from it, and must not be sent anywhere else first.
    """
    for find in ROOT_CAUSES:
        with suppress(Exception):  # of any kind: the looks say what cannot be looked at
            if line := find():
                return line
    return None


def _full_disk() -> Line | None:
    """Ask the disks before anything is looked at that would write there."""
    paths = machine.full()
    if not paths:
        return None
    has_another = mirror.folder() is not None or len(paths) < len(machine.room())
    received = "Tips are received all the same." if has_another and can_receive_now() else "No tip can be received now."
    what = f"The disk of {' and of '.join(map(str, paths))} is full. {received}"
    return Line(False, what, "Make room: df -h and df -i. Nothing else is needed; what was received before is kept.")


# The most basic first.
def _lost_database() -> Line | None:
    """Ask whether the desk's database is gone, before anything could make an empty one in its place."""
    return Line(False, lost_database.what(), lost_database.how_to_restore()) if lost_database.is_lost() else None


ROOT_CAUSES: tuple[Callable[[], Line | None], ...] = (_full_disk, _lost_database)


def examine(*, now: datetime) -> Iterator[Line]:
    """Yield a line for each thing; whatever fails while it is looked at is a line too, and stops no other."""
    answers = False
    for look in LOOKS:
        if look.needs_database and not answers:
            yield Line(None, f"{look.name}: not looked at, as the database does not answer.")
            continue
        try:
            lines = list(look.at(now))
        except Exception as error:  # noqa: BLE001 - of any kind: the other things must be looked at
            yield Line(
                False, f"{look.name}: could not be looked at ({type(error).__name__}).", "Tell whoever maintains it."
            )
            continue
        answers = answers or (look.at is _database and all(line.good for line in lines[:1]))
        yield from lines


def version() -> str:
    """Return the version of this code."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _versions(now: datetime) -> Iterator[Line]:
    yield Line(True, f"Streetlight {version()}, Django {django.get_version()}, Python {platform.python_version()}.")


def _database(now: datetime) -> Iterator[Line]:
    if lost_database.file_is_absent():
        yield Line(False, "There is no database yet.", f"Make it: {desk.command('prepare')}")
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT version()" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
            found = str(cursor.fetchone()[0]).split(" on ")[0]
    except (DatabaseError, InterfaceError) as error:
        what = f"The database does not answer ({type(error).__name__})."
        if can_receive_now():
            what += " Tips are received all the same, and wait."
        yield Line(
            False, what, "Start it; what waits comes in by itself. If it runs: look at DATABASE_URL, and at the disk."
        )
        return
    yield Line(True, f"The database answers: {found if connection.vendor == 'postgresql' else f'SQLite {found}'}.")
    try:
        call_command("migrate", check_unapplied=True, stdout=StringIO())
    except SystemExit:
        yield Line(False, "The database is older than the code.", f"Bring it up to date: {desk.command('prepare')}")


def _keys(now: datetime) -> Iterator[Line]:
    try:
        key = desk.public_key()
    except DeskBroken as error:
        yield Line(
            False, f"{error} Until then no tip can be received.", "See “When something is wrong” in docs/operations.md."
        )
        return
    fingerprint = keyring.fingerprint(key.recipient)
    yield Line(True, f"desk.pub can be used: desk key {key.index}, fingerprint {fingerprint}.")


def _ring(now: datetime) -> Iterator[Line]:
    path = desk.folder() / "ring.age"
    if settings.SITE_ROLE == "public":
        if path.exists():
            yield Line(
                False,
                "The ring lies on a public machine.",
                f"Delete {path} here; think about who could have copied it.",
            )
        return
    if not path.exists():
        yield Line(
            False,
            f"There is no {path}.",
            f"Run {desk.command('desk_setup')} for a new desk, or put it back from the backup.",
        )
    elif path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Line(False, f"Others can read {path}.", f"chmod 600 {path}, and think about who did.")


def _keys_in_database(now: datetime) -> Iterator[Line]:
    if settings.SITE_ROLE == "public":  # its login reads nothing of the ring: the desk's machine compares
        yield from _login()
        return
    mark = RingMark.objects.order_by("-version").first()
    if mark is None:
        yield Line(
            False,
            "The database knows no desk.",
            f"Run {desk.command('desk_setup')}, or restore the database of this desk.",
        )
        return
    yield from _ring_is(mark)
    try:
        index = desk.public_key().index
    except DeskBroken:
        return
    if index < mark.key_index:
        what = f"desk.pub is desk key {index}, and the desk’s newest is {mark.key_index}."
        yield Line(False, what, "Copy desk.pub from the staff machine, and compare the fingerprint.")
    elif index > mark.key_index:
        what = f"desk.pub is desk key {index}, and the database knows only {mark.key_index}."
        yield Line(False, what, "An older database was restored, or a file is a stranger’s: compare the fingerprint.")
    elif ring.desk_pub_differs():
        yield Line(False, str(Cause.SWAPPED.what), Cause.SWAPPED.do)
    else:
        yield Line(True, f"desk.pub is the newest desk key that the database knows ({index}).")


def _rows(now: datetime) -> Iterator[Line]:
    if strange := strange_rows.tables():
        what = f"A row names a file or an address as the site never does: {', '.join(strange)}."
        do = "Somebody has changed the database: find out who could write there before you delete the row."
        yield Line(False, what, do)
    else:
        yield Line(True, "No row of the news names a file that is none of ours.")


def _login() -> Iterator[Line]:
    """Say whether a public machine's login may do what it must, and no more."""
    more, less = database_roles.compare()
    if more or less:
        what = f"This machine’s database login may do {len(more)} things too much, and lacks {len(less)} rights."
        yield Line(False, what, f"See which: {desk.command('database_roles')}. On the desk’s machine it sets them.")
    else:
        yield Line(True, "This machine’s database login may do what it must, and no more.")


def _ring_is(mark: RingMark) -> Iterator[Line]:
    """Say whether the ring's file is the one that the desk last wrote, or the next one that an unlock puts in place."""
    paths = [path for name in ("ring.age", "ring.age.next") if (path := desk.folder() / name).exists()]
    if mark.digest in {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}:
        yield Line(True, f"ring.age is the one that the desk last wrote (version {mark.version}).")
    elif paths:
        what = f"ring.age is not the file that the desk last wrote (version {mark.version})."
        yield Line(False, what, "Put that version back from the backup: no tip can be opened with this one.")


def _second_factors(now: datetime) -> Iterator[Line]:
    if settings.SITE_ROLE == "public":  # nobody signs in there
        return
    if second_factors.fits():
        yield Line(True, "desk/factor_key opens what authenticator apps hold.")
    else:
        yield Line(False, str(Cause.FACTORS.what), Cause.FACTORS.do)


def _audit_log(now: datetime) -> Iterator[Line]:
    if settings.SITE_ROLE == "public":  # its login reads none of it
        return
    problems = verification.head_problems()
    for problem in problems:
        yield Line(False, problem, "Change nothing, and see “The record” in docs/operations.md.")
    if not problems:
        yield Line(True, "The audit log has the newest checkpoint that desk/audit-head.json names.")


def _outbox(now: datetime) -> Iterator[Line]:
    states = outbox.states()
    for store in states:
        if not store.works and any(other.works for other in states):
            what = f"One of the outbox’s two stores fails: the {store.name}. The other holds what comes in."
            yield Line(False, what, f"Look at {store.path} and its disk.")
    if not any(store.works for store in states):
        what = "The outbox cannot store a tip."
        yield Line(
            False,
            what,
            f"Make {settings.STATE_DIR}/outbox writable for the service’s user, and see that its disk has room.",
        )
        return
    if lost := outbox.stuck() + outbox.damaged():
        what = f"The outbox holds files that cannot be read: {lost}. The others go on."
        yield Line(False, what, f"Look at {outbox.folder()}: at .damaged-* files, at their owner, and at the disk.")
    else:
        yield Line(True, "The outbox holds nothing that cannot be read.")


def _backup(now: datetime) -> Iterator[Line]:
    if settings.SITE_ROLE == "public":
        return
    newest = backup.newest_verified()
    if backup.is_late(now=now) or newest is None:
        when = f"since {newest.astimezone():%d %b %Y, %H:%M}" if newest else "yet"
        first = "See systemctl status streetlight-backup.service, then run"
        if newest is None:
            first = f"Make one: {desk.command('backup --to /var/backups/streetlight --keep 14')}, then"
        yield Line(False, f"No backup has been verified {when}.", f"{first} {desk.command('backup verify')}.")
    else:
        yield Line(True, f"The backup of {newest.astimezone():%d %b %Y, %H:%M} was opened and counted.")
    if mirror_upkeep.keeps_all():
        what = "Backups lie on the same disk as the database. The second disk keeps all until one lies elsewhere."
        do = "Mount another disk for backups, or copy each to another machine and set BACKUPS_ELSEWHERE='1'."
        yield Line(False, what, do)


def _maintenance(now: datetime) -> Iterator[Line]:
    beat = heartbeat.read()
    last = heartbeat.instant(beat.at)
    if heartbeat.is_late(now=now) or last is None:
        since = f"since {last.astimezone():%d %b %Y, %H:%M}" if last else "yet"
        do = "Start its timer: systemctl enable --now streetlight-tend.timer. Then see journalctl -u streetlight-tend."
        yield Line(False, f"Maintenance has not run {since}.", do)
    else:
        yield Line(True, f"Maintenance ran at {last.astimezone():%H:%M}.")
    for job, at in beat.jobs.items():
        succeeded = heartbeat.instant(at)
        if last and succeeded and last - succeeded > JOB_LATE:
            what = f"Its job “{job}” last succeeded on {succeeded.astimezone():%d %b %Y, %H:%M}."
            yield Line(False, what, "See where it fails: journalctl -u streetlight-tend")
    for cause in (Cause.JOBS, Cause.REFUSED):
        if cause in beat.causes:
            yield Line(False, str(cause.what), str(cause.do))


def _pages(now: datetime) -> Iterator[Line]:
    """Say since when no new pages can be made, and when it last asked for changes by others; one alone asks nobody."""
    if (failing := failing_since.age()) is not None and failing > PAGES_LATE.total_seconds():
        yield Line(False, f"No new pages could be made for {failing:.0f} seconds.", str(Cause.PAGES.do))
    if asked := last_asked.read():
        age = now - datetime.fromtimestamp(asked.at, UTC)
        is_good = abs(age) < PAGES_LATE
        do = "" if is_good else "See whether the service runs (systemctl status streetlight) and reaches the database."
        yield Line(is_good, f"Its pages show what changed up to {age.total_seconds():.0f} seconds ago.", do)


def _clock(now: datetime) -> Iterator[Line]:
    if clock.is_held(now=now):
        yield Line(False, str(Cause.CLOCK.what), str(Cause.CLOCK.do))
    is_set = units.clock_is_set()
    if is_set is False:
        yield Line(False, "Nothing sets this machine’s clock.", "Let the network do it: timedatectl set-ntp true")
    elif is_set:
        yield Line(True, "The network sets this machine’s clock.")


def _mail(now: datetime) -> Iterator[Line]:
    if not settings.MAIL_HOST:
        yield Line(
            False, "No mail server is set: urgent notices reach nobody.", "Set MAIL_HOST, and what belongs to it."
        )
    elif Cause.MAIL in heartbeat.read().causes:
        yield Line(False, str(Cause.MAIL.what), str(Cause.MAIL.do))
    else:
        how = f"Try it: {desk.command('doctor --mail')}"
        yield Line(True, f"{settings.MAIL_HOST} takes our mail, as far as maintenance has asked. {how}")
    if not desk.profile().duty_email:
        yield Line(
            False,
            "Nobody is named who gets urgent notices.",
            f"Run {desk.command('desk_setup')}, or write duty_email in desk/profile.json.",
        )


def _disks(now: datetime) -> Iterator[Line]:
    for path, free in machine.room().items():
        is_good = free >= machine.LEAST_ROOM
        yield Line(is_good, f"{path} has {free:.0%} of its disk left.", "" if is_good else "Make room: df -h and df -i")


def _certificate(now: datetime) -> Iterator[Line]:
    if not settings.HTTPS:
        yield Line(None, "There is no certificate to look at: the site’s address is not https.")
        return
    try:
        ends = machine.certificate_ends()
    except OSError as error:
        what = f"Nobody shows a certificate for {settings.SITE_ORIGIN} ({type(error).__name__})."
        yield Line(False, what, "See whether nginx runs (systemctl status nginx), and whether the name leads here.")
        return
    is_good = ends - now >= ENDS_SOON
    verb = "ends" if ends > now else "ended"
    yield Line(
        is_good, f"The site’s certificate {verb} on {ends:%d %b %Y}.", "" if is_good else str(Cause.CERTIFICATE.do)
    )


def _rights(now: datetime) -> Iterator[Line]:
    state = settings.STATE_DIR
    if paths := rights.loose():
        public = rf"\( -path {state}/edition -o -path {state}/media \) -prune"
        find = f"find {state} -mindepth 1 {public} -o ! -type l -exec chmod go= {{}} +"
        yield Line(
            False,
            f"Others can read or change what is the service’s alone: {_some(paths)}.",
            f"chmod 711 {state}; {find}",
        )
    if paths := rights.closed():
        what = f"nginx cannot read what it must serve, so readers get an error: {_some(paths)}."
        yield Line(False, what, f"chmod 711 {state}; chmod -R a+rX {state}/edition {state}/media")
    if not rights.loose() and not rights.closed():
        yield Line(True, f"Nobody but the service’s user can read {state}, but for the pages that nginx serves.")


def _some(paths: Sequence[object]) -> str:
    """Return the first of these, and how many more there are."""
    more = len(paths) - NAMED
    return ", ".join(map(str, paths[:NAMED])) + (f" and {more} more" if more > 0 else "")


def _units(now: datetime) -> Iterator[Line]:
    try:
        found = units.units()
    except (OSError, subprocess.SubprocessError):
        found = []
    if not found:
        yield Line(None, "Services and timers: not looked at, as systemd does not answer here.")
    for unit in found:
        if unit.problem:
            yield Line(
                False, f"{unit.name}: {unit.problem}.", f"systemctl enable --now {unit.name}; journalctl -u {unit.name}"
            )
        elif unit.is_there:
            yield Line(True, f"{unit.name} is well.")
        elif unit.name != "nginx.service":
            yield Line(
                False, f"{unit.name} is not installed.", "Copy it from deploy/ to /etc/systemd/system/ and enable it."
            )


def _nodes(now: datetime) -> Iterator[Line]:
    if settings.SITE_ROLE == "public":  # the desk's machine looks at them
        return
    lags = nodes.lagging(now=now)
    for lag in lags:
        yield Line(
            False, f"The machine {lag.name}: {' '.join(lag.reasons)}", f"{desk.command('nodes')} lists all machines."
        )
    if not lags:
        yield Line(True, f"All machines report, and are well: {Node.objects.count()}.")


LOOKS = (
    Look("Versions", _versions),
    Look("Disks", _disks),
    Look("The database", _database),
    Look("desk.pub", _keys),
    Look("The ring", _ring),
    Look("Ring and database", _keys_in_database, needs_database=True),
    Look("Rows of the news", _rows, needs_database=True),
    Look("Second factors", _second_factors, needs_database=True),
    Look("The audit log", _audit_log, needs_database=True),
    Look("The outbox", _outbox),
    Look("Backups", _backup, needs_database=True),
    Look("Maintenance", _maintenance),
    Look("Pages", _pages),
    Look("The clock", _clock, needs_database=True),
    Look("Mail", _mail),
    Look("The certificate", _certificate),
    Look("Rights", _rights),
    Look("Services", _units),
    Look("Other machines", _nodes, needs_database=True),
)
