"""Everything that has to be done every minute, in the order in which it matters."""

from collections.abc import Iterator
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from newsroom.domain import images
from reports.domain import desk, notices, outbox, watch

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
    Session.objects.filter(expire_date__lt=now).delete()
    for log in (AccessAttempt, AccessFailureLog, AccessLog):
        log.objects.filter(attempt_time__lt=now - STAFF_ADDRESSES_KEPT).delete()
