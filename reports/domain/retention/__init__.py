"""How long tips are kept, and deleting for good: the rows, what still lies in the outbox, SQLite's write-ahead log.

Days of a decision are kept as weeks. The schedule counts from the last day of the week, so it is never early.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain import audit, desk, outcomes
from reports.domain.errors import Refused
from reports.domain.handover import signatures
from reports.domain.intake import outbox
from reports.domain.retention import ledger
from reports.domain.tips import digests, reasons, recusal
from reports.models import AuditAct, Enquiry, Hold, Link, LinkQuerySet, Pack, Status, Tip, TipQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LAST_DAY = timedelta(days=6)  # from the Monday that is kept to the latest day that it can mean
WARNING = timedelta(days=7)
REVIEW = timedelta(days=182)
STEP = 50  # tips that one run of the chores deletes at the most


@dataclass(frozen=True)
class Rule:
    """Delete so many days after every one of these columns' weeks."""

    days: int
    after: tuple[str, ...] = ("decided",)
    even_unread: bool = False  # what came later and was not read yet does not keep it

    @property
    def period(self) -> timedelta:
        """Return how long after the Mondays that are kept."""
        return LAST_DAY + timedelta(days=self.days)


# None: kept, and shown to the leads every six months.
SCHEDULE: dict[Status, Rule | None] = {
    Status.NEW: None,
    Status.READING: None,
    Status.NEEDS_MORE: None,
    Status.LINKED: None,
    Status.PASSED_ON: Rule(30, after=("decided", "confirmed")),
    Status.NO_ACTION: Rule(90),
    Status.NOT_FOR_US: Rule(90),
    Status.MALICIOUS: Rule(90),
    Status.SPAM: Rule(7, even_unread=True),
}
UNDECIDED = (Status.NEW, Status.READING, Status.NEEDS_MORE)


def due_on(tip: Tip) -> date | None:
    """Return the first day on which the schedule deletes the tip as it stands; None when it is kept."""
    rule = SCHEDULE[Status(tip.status)]
    if rule is None or (tip.unread and not rule.even_unread):
        return None
    weeks = [getattr(tip, column) for column in rule.after]
    return None if None in weeks else max(weeks) + rule.period


def kept_by_enquiry(tip: Tip) -> bool:
    """Return whether an enquiry that is not closed keeps the tip, whatever its schedule says."""
    return tip.status != Status.SPAM and _in_an_enquiry().filter(tip=tip).exists()


def due(*, by: date) -> TipQuerySet:
    """Return the tips that the schedule deletes on this day or before, without legal holds and tips of an enquiry."""
    return _unless_kept(Tip.objects.filter(reduce(or_, (asked for asked, _ in _due(by)))))


def due_in_parts(*, by: date) -> list[TipQuerySet]:
    """Return the same as several questions, each along its index: asked in one, all that is due would be looked at."""
    return [_unless_kept(Tip.objects.filter(asked).order_by(column)) for asked, column in _due(by)]


def to_review(*, today: date) -> list[TipQuerySet]:
    """Return the tips that are kept, and of which nobody has said for six months that they are needed, in such parts.

    No tip is in two of them.
    """
    before = today - REVIEW
    return [Tip.objects.filter(asked).order_by(*order).exclude(reviewed__gt=before) for asked, order in _old(before)]


def tend(*, today: date, limit: int = STEP) -> int:
    """Delete what is due, at most `limit` tips, and return how many went."""
    due_now = list(due(by=today).order_by("decided", "pk").values_list("pk", "lookup")[:limit])
    return sum(_delete_due(pk, lookup, today) for pk, lookup in due_now)


def purge(*, tip: Tip, by: "User | None") -> None:
    """Delete a tip with all that came under its receipt; the record keeps the reference only. Refused under a hold.

    The outbox is locked meanwhile, so that nothing of this receipt can be drained between the two deletions.
    """
    with outbox.locked(wait=True):
        if Hold.objects.filter(tip=tip).exists():
            raise Refused(_("A legal hold keeps this tip. Release it first."))
        _delete(tip, by=by)


def hold(*, tip: Tip, by: "User", reason: str) -> Hold:
    """Keep a tip whatever the schedule says; the reason is sealed for the leads."""
    reasons.require_lead(by=by)
    recusal.require_free(tip=tip, by=by)
    new = Hold(id=uuid.uuid4(), tip=tip, author=by.get_username())
    reasons.seal(new, reason=reason)
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)  # not while it is being deleted
        if Hold.objects.filter(tip=tip).exists():
            raise Refused(_("A legal hold keeps this tip already."))
        new.save(force_insert=True)
        audit.record(by=by, act=AuditAct.HELD, subject=tip.reference)
    return new


def release(*, tip: Tip, by: "User") -> None:
    """End a legal hold: the schedule counts again."""
    reasons.require_lead(by=by)
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        if Hold.objects.filter(tip=tip).delete()[0]:
            audit.record(by=by, act=AuditAct.RELEASED, subject=tip.reference)


def still_needed(*, tip: Tip, by: "User") -> None:
    """Say that a tip which is kept is still needed; it is shown again in six months."""
    reasons.require_lead(by=by)
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        Tip.objects.filter(pk=tip.pk).update(reviewed=timezone.localdate())
        audit.record(by=by, act=AuditAct.REVIEWED, subject=tip.reference)


def _in_an_enquiry() -> LinkQuerySet:
    """Return the links by which an enquiry that is not closed keeps a tip, whatever became of it otherwise."""
    return Link.objects.standing().filter(enquiry__in=Enquiry.objects.under_way())


def _unless_kept(tips: TipQuerySet) -> TipQuerySet:
    # Not `hold=None`: of a join that finds nothing PostgreSQL believes that it leaves little, and sorts all that is due
    held = Exists(Hold.objects.filter(tip=OuterRef("pk")))
    in_use = ~Q(status=Status.SPAM) & Exists(_in_an_enquiry().filter(tip=OuterRef("pk")))
    return tips.exclude(held).exclude(in_use)


def _due(day: date) -> list[tuple[Q, str]]:
    """Return what each rule deletes; its last column's index finds it: most that is passed on is never confirmed."""
    found = []
    for status, rule in SCHEDULE.items():
        if rule:
            latest = day - rule.period
            *earlier, last = rule.after
            asked = Q(status=status) & Q(**{f"{last}__lte": latest}) & (Q() if rule.even_unread else Q(unread=False))
            also = (Q(LessThanOrEqual(Coalesce(F(one), date.max), latest)) for one in earlier)
            found.append((reduce(and_, also, asked), last))
    return found


def _old(before: date) -> list[tuple[Q, tuple[str, ...]]]:
    """Return what is kept and came or was decided before, with the order in which an index finds it."""
    linked, unconfirmed = Q(status=Status.LINKED), Q(status=Status.PASSED_ON, confirmed=None)
    decided = Q(decided__lte=before)
    in_use = Q(pk__in=_in_an_enquiry().values("tip"))
    return [
        *((Q(status=status, received__lte=before), ("received",)) for status in UNDECIDED),
        (linked & decided, ("decided",)),
        (unconfirmed & decided, ("decided",)),
        (in_use & decided & ~linked & ~unconfirmed, ()),  # few, and found by their links
    ]


def _delete_due(pk: uuid.UUID, lookup: str, today: date) -> bool:
    """Delete a tip unless something came for it, or a lead has kept it, since it was looked up."""
    with outbox.locked(wait=True):
        if outbox.waits_for(lookup):
            return False
        with transaction.atomic():
            # The lock first: while it waits for one who holds the tip, PostgreSQL sees nothing else of what they do.
            tip = Tip.objects.select_for_update().filter(pk=pk).first()
            if tip is None or not due(by=today).filter(pk=pk).exists():
                return False
            _delete(tip, by=None)
    return True


def _delete(tip: Tip, *, by: "User | None") -> None:
    """Delete it; the caller holds the outbox's lock."""
    outbox.forget(tip.lookup)
    with transaction.atomic():
        digests.forget(tip=tip)
        outcomes.forget(tip=tip)
        signatures.void_of_tip(tip=tip, by=by)
        Tip.objects.filter(pk=tip.pk).delete()
        Pack.objects.filter(parts=None).delete()
        ledger.count(today=timezone.localdate())
        audit.record(by=by, act=AuditAct.PURGED, subject=tip.reference)  # after the rows, as every verb does
        transaction.on_commit(desk.empty_write_ahead_log)
