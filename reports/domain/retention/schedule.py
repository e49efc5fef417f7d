"""Retention: the schedule of deletion, legal holds, and purging tips from the database, the outbox and SQLite's log.

Decisions are stored by week. The schedule counts from the last day of the week, so it is never early.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import batched
from typing import cast

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import audit_log, columns, findings, proven_events, times, verification
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused, Swapped
from reports.domain.intake import arrivals, outbox
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import public_results
from reports.domain.referrals import approvals
from reports.domain.retention import ledger
from reports.domain.storage import deletion_records
from reports.domain.tips import reasons, recusal
from reports.domain.tips.metadata import monday
from reports.domain.triage import alarm
from reports.models import (
    AuditAct,
    AuditEvent,
    ClosedPictures,
    Correction,
    Enquiry,
    Entry,
    ExportedPart,
    Hold,
    Link,
    LinkQuerySet,
    Referral,
    SafetyDecision,
    Status,
    Tip,
    TipQuerySet,
)
from reports.models.tips import UNDECIDED

WEEK = timedelta(days=7)
LAST_DAY = timedelta(days=6)  # from the Monday that is kept to the latest day that it can mean
WARNING = WEEK
NOTHING_NEW = timedelta(
    days=30
)  # for which what does not open, or is empty, keeps a tip: perhaps it opens later
REVIEW_MONTHS = 6  # without a decision, or in an enquiry, after which leads are asked whether a tip is still needed
REVIEW = timedelta(days=365 * REVIEW_MONTHS // 12)
STEP = 50  # tips that one maintenance run deletes at most


@dataclass(frozen=True)
class Rule:
    """Delete tips `days` after the latest of these columns' weeks."""

    days: int
    after: tuple[str, ...] = ("decided",)
    even_unread: bool = (
        False  # what came later, and was not read or decided on yet, does not keep it
    )

    @property
    def period(self) -> timedelta:
        """Return the time from the stored Monday to the deletion."""
        return LAST_DAY + timedelta(days=self.days)


# None: kept, and shown to the team leads every six months.
SCHEDULE: dict[Status, Rule | None] = {
    Status.NEW: None,
    Status.READING: None,
    Status.NEEDS_MORE: None,
    Status.LINKED: None,
    Status.PASSED_ON: Rule(30, after=("decided", "confirmed")),
    Status.NO_ACTION: Rule(90),
    Status.NOT_FOR_US: Rule(90),
    Status.SPAM: Rule(7, even_unread=True),
}


def days_kept() -> dict[str, int]:
    """Return how many days after its decision a tip is deleted, by the status that it was given."""
    return {status.value: rule.days for status, rule in SCHEDULE.items() if rule}


def due_on(tip: Tip) -> date | None:
    """Return the first day on which the schedule deletes the tip in its present state; None if it is kept."""
    rule = SCHEDULE[Status(tip.status)]
    if rule is None:
        return None
    weeks = [getattr(tip, column) for column in rule.after]
    if None in weeks:
        return None
    day: date = max(weeks) + rule.period
    if rule.even_unread or not (tip.unread or tip.new_answer):
        return day
    later = Entry.objects.filter(tip=tip, position__gt=tip.parts_read)
    newest: date | None = later.aggregate(day=Max("received"))["day"]
    if newest is None or not tip.parts_read or later.filter(broken=False).exists():
        return None
    return max(day, newest + NOTHING_NEW + LAST_DAY)


def due_if_decided(to: str, *, today: date) -> date | None:
    """Return when a tip is first deleted that gets this status today, if nothing keeps it; None for never."""
    rule = SCHEDULE[Status(to)]
    if rule:
        return monday(today) + rule.period
    return None


def passed_on_until(*, today: date) -> date:
    """Return the same of a tip that is passed on today."""
    return cast("date", due_if_decided(Status.PASSED_ON, today=today))


def due_after_closing(*, enquiry: Enquiry, user: User, today: date) -> list[date]:
    """Return from when those tips of an enquiry will be deleted that nothing but this enquiry keeps, the first first.

    As `enquiries.move` does it: those that the police have are passed on then. None that is hidden from a user.
    """
    elsewhere = _in_an_enquiry().exclude(enquiry=enquiry).values("tip")
    links = (
        enquiry.links.standing().visible_to(user).exclude(tip__in=elsewhere).select_related("tip")
    )
    passed_on = set(
        Tip.objects.filter(links__in=links, status=Status.LINKED)
        .told_to_police()
        .values_list("pk", flat=True)
    )
    days = []
    for link in links:
        day = passed_on_until(today=today) if link.tip_id in passed_on else due_on(link.tip)
        if day:
            days.append(max(day, today))
    return sorted(days)


def kept_by_enquiry(tip: Tip) -> bool:
    """Return whether an open enquiry keeps the tip, whatever the schedule says."""
    return _in_an_enquiry().filter(tip=tip).exists()


def due(*, by: date) -> TipQuerySet:
    """Return the tips due by this day, without those that something keeps."""
    return Tip.objects.filter(is_due(by=by))


def is_due(*, by: date) -> Q:
    """Return the condition that a tip is due by this day, and that nothing keeps it."""
    return _due(by) & _nothing_keeps()


def is_to_review(*, today: date) -> Q:
    """Return the condition that a tip is kept, and that nobody has reviewed it for six months."""
    before = today - REVIEW
    statuses = [
        status for status, rule in SCHEDULE.items() if rule is None and status not in UNDECIDED
    ]
    in_use = Q(pk__in=_in_an_enquiry().values("tip"))
    unconfirmed = Q(status=Status.PASSED_ON, confirmed=None)
    undecided = Q(new_answer=True)
    decided = Q(decided__lte=before) & (Q(status__in=statuses) | unconfirmed | in_use | undecided)
    return (Q(status__in=UNDECIDED, received__lte=before) | decided) & ~Q(reviewed__gt=before)


def delete_due(*, today: date, limit: int = STEP) -> int:
    """Delete what is due, at most `limit` tips, and return how many went.

    Raises Swapped in the end if some were kept because they are not as the audit log says.
    """
    deleted = changed = 0
    rows = list(due(by=today).order_by("decided", "pk").values_list("pk", "lookup"))
    if rows and not verification.is_unbroken():
        raise Swapped(
            "Someone changed or removed events of the audit log, so nothing was deleted. Check the log."
        )
    for pk, lookup in rows:
        if deleted == limit:
            break
        try:
            deleted += _delete_due(pk, lookup, today)
        except Swapped:
            changed += 1
    if changed:
        raise Swapped(
            f"We kept tips that are due for deletion, because they do not match the audit log: {changed}."
        )
    return deleted


def delete_again(*, entries: Collection[str]) -> int:
    """Delete what a restored backup brought back of tips that were deleted permanently; return how many went.

    A legal hold in the backup keeps none of them: it was released before the tip could be deleted.
    """
    deleted = 0
    for some in batched(entries, STEP):
        arrivals.delete(some)
        for tip in Tip.objects.filter(entries__pk__in=some).distinct():
            with outbox.locked(wait=True), transaction.atomic():
                Hold.objects.filter(tip=tip).delete()
                _delete(tip)
            deleted += 1
    return deleted


def hold(*, tip: Tip, by: User, reason: str, keys: Keys) -> Hold:
    """Keep a tip whatever the schedule says; the reason is sealed for the team leads."""
    reasons.require_team_lead(by=by)
    recusal.require_free(tip=tip, by=by)
    new = Hold(id=uuid.uuid4(), tip=tip, author=by.get_username())
    reasons.seal(new, reason=reason)
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)  # not while it is being deleted
        if Hold.objects.filter(tip=tip).exists():
            raise Refused("This tip is already under a legal hold.")
        new.save(force_insert=True)
        audit_log.record(
            by=by, act=AuditAct.HELD, subject=tip.reference, rows=Named([new], keys=keys)
        )
    return new


def release(*, tip: Tip, by: User, keys: Keys) -> None:
    """End a legal hold: the schedule counts again."""
    reasons.require_team_lead(by=by)
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        holds = list(Hold.objects.filter(tip=tip))
        if Hold.objects.filter(tip=tip).delete()[0]:
            rows = Named(deleted=holds, keys=keys)
            audit_log.record(by=by, act=AuditAct.RELEASED, subject=tip.reference, rows=rows)


def still_needed(*, tip: Tip, by: User) -> None:
    """Record that a kept tip is still needed; it comes up for review again in six months."""
    reasons.require_team_lead(by=by)
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        Tip.objects.filter(pk=tip.pk).update(reviewed=timezone.localdate())
        audit_log.record(by=by, act=AuditAct.REVIEWED, subject=tip.reference)


def _in_an_enquiry() -> LinkQuerySet:
    """Return the links by which open enquiries keep tips."""
    return Link.objects.standing().filter(enquiry__in=Enquiry.objects.under_way())


def _nothing_keeps() -> Q:
    """Return the condition that nothing keeps a tip that the schedule would delete."""
    # Not `hold=None`: of a join that finds nothing PostgreSQL believes that it leaves little, and sorts all that is due
    on_hold = Exists(Hold.objects.filter(tip=OuterRef("pk")))
    closed = Exists(ClosedPictures.objects.standing().filter(tip=OuterRef("pk")).order_by())
    in_use = Exists(_in_an_enquiry().filter(tip=OuterRef("pk")))
    to_look_at = Exists(SafetyDecision.objects.filter(tip=OuterRef("pk"), looked_on=None))
    # What is to be moved back to being read, a moment from now or once it is opened, is not deleted before that.
    owed = [Correction.NEEDED, Correction.ANNOUNCED]
    owes = Exists(ExportedPart.objects.filter(tip=OuterRef("pk"), correction__in=owed).order_by())
    rings = Exists(
        Entry.objects.filter(tip=OuterRef("pk"), broken=False, alarm_at__isnull=False).order_by()
    )
    return Q(~on_hold, ~closed, ~in_use, ~to_look_at, ~owes, ~rings) & ~alarm.CAME_SINCE


def _due(day: date) -> Q:
    """Return the condition that a rule's time is over."""
    rules = {status: rule for status, rule in SCHEDULE.items() if rule}
    even_unread = Q(status__in=[status for status, rule in rules.items() if rule.even_unread])
    over = Q()
    for status, rule in rules.items():
        weeks = {f"{column}__lte": day - rule.period for column in rule.after}
        over |= Q(status=status, **weeks)
    return over & (even_unread | Q(unread=False, new_answer=False) | _says_nothing_new(day))


def _says_nothing_new(day: date) -> Q:
    """Return the condition that a member has read all of a tip but what says nothing, and came 30 days ago or more."""
    later = Entry.objects.filter(tip=OuterRef("pk"), position__gt=OuterRef("parts_read"))
    nothing = Q(broken=True, received__lte=day - NOTHING_NEW - LAST_DAY)
    return Q(Exists(later.order_by()), ~Exists(later.exclude(nothing).order_by()), parts_read__gt=0)


def _delete_due(pk: uuid.UUID, lookup: str, today: date) -> bool:
    """Delete a due tip, unless an entry has arrived or a team lead has kept it since.

    Raises Swapped for one that is not as the audit log says: someone may have taken away what keeps it.
    """
    with outbox.locked(wait=True):
        if outbox.waits_for(lookup) or arrivals.count(lookup):
            return False
        with transaction.atomic():
            # The lock first: while it waits for one who holds the tip, PostgreSQL sees nothing else of what they do.
            tip = Tip.objects.select_for_update().filter(pk=pk).first()
            if tip is None or not due(by=today).filter(pk=pk).exists():
                return False
            untried, forged = _not_proven(tip)
            is_swapped = bool(findings.compare(columns.of_tips([tip]), proof=None))
            if untried and not (forged or is_swapped):
                return False
            if forged or is_swapped or _made_older(tip):
                raise Swapped("This tip does not match the audit log.")
            _delete(tip)
    return True


def _made_older(tip: Tip) -> bool:
    """Return whether the newest move in the log is not the decision of a due tip, is a later one, or is forged."""
    last = _last_move(tip)
    leads_here = last and last.act == AuditAct.MOVED and last.detail.get("after") == tip.status
    if (
        last is None
        or not leads_here
        or tip.decided is None
        or timezone.localdate(last.at) - tip.decided > WEEK
    ):
        return True
    return not _is_decision(last)


def _last_move(tip: Tip) -> AuditEvent | None:
    """Return the newest event by which the tip got a status."""
    moves = AuditEvent.objects.filter(
        subject=tip.reference, act__in=[AuditAct.MOVED, AuditAct.UNDID]
    )
    return moves.order_by("-seq").first()


def _is_decision(event: AuditEvent) -> bool:
    """Return whether a keyholder made this decision: an unlocked desk has found its MAC right.

    Decisions from before the first that has a MAC count without, if their time can be true.
    """
    proven = proven_events.read()
    if event.mac:
        return proven_events.is_intact(event) and event.hash in {line.hash for line in proven}
    if event.seq < 1:  # the log begins with 1: someone put it in before that
        return False
    signed = (
        AuditEvent.objects.filter(act=AuditAct.MOVED)
        .exclude(mac="")
        .order_by("seq")
        .values_list("seq", flat=True)
    )
    firsts = [line.seq for line in proven if line.act == AuditAct.MOVED][:1]
    firsts += signed[:1]
    first = min(firsts, default=None)
    return (first is None or event.seq < first) and not times.is_made_older(event)


def _not_proven(tip: Tip) -> tuple[bool, bool]:
    """Return whether nobody has unlocked the desk since an event by which the tip can go, and whether one is forged.

    The MAC of the first could not be tried yet; that of the second was, and is not in the file.
    """
    proven = proven_events.read()
    newest = max((line.seq for line in proven), default=0)
    hashes = {line.hash for line in proven}
    signed = AuditEvent.objects.filter(subject=tip.reference).exclude(mac="")
    last = _last_move(tip)
    is_untried = False
    is_forged = False
    for event in signed:
        counts = event == last or proven_events.names_what_keeps(event)
        if counts and event.hash not in hashes:
            if event.seq > newest:
                is_untried = True
            else:
                is_forged = True
    return is_untried, is_forged


def _delete(tip: Tip) -> None:
    """Delete a tip with all its entries; the audit log keeps only the reference.

    The caller holds the outbox's lock, so that no entry of this receipt can be drained between the two deletions.
    """
    outbox.forget(tip.lookup)
    with transaction.atomic():
        gone = [*tip.entries.values_list("pk", flat=True), *arrivals.ids(tip.lookup)]
        arrivals.forget(tip.lookup)
        recusal.keep_referrals_hidden(tip=tip)
        recusal.keep_hidden(tip=tip)
        public_results.forget(tip=tip)
        approvals.void_of_tip(tip=tip, by=None)
        Tip.objects.filter(pk=tip.pk).delete()
        empty = list(Referral.objects.filter(parts=None).values_list("reference", flat=True))
        Referral.objects.filter(reference__in=empty).delete()
        ledger.count(today=timezone.localdate())
        for name in (*empty, tip.reference):
            audit_log.record(
                by=None, act=AuditAct.PURGED, subject=name
            )  # after the rows, as every verb does
        # Only now: a deletion record for a tip that is still there would take it away at the next restore.
        transaction.on_commit(
            partial(deletion_records.add_deleted, entries=map(str, gone), lookup=tip.lookup)
        )
        transaction.on_commit(state_files.empty_write_ahead_log)
