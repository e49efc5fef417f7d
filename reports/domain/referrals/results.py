"""What became of a police referral, as the police said: written at their receipt, answered later, kept for two years.

The referral is gone by then with its tips, so this names neither. Only those who may refer tips see a result: never a
sender, never a tip's page.
"""

from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import roles
from reports.domain.referrals import denials, exported
from reports.domain.rights import REFER, RUN_DESK
from reports.domain.tips.metadata import monday
from reports.domain.triage import relations
from reports.graphics import pdf
from reports.models import AuditAct, AuditEvent, Referral, ReferralResult, Tip
from reports.models.audit import APPROVING

RESULTS = pdf.RESULTS
WRONG = pdf.WRONG
BORNE_OUT = "borne_out"
NOT_BORNE_OUT = "not_borne_out"
KEPT = timedelta(days=2 * 365)
ASK_AFTER = timedelta(days=60)
SHAPE = dict.fromkeys(("sources", "letter", "result", "wrong", "month"), str)


def begin(*, referral: Referral, keys: Keys) -> None:
    """Write what outlives a referral, in the transaction of its receipt: its sources, at most, and weakest letter."""
    tips = list(Tip.objects.filter(referral_parts__referral=referral))
    denied: dict[UUID, str] = {}
    letter = ""
    with suppress(Swapped):  # the receipt does not wait for what does not open
        denied = denials.marked(tips=tips, keys=keys)
    with suppress(Swapped):
        letter = max(exported.letters(referral=referral, keys=keys), default="")
    most = relations.between(tips=tips, denied=denied).most
    week = monday(timezone.localdate())
    row = ReferralResult(id=referral.pk, reference=referral.reference, week=week)
    sealed.fill(
        row, {"sources": str(most), "letter": letter, "result": "", "wrong": "", "month": ""}
    )
    row.save(force_insert=True)


def forget(*, referral: Referral) -> None:
    """Delete the row of a referral whose receipt is taken back, with any result."""
    ReferralResult.objects.filter(pk=referral.pk).delete()


def forget_old(*, today: date) -> int:
    """Delete rows two years after their week, also those that a restored backup brought back; return how many."""
    return ReferralResult.objects.filter(week__lt=today - KEPT).delete()[0]


def record(*, row: ReferralResult, result: str, wrong: str, by: User, keys: Keys) -> None:
    """Record what the police said: a key of RESULTS and, if it was not borne out, of WRONG. The newest counts.

    The month is this one. Raises Refused for a choice that was not made.
    """
    if result not in RESULTS:
        raise Refused("Choose what became of it.")
    if result == NOT_BORNE_OUT and wrong not in WRONG:
        raise Refused("Say whether it was the wrong address or the wrong person.")
    if result != NOT_BORNE_OUT:
        wrong = ""
    _require_free(row, by=by)
    with transaction.atomic():
        locked = ReferralResult.objects.select_for_update().filter(pk=row.pk).first()
        if locked is None:
            raise Refused(
                "A team lead has taken back the receipt of this referral, so there is no result to record."
            )
        if locked.unread and wrong != "yes":
            raise Refused(
                "Somebody recorded a wrong address or person. It cannot change until both who approved, and a team "
                "lead, have read it."
            )
        inside = unsealed.content(locked, keys=keys, **SHAPE)
        month = f"{timezone.localdate():%Y-%m}"
        sealed.fill(locked, inside | {"result": result, "wrong": wrong, "month": month})
        locked.answered = True
        locked.unread = wrong == "yes"
        locked.save()
        audit_log.record(by=by, act=AuditAct.RECORDED_RESULT, subject=row.reference)
        _settle(locked)


def read(*, row: ReferralResult, by: User, keys: Keys) -> dict[str, str]:
    """Return what is sealed in a row, after recording that `by` has read its result, if it has one."""
    _require_free(row, by=by)
    with transaction.atomic():
        if row.answered:
            audit_log.record(by=by, act=AuditAct.READ_RESULT, subject=row.reference)
            _settle(row)
        return unsealed.content(row, keys=keys, **SHAPE)


def to_read(*, by: User) -> list[ReferralResult]:
    """Return the results “wrong address or person” that a member must read: who approved it, and a team lead."""
    if not by.has_perm(REFER):
        return []
    rows = ReferralResult.objects.filter(unread=True).visible_to(by).defer("sealed")
    return [row for row in rows if by.get_username() in _must_read(row)]


def unanswered(*, by: User, today: date) -> list[tuple[ReferralResult, int]]:
    """Return the rows without a result from 60 days after the receipt, the oldest first, and the days since it."""
    rows = []
    for row in with_receipt(ReferralResult.objects.filter(answered=False).visible_to(by)):
        at = vars(row)["confirmed_at"]
        days = (today - (timezone.localdate(at) if at else row.week)).days
        if days >= ASK_AFTER.days:
            rows.append((row, days))
    return rows


def with_receipt(rows: QuerySet[ReferralResult]) -> QuerySet[ReferralResult]:
    """Return the rows, the oldest first, each with when its receipt was confirmed."""
    events = AuditEvent.objects.filter(
        act=AuditAct.CONFIRMED_REFERRAL, subject=OuterRef("reference")
    )
    return rows.annotate(confirmed_at=Subquery(events.order_by("-seq").values("at")[:1])).defer(
        "sealed"
    )


def _require_free(row: ReferralResult, *, by: User) -> None:
    """Raise Refused unless a member may refer tips, and sees this referral if it is still there."""
    if (
        not by.has_perm(REFER)
        or not ReferralResult.objects.visible_to(by).filter(pk=row.pk).exists()
    ):
        raise Refused("You cannot see what became of this referral.")


def _settle(row: ReferralResult) -> None:
    """Say in clear that all have read a result who must."""
    if row.unread and not _must_read(row):
        row.unread = False
        ReferralResult.objects.filter(pk=row.pk).update(unread=False)


def _must_read(row: ReferralResult) -> set[str]:
    """Return who has yet to read the newest result: those who approved the referral, and one team lead beside them.

    The audit log knows. Who has left or may refer nothing now is not waited for. Who recorded it has read it.
    """
    approvers = set[str]()
    readers = set[str]()
    for event in AuditEvent.objects.filter(subject=row.reference).order_by("seq"):
        if event.act == AuditAct.APPROVALS_VOID:
            approvers.clear()
        elif event.act in APPROVING:
            approvers.add(event.actor)
        elif event.act == AuditAct.RECORDED_RESULT:
            readers = {event.actor}
        elif event.act == AuditAct.READ_RESULT:
            readers.add(event.actor)
    may_refer = set(roles.with_right(REFER).values_list("username", flat=True))
    leads = set(roles.with_right(RUN_DESK).values_list("username", flat=True)) - approvers
    waits_for = (approvers & may_refer) - readers
    if not leads & readers:
        waits_for |= leads
    return waits_for
