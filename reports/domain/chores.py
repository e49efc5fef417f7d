"""Everything that has to be done every minute, in the order in which it matters."""

from collections.abc import Iterator
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from newsroom.domain import images
from reports.domain import desk, ledger, notices, outbox, resealing, retention, watch
from reports.models import Invitation

STAFF_ADDRESSES_KEPT = timedelta(days=30)


def do_all() -> Iterator[str]:
    """Do the chores and yield a line for each that did something."""
    if moved := outbox.drain():
        yield f"{moved} arrivals moved into the database."
    now = timezone.now()
    desk.refresh_form(line=watch.state(now=now))
    if settings.SITE_ROLE != "public" and notices.tend(now=now):
        yield "The duty keyholder was told that the desk needs them."
    images.clear_orphans()
    if settings.SITE_ROLE != "public":
        yield from _delete_due()
    ledger.publish(today=timezone.localdate(now))
    resealing.report(now=now)
    Session.objects.filter(expire_date__lt=now).delete()
    Invitation.objects.filter(expires_at__lt=now).delete()
    for log in (AccessAttempt, AccessFailureLog, AccessLog):
        log.objects.filter(attempt_time__lt=now - STAFF_ADDRESSES_KEPT).delete()


def _delete_due() -> Iterator[str]:
    """Delete what the schedule says, and empty SQLite's log even where a reader kept the last run from it."""
    if gone := retention.tend(today=timezone.localdate()):
        yield f"{gone} tips deleted, as the schedule says."
    transaction.on_commit(retention.empty_write_ahead_log)
