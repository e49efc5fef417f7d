"""Whether anybody watches the line: the form must never let people write to a desk that nobody reads."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from reports.models import AuditEvent, Tip

SAID_AFTER = timedelta(days=4)  # tips have waited unread for so long: the form says so
CLOSED_AFTER = timedelta(days=14)  # ... and takes no more
COARSE = timedelta(days=6)  # an opened tip's day is its week's Monday, so it may be so much younger than it says


def state(*, now: datetime) -> str:
    """Return `open`, `unwatched` or `closed`: for how long tips have waited while none was read.

    Only reading counts: a desk that is unlocked, or whose tips are opened, is not watched yet. A desk without unread
    tips is watched, however quiet it is; a demonstration is never closed, since nobody reads there anyway.
    """
    if settings.DEMO or not _waited(SAID_AFTER, now):
        return "open"
    return "closed" if _waited(CLOSED_AFTER, now) else "unwatched"


def _waited(time: timedelta, now: datetime) -> bool:
    """Return whether some tip has been unread for `time` and none was read meanwhile."""
    since = now - time
    if AuditEvent.objects.filter(act="read", at__gt=since).exists():
        return False
    old = Q(opened=False, received__lte=since.date()) | Q(opened=True, received__lte=(since - COARSE).date())
    return Tip.objects.unread().filter(old).exists()
