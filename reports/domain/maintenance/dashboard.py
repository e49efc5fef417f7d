"""The desk's own figures: counted hourly by maintenance into a file, so that no page counts but by "Count now"."""

import fcntl
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone

from reports.domain import desk
from reports.domain.tips.metadata import monday
from reports.models import AuditAct, AuditEvent, Tip
from reports.models.tips import UNREAD, URGENT

EVERY = timedelta(hours=1)
ONCE_A = timedelta(minutes=1)  # that a member can have it counted
WEEKS = 13  # that the page looks back
LATE = 4  # weeks to the first reading, and more, that are counted as one


@dataclass(frozen=True)
class Dashboard:
    """What was counted and when: tips by week (its Monday), area, kind, status; undecided ones by member.

    `oldest` is the day (the week, once opened) of the oldest unread tip; `reading` counts tips of the last weeks by how
    many weeks after they came they were first read: of an opened tip no day is kept.
    """

    made: str
    weeks: dict[str, int] = field(default_factory=dict)
    areas: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    reading: dict[str, int] = field(default_factory=dict)
    oldest: str = ""


def refresh(*, now: datetime, every: timedelta = EVERY) -> bool:
    """Count again when the last count is as old as this; return whether it was."""
    last = read()
    if last and now - every < datetime.fromisoformat(last.made) <= now:
        return False
    desk.write(_path(), json.dumps(asdict(count(now=now))).encode())
    return True


def count_now(*, now: datetime) -> bool:
    """Count again at once; False if the last count is not a minute old, or another one is under way."""
    with open(desk.folder() / ".counting", "w") as turn:  # noqa: PTH123 - flock wants the handle
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return refresh(now=now, every=ONCE_A)


def read() -> Dashboard | None:
    """Return the last count; None before the first, or when the file is damaged."""
    try:
        dashboard = Dashboard(**json.loads(_path().read_text(encoding="ascii")))
        datetime.fromisoformat(dashboard.made)
    except (OSError, ValueError, TypeError):
        return None
    return dashboard


def count(*, now: datetime) -> Dashboard:
    """Count everything; takes longer as the store grows, so only maintenance calls it."""
    first = monday(timezone.localdate(now)) - timedelta(weeks=WEEKS - 1)
    days = [Tip.objects.unread().filter(rank=rank).aggregate(day=Min("received"))["day"] for rank in (UNREAD, URGENT)]
    oldest = min(filter(None, days), default=None)  # by rank: so an index has it
    undecided = Tip.objects.undecided().exclude(assignee=None)
    return Dashboard(
        made=now.isoformat(),
        weeks=_weeks(first),
        areas=_by(Tip.objects.exclude(area=""), "area"),
        kinds=_by(Tip.objects.exclude(category=""), "category"),
        statuses=_by(Tip.objects.all(), "status"),
        members=_by(undecided, "assignee__username"),
        reading=_reading(first),
        oldest=oldest.isoformat() if oldest else "",
    )


def _by(tips: Any, column: str) -> dict[str, int]:
    rows = tips.order_by().values_list(column).annotate(number=Count("pk"))
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


def _weeks(first: date) -> dict[str, int]:
    """Return how many tips came in each week, the empty ones too."""
    counts: Counter[date] = Counter()
    days = Tip.objects.filter(received__gte=first).order_by().values_list("received").annotate(number=Count("pk"))
    for day, number in days:
        counts[monday(day)] += number
    return {(week := first + timedelta(weeks=number)).isoformat(): counts[week] for number in range(WEEKS)}


def _reading(first: date) -> dict[str, int]:
    """Return how many tips of the last weeks were first read so many weeks after they came."""
    received_on = dict(Tip.objects.filter(received__gte=first).values_list("reference", "received"))
    since = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    read_at = AuditEvent.objects.filter(act=AuditAct.READ, at__gte=since).order_by().values_list("subject")
    weeks: Counter[int] = Counter()
    for reference, at in read_at.annotate(at_first=Min("at")):
        if reference in received_on:
            later = monday(timezone.localdate(at)) - monday(received_on[reference])
            weeks[min(LATE, max(0, later.days // 7))] += 1
    return {str(number): weeks[number] for number in range(LATE + 1)}


def _path() -> Any:
    return settings.STATE_DIR / "dashboard.json"
