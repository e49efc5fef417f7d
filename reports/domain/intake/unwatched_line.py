"""Whether anybody reads tips: the form must not let people write to a desk that nobody watches."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from reports.domain import state_files
from reports.domain.intake import arrivals
from reports.models import AuditAct, AuditEvent, Node, Tip

SAID_AFTER = timedelta(days=4)  # after tips have waited unread this long, the form says so
CLOSED_AFTER = timedelta(days=14)  # after this long, the form is closed
WARNING = timedelta(days=2)  # team leads are warned this long before either
SILENT = timedelta(
    days=1
)  # after which the desk's own machine takes nothing in, and all that was left waits
WEEK_ERROR = timedelta(
    days=6
)  # an opened tip has its week's Monday as its day, so it may be this much newer


def state(*, now: datetime) -> str:
    """Return `open`, `unwatched` or `closed`, by how long tips have waited while none was read.

    Only reading counts: a desk that is unlocked, or whose tips are opened, is not watched yet. A desk without unread
    tips is watched, however quiet it is; a demonstration is never closed, since nobody reads there anyway.
    """
    if settings.DEMO or not _waited(SAID_AFTER, now):
        return "open"
    if _waited(CLOSED_AFTER, now):
        return "closed"
    return "unwatched"


def ahead(*, now: datetime) -> tuple[str, int] | None:
    """Return the state that the line reaches within WARNING if nobody reads, and in how many days."""
    current = state(now=now)
    for days in range(1, WARNING.days + 1):
        then = state(now=now + timedelta(days=days))
        if then != current:
            return then, days
    return None


def _waited(time: timedelta, now: datetime) -> bool:
    """Return whether a tip has been unread for `time`, with none read since."""
    since = now - time
    day = timezone.localdate(since)
    if _read_since(since):
        return False
    if not _desk_reports() and arrivals.unread_since(day):
        return True
    unread = Tip.objects.unread()
    if unread.filter(opened=False, received__lte=day).exists():
        return True
    return unread.filter(opened=True, received__lte=day - WEEK_ERROR).exists()


def _desk_reports() -> bool:
    """Return whether the desk's own machine has reported within a day: it takes in what public machines leave."""
    now = (
        timezone.now()
    )  # not the day that `ahead` asks about: that machine has not been silent yet
    own = (
        {"read_on__isnull": False}
        if settings.SITE_ROLE == "public"
        else {"pk": state_files.node_id()}
    )
    return Node.objects.filter(seen_at__range=(now - SILENT, now + SILENT), **own).exists()


def _read_since(since: datetime) -> bool:
    """Return whether a tip was read after an instant: by the record, which a public machine may not read, or by a day.

    That day is what the desk's machine last said, so a desk whose machine has died counts as unwatched in time.
    """
    if settings.SITE_ROLE == "public":
        return Node.objects.filter(read_on__gte=timezone.localdate(since)).exists()
    return AuditEvent.objects.filter(act=AuditAct.READ, at__gt=since).exists()


def last_read_on() -> date | None:
    """Return the day, by the place's clock, on which a tip was last read; None if none ever was."""
    last = AuditEvent.objects.filter(act=AuditAct.READ).order_by("-at").first()
    if last:
        return timezone.localdate(last.at)
    return None
