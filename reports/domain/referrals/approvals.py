"""Approvals under a referral: what each allows, which of them count, and that they are void once anything changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import transitions
from reports.domain.audit import audit_log
from reports.domain.audit.findings import Finding
from reports.domain.errors import Refused
from reports.domain.people import roles, second_person
from reports.domain.rights import REFER, RUN_DESK
from reports.domain.tips import recusal
from reports.models import (
    Approval,
    AuditAct,
    AuditEvent,
    Referral,
    ReferralState,
    Relation,
    Tip,
    hidden_from,
)
from reports.models.audit import APPROVING

WAIT = timedelta(hours=24)  # how long a lone keyholder's approval stands before it counts

DRAFTED, APPROVED_ONCE, APPROVED, EXPORTED, CONFIRMED, WITHDRAWN = ReferralState

# Whatever changes a referral, or what is in it, voids its approvals: "change".
TRANSITIONS: dict[str, dict[str, ReferralState]] = {
    DRAFTED: {"approve": APPROVED_ONCE, "change": DRAFTED, "withdraw": WITHDRAWN},
    APPROVED_ONCE: {
        "approve": APPROVED,
        "approve_alone": APPROVED,
        "change": DRAFTED,
        "withdraw": WITHDRAWN,
    },
    APPROVED: {"export": EXPORTED, "change": DRAFTED, "withdraw": WITHDRAWN},
    EXPORTED: {"export": EXPORTED, "confirm": CONFIRMED, "withdraw": WITHDRAWN},
    CONFIRMED: {"take_back": EXPORTED},
    WITHDRAWN: {},
}
type Typists = Mapping[Tip, Collection[str]]  # who typed which tip for its sender, by name

UNSENT = [state for state, acts in TRANSITIONS.items() if "change" in acts]


def void(*, referral: Referral, by: User | None) -> None:
    """Take the approvals off a referral that has not left yet: it is a draft again."""
    with transaction.atomic():
        row = Referral.objects.select_for_update().get(pk=referral.pk)
        if row.status in UNSENT and (row.status != DRAFTED or row.approvals.exists()):
            row.approvals.all().delete()
            transitions.move(row, "change", table=TRANSITIONS, digest="", alone=False)
            audit_log.record(by=by, act=AuditAct.APPROVALS_VOID, subject=row.reference)
    referral.refresh_from_db(fields=["status", "digest", "alone"])


def void_of_tip(*, tip: Tip, by: User | None) -> None:
    """Take the approvals off every referral with this tip that has not left yet."""
    for referral in Referral.objects.filter(parts__tip=tip, status__in=UNSENT):
        void(referral=referral, by=by)


def counted(*, referral: Referral, digest: str, doubts: Iterable[Finding]) -> list[Approval]:
    """Return the approvals that count: on what has this digest, by members who still may, and as the log says.

    None does of a referral that was withdrawn, whatever its row says.
    """
    if AuditEvent.objects.filter(
        act=AuditAct.WITHDREW_REFERRAL, subject=referral.reference
    ).exists():
        return []
    given = referral.approvals.filter(digest=digest, user__in=keyholders()).select_related("user")
    found = list(doubts)

    def is_doubted(approval: Approval) -> bool:
        return any(doubt.is_of(approval) for doubt in found)

    return [approval for approval in given if not is_doubted(approval) and _may_still(approval)]


def have_read(*, referral: Referral) -> set[str]:
    """Return the names of those who had read the tips of a referral, each on its own page, when they approved it.

    Their newest approval in the log says so. What was approved before an approval asked for that says nothing of it.
    """
    events = AuditEvent.objects.filter(act__in=APPROVING, subject=referral.reference).order_by(
        "seq"
    )
    newest = {event.actor: event for event in events}
    return {name for name, event in newest.items() if event.detail.get("read") is True}


def _may_still(approval: Approval) -> bool:
    """Return whether who approved still has the rights that they approved with, and knows nobody in it."""
    user = approval.user
    has_rights = user.has_perm(REFER) and (not approval.team_lead or user.has_perm(RUN_DESK))
    return has_rights and not approval.referral.parts.filter(tip__in=hidden_from(user)).exists()


def keyholders() -> QuerySet[User]:
    """Return the members who can open tips here."""
    return User.objects.filter(member__granted__isnull=False, is_active=True, is_staff=True)


def can_approve(
    *, referral: Referral, typists: Typists | None = None
) -> list[tuple[str, datetime | None]]:
    """Return who can give the next approval, by name, and from when; None: now. Who knows someone in it is left out.

    So is, of its `typists`, who may not: nobody knows them while it is locked.
    """
    free = _free(referral)
    may_now = [user for user in free if not kept_from(by=user, typists=typists or {})]
    return second_person.from_when(may_now, REFER)


def _free(referral: Referral) -> QuerySet[User]:
    """Return who has the right to approve a referral, has not done so, and knows nobody in it."""
    tips = referral.parts.values_list("tip", flat=True)
    may = keyholders().filter(pk__in=roles.with_right(REFER))
    rest = may.exclude(pk__in=referral.approvals.values("user"))
    return rest.exclude(pk__in=recusal.recused(tips=tips)).order_by("username")


def waits_until(
    *, approvers: Collection[tuple[str, datetime | None]], given: int, user: User
) -> datetime | None:
    """Return until when too few of these `approvers` count; None if enough do now, or if time alone changes nothing.

    `given` is how many have approved. Where no other keyholder is left, `user` waits because one was put out.
    """
    later = sorted(when for _name, when in approvers if when)
    missing = 2 - given - (len(approvers) - len(later))
    if missing <= 0:
        return None
    if missing <= len(later):
        return later[missing - 1]
    return second_person.put_out_until(user=user)


def kept_from(*, by: User, typists: Typists) -> str:
    """Return why a member who typed one of these tips may not approve them; "" if they may."""
    try:
        require_not_typist(by=by, typists=typists)
    except Refused as refusal:
        return str(refusal)
    return ""


def require_not_typist(*, by: User, typists: Typists) -> bool:
    """Raise Refused if a member typed one of these tips for its sender and others can approve it.

    Each tip is looked at by itself: two others who count, one a Team lead, could approve it alone. If a
    colleague was put out, the member waits. Returns whether the member typed one all the same.
    """
    own = {tip: names for tip, names in typists.items() if by.get_username() in names}
    for tip, names in own.items():
        others = beside_typist(tip=tip, by=by, typists=names, right=REFER)
        if len(others) > 1 and any(user.has_perm(RUN_DESK) for user in others):
            message = "You typed %(tip)s for its sender, so two other people have to approve it."
            apart = "Draft a separate police referral for each tip that a team member typed."
            raise Refused(
                " ".join([message % {"tip": tip.reference}, *([apart] if len(typists) > 1 else [])])
            )
    return bool(own)


def beside_typist(*, tip: Tip, by: User, typists: Collection[str], right: str) -> list[User]:
    """Return who could act in place of a member who typed a tip for its sender, with this right.

    They are waited for, have not typed it, and can see it; that a relation hides it which `by` wrote does not
    count. Raises Refused if a colleague was put out. A name counts if the log knows that they typed something:
    whoever can seal to the desk could name anybody.
    """
    names = set(
        AuditEvent.objects.filter(act=AuditAct.RECORDED, actor__in=typists).values_list(
            "actor", flat=True
        )
    )
    if by.get_username() not in names:
        return []
    second_person.require_put_nobody_out(user=by)
    may = keyholders().filter(pk__in=roles.with_right(right)).exclude(username__in=names)
    if Relation.objects.confirmed().touching([tip]).filter(author=by.get_username()).exists():
        may = may.exclude(recusals__tip=tip)
    else:
        may = may.exclude(pk__in=recusal.recused(tips=[tip.pk]))
    return second_person.others(may, beside=by.get_username())


def lacking(*, referral: Referral, typists: Typists, needs_team_lead: bool) -> str:
    """Return which person a referral lacks that no waiting brings, and what to do; "" if enough can approve it."""
    given = list(referral.approvals.select_related("user"))
    rest = [user for user in _free(referral) if not kept_from(by=user, typists=typists)]
    people = [*(approval.user for approval in given), *rest]
    leads = [
        *(approval.team_lead for approval in given),
        *(user.has_perm(RUN_DESK) for user in rest),
    ]
    is_only_one = len(people) == 1 and not second_person.others(
        keyholders(), beside=people[0].get_username()
    )
    if len(people) < 2 and not is_only_one:
        return (
            "Not enough people here can approve this. A team lead can give another team member access, who can approve "
            "seven days later. If someone is in danger, phone."
        )
    if needs_team_lead and not any(leads):
        return (
            "A team lead must approve this, and no team lead here can. Seven days after one gets access, they can. If "
            "someone is in danger, phone."
        )
    return ""


def to_approve(*, by: User) -> int:
    """Return the number of referrals approved once whose second approval `by` can give now."""
    if not by.has_perm(REFER) or not keyholders().filter(pk=by.pk).exists():
        return 0
    return sum(_may_be_second(referral, user=by) for referral in Referral.objects.to_approve(by))


def _may_be_second(referral: Referral, *, user: User) -> bool:
    try:
        still_needed(given=[Approval(user=user), *referral.approvals.select_related("user")])
    except Refused:
        return False
    return True


def still_needed(
    *,
    given: Sequence[Approval],
    needs_team_lead: bool = False,
    alone: bool = False,
    now: datetime | None = None,
) -> int:
    """Return how many more people must approve. How many it takes, and who, is decided here and nowhere else.

    It takes two members who each counted as a second person when they approved. Where nobody else counts, the first one
    need not, and may stand `alone` a day later (at `now`). If the content `needs_team_lead`, one of them approved as a
    team lead. Raises Refused for `given` that are not enough for this, or not yet. An approval without a key is being
    given now.
    """
    if not given:
        return 1 if alone else 2
    has_second = len(given) > 1 or bool(
        second_person.others(keyholders(), beside=given[0].user.get_username())
    )
    if len({approval.user_id for approval in given}) < len(given):
        raise Refused("You have already approved this. Someone else must approve it too.")
    if alone and has_second:
        raise Refused("The team has more than one keyholder, so someone else has to approve it.")
    if alone and (now or timezone.now()) - given[0].approved_at < WAIT:
        raise Refused("As the only keyholder, wait 24 hours after approving. Sleep on it.")
    if has_second:
        _require_settled(given)
    team_leads = [approval for approval in given if approval.team_lead]
    if has_second:
        team_leads = [approval for approval in team_leads if not _is_new_team_lead(approval)]
    wanted = 1 if alone else 2
    needed = wanted - len(given)
    if needed == 0 and needs_team_lead and not team_leads:
        raise Refused("A team lead must approve this. The referral’s page says why.")
    return needed


def _is_new_team_lead(approval: Approval) -> bool:
    """Return whether who approved as a team lead was too new as one, though perhaps not as a keyholder."""
    at = approval.approved_at if approval.pk else None
    return second_person.settles_at(RUN_DESK, user=approval.user, at=at) is not None


def _require_settled(given: Iterable[Approval]) -> None:
    """Raise Refused if somebody's account was too new, when they approved, to count as a second person."""
    for approval in given:
        if not approval.pk:
            second_person.require_settled(REFER, user=approval.user)
        elif second_person.settles_at(REFER, user=approval.user, at=approval.approved_at):
            name = approval.user.get_username()
            raise Refused(
                f"{name} approved when their account was too new to count. Withdraw this referral and draft it again."
            )
