"""Maintenance: the jobs of every minute, the most important first."""

import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from newsroom.domain import images
from reports.domain import drafts, key_rotation, state_files
from reports.domain.backup import backups, mirror_upkeep
from reports.domain.figures import counting
from reports.domain.health import clock, examination, heartbeat, mail, releases
from reports.domain.intake import outbox, unwatched_line
from reports.domain.maintenance import notices, run_end
from reports.domain.outcomes import appeals, public_results
from reports.domain.people import session_files, sessions, sign_ins
from reports.domain.referrals import results
from reports.domain.retention import ledger, schedule
from reports.domain.search import searching
from reports.domain.storage import database_roles, lost_database
from reports.models import Invitation

STAFF_ADDRESSES_KEPT = timedelta(days=30)

log = logging.getLogger(__name__)


def run_all() -> None:
    """Run the maintenance jobs, which say nothing: a line for each thing done would tell in which minute a tip came.

    Raises DeskBroken at once while a restore has not come to its end.
    A failing job stops no other; JobsFailed, raised at the end, names what failed and what is wrong with the site. A
    database that does not answer ends the run at once with Django's own error, and TooManyRights one of a public
    machine that may do too much. While the clock is not believed, no job runs that deletes or releases anything. The
    end of each run is written to the heartbeat, and told. Desks whose limit has passed are locked before all else.
    """
    session_files.sweep()
    now = timezone.now()
    failed = list[str]()
    try:
        state_files.require_restored()
    except OSError:  # nothing here can be read: what is wrong is mailed all the same
        run_end.close(now=now, failed=failed, clock_is_held=True)
        raise
    clock_is_held = (
        True  # until it is known: a run that the database ends before has believed no clock
    )
    try:
        database_roles.ask_again()
        database_roles.require()
        database_roles.wait_briefly()
        clock_is_held = clock.is_held(now=now)
        for job in JOBS:
            if (job.needs_desk and settings.SITE_ROLE == "public") or (
                clock_is_held and job.is_final
            ):
                continue
            try:
                job.do(now=now)
            except Exception as error:  # of any kind: the other jobs must run
                if _is_of_the_database(error):
                    raise
                log.exception("a job failed; the others go on")
                failed.append(str(job.name))
    except (DatabaseError, InterfaceError):
        run_end.close(now=now, failed=failed, clock_is_held=clock_is_held)
        raise
    run_end.close(now=now, failed=failed, clock_is_held=clock_is_held)


def _is_of_the_database(error: Exception) -> bool:
    """Return whether a job failed because the database does not answer: a row that cannot be read is the job's own."""
    if not isinstance(error, OperationalError | InterfaceError) or database_roles.is_locked_out(
        error
    ):
        return False
    # Of a file that is held, full or away SQLite says so itself, and what it has open already can still be asked.
    code = getattr(error.__cause__, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if isinstance(error, lost_database.DatabaseLost) or code != sqlite3.SQLITE_ERROR:
        return True
    return bool(examination.of_the_database())


def _take_in(*, now: datetime) -> None:
    outbox.drain()


def _tell_the_form(*, now: datetime) -> None:
    """Tell the form whether the line is watched; a clock that is not believed neither closes nor opens it."""
    state_files.refresh_form(line="" if clock.is_held(now=now) else unwatched_line.state(now=now))


def _tell_accounts(*, now: datetime) -> None:
    sign_ins.record_failures(now=now)
    notices.mail_accounts(now=now)


def _delete_due(*, now: datetime) -> None:
    """Delete due tips, and empty SQLite's write-ahead log in case a reader kept the last run from doing so."""
    schedule.delete_due(today=timezone.localdate(now))
    transaction.on_commit(state_files.empty_write_ahead_log)


def _publish_figures(*, now: datetime) -> None:
    counting.publish()
    appeals.publish()


def _report_key(*, now: datetime) -> None:
    key_rotation.report(now=now, causes=heartbeat.read().causes)


def _forget_expired(*, now: datetime) -> None:
    Session.objects.filter(expire_date__lt=now).delete()
    Invitation.objects.filter(expires_at__lt=now).delete()
    searching.forget_old(today=timezone.localdate(now))
    drafts.forget_old(now=now)
    results.forget_old(today=timezone.localdate(now))
    for attempts in (AccessAttempt, AccessFailureLog, AccessLog):
        attempts.objects.filter(attempt_time__lt=now - STAFF_ADDRESSES_KEPT).delete()


def _maintain_mirror(*, now: datetime) -> None:
    mirror_upkeep.upkeep()
    backups.clear_leftovers(now=now)


class Job(NamedTuple):
    """One job: its name, and the function that runs it.

    `needs_desk`: only machines with a desk run it. `is_final`: what it deletes or releases cannot be undone.
    """

    name: str
    do: Callable[..., None]
    needs_desk: bool = False
    is_final: bool = False


JOBS = (
    Job("moving what came into the database", _take_in),
    Job(
        "locking desks whose session has ended",
        lambda **_now: sessions.lock_ended(),
        needs_desk=True,
    ),
    Job("updating the facts for the form", _tell_the_form),
    Job("emailing about urgent tips", notices.send_due, needs_desk=True),
    Job("emailing about tips that may be urgent", notices.send_unsure, needs_desk=True),
    Job("emailing about changed accounts", _tell_accounts, needs_desk=True),
    Job("emailing about unread tips", notices.mail_unread, needs_desk=True),
    Job("emailing the log check code", notices.send_weekly, needs_desk=True),
    Job("looking for a newer release", releases.search, needs_desk=True),
    Job("emailing how the server is", notices.mail_week, needs_desk=True),
    Job("checking the mail server", mail.ask, needs_desk=True),
    Job(
        "clearing pictures that no story uses", lambda **_now: images.clear_orphans(), is_final=True
    ),
    Job("deleting tips that are due", _delete_due, needs_desk=True, is_final=True),
    Job(
        "publishing the ledger of deletions",
        lambda now: ledger.publish(today=timezone.localdate(now)),
        is_final=True,
    ),
    Job(
        "publishing and withdrawing public results",
        public_results.maintain,
        needs_desk=True,
        is_final=True,
    ),
    Job(
        "deciding which public figures are due",
        lambda now: counting.release_due(today=timezone.localdate(now)),
        needs_desk=True,
        is_final=True,
    ),
    Job("publishing the figures and the results of appeals", _publish_figures),
    Job("maintaining the second disk", _maintain_mirror),
    Job("reporting which key this server locks tips with", _report_key),
    Job(
        "deleting expired sessions, invitations, addresses and results",
        _forget_expired,
        needs_desk=True,
        is_final=True,
    ),
)
