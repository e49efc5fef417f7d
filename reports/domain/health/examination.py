"""The examination at the end of each run of maintenance, and what pages and monitors make of it."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from newsroom.domain import failing_since, last_asked, strange_rows
from reports.domain import desk, lost_database
from reports.domain.errors import DeskBroken
from reports.domain.health import heartbeat, machine, nodes
from reports.domain.health.causes import EXPLAINED, PRIVATE, Cause
from reports.domain.health.heartbeat import Heartbeat, instant
from reports.domain.intake import outbox
from reports.domain.keys import ring
from reports.domain.people import second_factors
from reports.models import RingMark

PAGES_LATE = timedelta(minutes=5)  # without agreeing with the database, or while no new edition can be made
ENDS_SOON = timedelta(days=14)  # before a certificate's end


def found(*, beat: Heartbeat, now: datetime, failed: Collection[str], held: bool) -> set[Cause]:
    """Return what is wrong at the end of a run in which these jobs failed; the database answers.

    Before a desk is made, nothing is wrong with its key.
    """
    told = {
        Cause.JOBS: bool(failed),
        Cause.CLOCK: held,
        Cause.SWAPPED: bool(ring.desk_pub_differs()),
        Cause.ROWS: bool(strange_rows.tables()),
        Cause.FACTORS: settings.SITE_ROLE != "public" and not second_factors.fits(),
        Cause.MACHINES: settings.SITE_ROLE != "public" and bool(nodes.lagging(now=now)),
    }
    causes = {cause for cause, stands in told.items() if stands} | set(_of_machine(beat, now))
    has_desk = settings.SITE_ROLE == "public" or RingMark.objects.exists()
    return _unexplained(causes if has_desk else causes - {Cause.KEY})


def without_database(*, beat: Heartbeat, now: datetime) -> set[Cause]:
    """Return what is wrong at the end of a run that the database has ended."""
    answers_not = Cause.LOST if lost_database.is_lost() else Cause.DATABASE
    return _unexplained({answers_not, *_of_machine(beat, now)})


def standing(*, now: datetime) -> list[Cause]:
    """Return what is wrong by the last heartbeat, that there was none lately, and that SQLite's file is gone."""
    late = [Cause.MAINTENANCE] if heartbeat.is_late(now=now) else []
    lost = [Cause.LOST] if lost_database.is_gone_beside_desk() else []
    causes = late + lost + [Cause(name) for name in heartbeat.read().causes if name in set(Cause)]
    return list(dict.fromkeys(causes))


def is_well(*, now: datetime) -> bool:
    """Return whether nothing is wrong that anybody may know."""
    return not set(standing(now=now)) - PRIVATE


def _unexplained(causes: set[Cause]) -> set[Cause]:
    """Return the causes without what a full disk explains: whoever is sent to a database that is a file loses time."""
    if Cause.FULL not in causes:
        return causes
    return causes - EXPLAINED - ({Cause.DATABASE} if connection.vendor == "sqlite" else set())


def _of_disks() -> Iterator[Cause]:
    """Yield whether a disk takes nothing more, and whether one soon may not."""
    if machine.full():
        yield Cause.FULL
    if machine.is_full():
        yield Cause.DISK


def _of_machine(beat: Heartbeat, now: datetime) -> Iterator[Cause]:
    """Yield what this machine's own files, disks and connections show."""
    try:
        desk.public_key()
    except DeskBroken:
        yield Cause.KEY
    works = outbox.stores().values()
    try:
        if not any(works) or outbox.stuck() or outbox.damaged():
            yield Cause.OUTBOX
    except OSError:
        yield Cause.OUTBOX
    if any(works) and not all(works):
        yield Cause.STORE
    if max(last_asked.age() or 0, failing_since.age() or 0) > PAGES_LATE.total_seconds():
        yield Cause.PAGES
    yield from _of_disks()
    if beat.mail.get("unreached", "") > beat.mail.get("reached", ""):
        yield Cause.MAIL
    if "refused" in beat.mail and beat.mail["refused"] >= beat.mail.get("sent", ""):
        yield Cause.REFUSED
    if (ends := instant(beat.certificate.get("ends", ""))) and ends - now < ENDS_SOON:
        yield Cause.CERTIFICATE
