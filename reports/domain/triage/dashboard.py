"""Figures for the desk itself: how many tips came and from where, where they stand, and how soon they were read."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from reports.domain.tips.metadata import monday
from reports.models import AuditAct, AuditEvent, TipQuerySet, shown_to
from reports.models.tips import WAITS

WEEKS = 13  # that the page looks back
LATE = 4  # weeks to the first reading, and more, that are counted as one


class Dashboard(NamedTuple):
    """Tips by week (its Monday), area, kind, status and appeal (its key), and those that wait by who has them.

    Spam and what may be malicious wait for somebody as well, and are in no other figure.

    `oldest` is the day (the week, once opened) of the oldest unread tip; `reading` counts tips of the last weeks by how
    many weeks after they came they were first read: of an opened tip no day is kept.
    """

    weeks: dict[str, int]
    areas: dict[str, int]
    kinds: dict[str, int]
    statuses: dict[str, int]
    appeals: dict[str, int]
    members: dict[str, int]  # "" for nobody
    reading: dict[int, int]
    oldest: date | None


def count(*, by: User, now: datetime) -> Dashboard:
    """Count the tips that are not hidden from a member."""
    first = monday(timezone.localdate(now)) - timedelta(weeks=WEEKS - 1)
    shown = shown_to(by)
    tips = shown.trusted()
    return Dashboard(
        weeks=_weeks(tips, first),
        areas=_by(tips.exclude(area=""), "area"),
        kinds=_by(tips.exclude(category=""), "category"),
        statuses=_by(tips, "status"),
        appeals=_by(tips.exclude(appeal=""), "appeal"),
        members=_by(
            shown.filter(WAITS).annotate(who=Coalesce("assignee__username", Value(""))), "who"
        ),
        reading=_reading(tips, first),
        oldest=shown.unread().aggregate(day=Min("received"))["day"],
    )


def _by(tips: Any, column: str) -> dict[Any, int]:
    rows = tips.order_by().values_list(column).annotate(number=Count("pk"))
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


def _weeks(tips: TipQuerySet, first: date) -> dict[str, int]:
    """Return how many tips came in each week, the empty ones too."""
    counts = Counter[date]()
    for day, number in _by(tips.filter(received__gte=first), "received").items():
        counts[monday(day)] += number
    by_week = {}
    for number in range(WEEKS):
        week = first + timedelta(weeks=number)
        by_week[week.isoformat()] = counts[week]
    return by_week


def _reading(tips: TipQuerySet, first: date) -> dict[int, int]:
    """Return how many tips of the last weeks were first read so many weeks after they came."""
    since = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    received = tips.filter(reference=OuterRef("subject"), received__gte=first).values("received")
    read = AuditEvent.objects.filter(act=AuditAct.READ, at__gte=since).order_by().values("subject")
    weeks: Counter[int] = Counter()
    for day, at in read.annotate(at_first=Min("at"), received=Subquery(received)).values_list(
        "received", "at_first"
    ):
        if day:
            later = monday(timezone.localdate(at)) - monday(day)
            weeks[min(LATE, max(0, later.days // 7))] += 1
    return {number: weeks[number] for number in range(LATE + 1)}
