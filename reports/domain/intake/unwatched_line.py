"""Whether anybody watches the line: the form must never let people write to a desk that nobody reads."""

from datetime import datetime, timedelta

from django.conf import settings

from reports.models import AuditAct, AuditEvent, Tip
from reports.models.tips import UNREAD, URGENT

SAID_AFTER = timedelta(days=4)  # tips have waited unread for so long: the form says so
CLOSED_AFTER = timedelta(days=14)  # ... and takes no more
WARNING = timedelta(days=2)  # leads are told so long before either
COARSE = timedelta(days=6)  # an opened tip's day is its week's Monday, so it may be so much younger than it says


def state(*, now: datetime) -> str:
    """Return `open`, `unwatched` or `closed`: for how long tips have waited while none was read.

    Only reading counts: a desk that is unlocked, or whose tips are opened, is not watched yet. A desk without unread
    tips is watched, however quiet it is; a demonstration is never closed, since nobody reads there anyway.
    """
    if settings.DEMO or not _waited(SAID_AFTER, now):
        return "open"
    return "closed" if _waited(CLOSED_AFTER, now) else "unwatched"


def ahead(*, now: datetime) -> tuple[str, int] | None:
    """Return what the line becomes within WARNING if nobody reads (`unwatched`, `closed`), and in how many days."""
    current = state(now=now)
    for days in range(1, WARNING.days + 1):
        then = state(now=now + timedelta(days=days))
        if then != current:
            return then, days
    return None


def _waited(time: timedelta, now: datetime) -> bool:
    """Return whether some tip has been unread for `time` and none was read meanwhile."""
    since = now - time
    if AuditEvent.objects.filter(act=AuditAct.READ, at__gt=since).exists():
        return False
    unread = Tip.objects.unread().filter(rank__in=[UNREAD, URGENT])  # all that there are: an index has days by rank
    if unread.filter(opened=False, received__lte=since.date()).exists():
        return True
    return unread.filter(opened=True, received__lte=(since - COARSE).date()).exists()
