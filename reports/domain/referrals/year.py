"""A year of police referrals in figures, for the team alone: from the audit log, and from what outlives referrals."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from reports.domain.errors import Swapped
from reports.domain.keys import unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import results
from reports.domain.tips.metadata import monday
from reports.domain.triage import stuck
from reports.models import AuditAct, AuditEvent, Referral, ReferralResult

YEAR = timedelta(days=365)
MARKS = (AuditAct.MARKED_MALICIOUS, AuditAct.UNMARKED_MALICIOUS, AuditAct.UNDID)


class Year(NamedTuple):
    """The numbers of the last full months, 365 days in all; `stuck` is as of today."""

    drafted: int
    sent: int
    confirmed: int
    answered: int
    stuck: int
    withdrawn: int
    corrected: int
    marked: int


def count(*, today: date, by: User) -> Year:
    """Count the last full months' referrals, and the tips that were marked as possibly malicious and still are.

    Up to the last full month, and stuck ones that `by` may see: who watches the numbers must not see a referral leave
    that is hidden from them.
    """
    events = AuditEvent.objects.filter(
        at__gte=_start_of(_end(today) - YEAR), at__lt=_start_of(_end(today))
    )
    of_referrals = events.filter(subject__startswith="H-")
    sent = of_referrals.filter(act=AuditAct.EXPORTED, detail__again__isnull=True)
    rows = _rows(today)
    return Year(
        drafted=_subjects(of_referrals.filter(act=AuditAct.DRAFTED_REFERRAL)),
        sent=_subjects(sent),
        confirmed=rows.count(),
        answered=rows.filter(answered=True).count(),
        stuck=len(stuck.stuck(Referral.objects.visible_to(by), today=today)),
        withdrawn=_subjects(of_referrals.filter(act=AuditAct.WITHDREW_REFERRAL)),
        corrected=_subjects(of_referrals.filter(act=AuditAct.CORRECTED)),
        marked=_marked(events),
    )


def by_letter(*, today: date, keys: Keys) -> dict[str, tuple[int, int]]:
    """Return by weakest letter how many of the last year's referrals were answered, and how many were borne out.

    A row that does not open is in none.
    """
    counts: dict[str, tuple[int, int]] = {}
    for row in _rows(today).filter(answered=True):
        try:
            inside = unsealed.content(row, keys=keys, **results.SHAPE)
        except Swapped:
            continue
        answered, borne_out = counts.get(inside["letter"], (0, 0))
        counts[inside["letter"]] = (
            answered + 1,
            borne_out + (inside["result"] == results.BORNE_OUT),
        )
    return dict(sorted(counts.items()))


def _rows(today: date) -> QuerySet[ReferralResult]:
    end = _end(today)
    return ReferralResult.objects.filter(week__gte=monday(end - YEAR), week__lt=end)


def _end(today: date) -> date:
    """Return the first day that is in none of the full months."""
    return today.replace(day=1)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _subjects(events: QuerySet[AuditEvent]) -> int:
    return events.order_by().values("subject").distinct().count()


def _marked(events: QuerySet[AuditEvent]) -> int:
    """Return how many tips were marked, without those whose mark was taken off or undone since."""
    presses: dict[str, str] = {}
    for event in events.filter(act__in=MARKS).order_by("seq"):
        press = event.detail.get("press", "")
        if event.act == AuditAct.MARKED_MALICIOUS:
            presses[event.subject] = press
        elif event.act == AuditAct.UNMARKED_MALICIOUS or press == presses.get(event.subject):
            presses.pop(event.subject, None)
    return len(presses)
