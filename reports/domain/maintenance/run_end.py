"""The end of a run of maintenance: what is wrong is written to the heartbeat, mailed, counted, and ends it with 1."""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from reports.domain import backup
from reports.domain.errors import JobsFailed
from reports.domain.health import examination, heartbeat, metrics
from reports.domain.health.causes import FAIL, Cause
from reports.domain.maintenance import notices

log = logging.getLogger(__name__)


def close(*, now: datetime, done: Iterable[str], failed: Mapping[str, str], held: bool, database: bool = True) -> None:
    """Write and tell how the run went; raises JobsFailed if a job failed (`failed` has its name) or cannot do its work.

    `database`: whether it answered to the end; without it, its error is the caller's to raise, unless a full disk
    explains it.
    """
    causes = _causes(now, failed, held=held, database=database)
    _write(now, done, causes, held=held)
    notices.tell_causes(now=now)
    causes |= _measured()
    if causes & FAIL and (database or not causes & {Cause.DATABASE, Cause.LOST}):
        raise JobsFailed(_said(causes, failed))


def _causes(now: datetime, failed: Mapping[str, str], *, held: bool, database: bool) -> set[Cause]:
    beat = heartbeat.read()
    if database:
        with suppress(DatabaseError):  # a damaged file, for one, of which each job says that it cannot be read
            found = examination.found(beat=beat, now=now, failed=failed, held=held)
            is_late = settings.SITE_ROLE != "public" and backup.is_late(now=now)
            return found | {Cause.BACKUP} if is_late else found
    return examination.without_database(beat=beat, now=now)


def _write(now: datetime, done: Iterable[str], causes: set[Cause], *, held: bool) -> None:
    at = heartbeat.stamp(now)
    with heartbeat.changing() as beat:
        beat.at = at
        beat.trusted = beat.trusted if held else at
        beat.jobs |= dict.fromkeys(done, at)
        beat.causes = {cause: beat.causes.get(cause, at) for cause in sorted(causes)}


def _measured() -> set[Cause]:
    """Write the metrics; a file that cannot be written counts as a job that failed."""
    try:
        metrics.write()
    except OSError:
        log.exception("METRICS_FILE cannot be written")
        return {Cause.JOBS}
    return set()


def _said(causes: set[Cause], failed: Mapping[str, str]) -> str:
    """Return what failed, a sentence each; jobs that fail on a full disk are not named."""
    if Cause.FULL in causes:
        failed = {}
    jobs = _("These maintenance jobs failed: %(jobs)s. The log says where.") % {"jobs": ", ".join(failed.values())}
    other = [str(cause.what) for cause in Cause if cause in causes & FAIL and not (cause is Cause.JOBS and failed)]
    return " ".join([jobs] * bool(failed) + other)
