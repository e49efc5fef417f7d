"""Approvals under a referral: what each allows, which of them count, and that they are void once anything changes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core import transitions
from reports.domain import audit
from reports.domain.errors import Refused
from reports.domain.people import roles, second_person
from reports.domain.tips import recusal
from reports.models import Approval, AuditAct, AuditEvent, Referral, ReferralState, Tip, hidden_from

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from reports.domain.audit.findings import Finding

DRAFTED, APPROVED_ONCE, APPROVED, EXPORTED, CONFIRMED, WITHDRAWN = ReferralState

# Whatever changes a referral, or what is in it, voids its approvals: "change".
TRANSITIONS: dict[str, dict[str, ReferralState]] = {
    DRAFTED: {"approve": APPROVED_ONCE, "change": DRAFTED, "withdraw": WITHDRAWN},
    APPROVED_ONCE: {"approve": APPROVED, "approve_alone": APPROVED, "change": DRAFTED, "withdraw": WITHDRAWN},
    APPROVED: {"export": EXPORTED, "change": DRAFTED, "withdraw": WITHDRAWN},
    EXPORTED: {"export": EXPORTED, "confirm": CONFIRMED, "withdraw": WITHDRAWN},
    CONFIRMED: {},
    WITHDRAWN: {},
}
UNSENT = [state for state, acts in TRANSITIONS.items() if "change" in acts]


def void(*, referral: Referral, by: User | None) -> None:
    """Take the approvals off a referral that has not left yet: it is a draft again."""
    with transaction.atomic():
        row = Referral.objects.select_for_update().get(pk=referral.pk)
        if row.status in UNSENT and (row.status != DRAFTED or row.approvals.exists()):
            row.approvals.all().delete()
            transitions.move(row, "change", table=TRANSITIONS, digest="", alone=False)
            audit.record(by=by, act=AuditAct.APPROVALS_VOID, subject=row.reference)
    referral.refresh_from_db(fields=["status", "digest", "alone"])


def void_of_tip(*, tip: Tip, by: User | None) -> None:
    """Take the approvals off every referral with this tip that has not left yet."""
    for referral in Referral.objects.filter(parts__tip=tip, status__in=UNSENT):
        void(referral=referral, by=by)


def counted(*, referral: Referral, digest: str, doubts: "Iterable[Finding]") -> list[Approval]:
    """Return the approvals that count: on what has this digest, by members who still may, and as the log says.

    None does of a referral that was withdrawn, whatever its row says.
    """
    if AuditEvent.objects.filter(act=AuditAct.WITHDREW_REFERRAL, subject=referral.reference).exists():
        return []
    given = referral.approvals.filter(digest=digest, user__in=keyholders()).select_related("user")
    sound = [approval for approval in given if not any(doubt.is_of(approval) for doubt in doubts)]
    return [approval for approval in sound if _may_still(approval)]


def _may_still(approval: Approval) -> bool:
    """Return whether who approved still has the rights that they approved with, and knows nobody in it."""
    user = approval.user
    has_rights = user.has_perm("reports.refer") and (not approval.team_lead or user.has_perm("reports.run_desk"))
    return has_rights and not approval.referral.parts.filter(tip__in=hidden_from(user)).exists()


def keyholders() -> "QuerySet[User]":
    """Return the members who can open tips here."""
    return User.objects.filter(member__granted__isnull=False, is_active=True, is_staff=True)


def can_approve(*, referral: Referral) -> "list[tuple[str, datetime | None]]":
    """Return who can give the next approval, by name, and from when; None: now. Who knows someone in it is left out."""
    tips = referral.parts.values_list("tip", flat=True)
    may = keyholders().filter(pk__in=roles.with_right("reports.refer"))
    rest = may.exclude(pk__in=referral.approvals.values("user"))
    return second_person.from_when(rest.exclude(pk__in=recusal.recused(tips=tips)).order_by("username"))


def to_approve(*, by: User) -> int:
    """Return the number of referrals approved once whose second approval `by` can give now."""
    if not by.has_perm("reports.refer") or not keyholders().filter(pk=by.pk).exists():
        return 0
    return sum(_may_be_second(referral, user=by) for referral in Referral.objects.to_approve(by))


def _may_be_second(referral: Referral, *, user: User) -> bool:
    try:
        require_two(before=referral.approvals.select_related("user"), by=user)
    except Refused:
        return False
    return True


def require_two(*, before: Iterable[Approval], by: User) -> None:
    """Raise Refused where an approval would not count as one of two people's, as the account is too new.

    Where nobody but `by` counts, they may approve: it counts as the only keyholder's does, after a day.
    """
    earlier = next(iter(before), None)
    if earlier is None and not second_person.others(keyholders(), beside=by.get_username()):
        return
    second_person.require_settled(user=by)
    if earlier and second_person.settles_at(user=earlier.user, at=earlier.approved_at):
        message = _(
            "%(name)s approved when their account was too new to count. Withdraw this referral and draft it again."
        )
        raise Refused(message % {"name": earlier.name})
