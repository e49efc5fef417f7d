"""Recusals (“I know someone here”): a member hides a tip from themself, and only another team lead can lift that.

Where there is no other team lead, another member can who may read the tip.

Tips confirmed as related are hidden with it (`hidden_from` in the models), and so are those that name the same house,
plate or number, until a colleague has compared them.
"""

import uuid
from collections.abc import Iterable
from contextlib import suppress

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from reports.domain import drafts
from reports.domain.audit import audit_log, columns
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Hidden, Refused
from reports.domain.keys import sealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts, roles, second_person
from reports.domain.people.accounts import Reauthentication
from reports.domain.rights import READ_TIP, RUN_DESK
from reports.domain.tips import reasons
from reports.models import (
    AuditAct,
    Recusal,
    Referral,
    Relation,
    Tip,
    Verdict,
    hidden_from,
    hidden_keys,
)

# Why a hidden tip is shown again, as the log says it: a key, so that no word of a tip gets there.
LIFT_REASONS = {
    "mistake": "they had hidden it by mistake",
    "stranger": "they do not know anyone in it after all",
    "needed": "nobody else can deal with it",
}


def recuse(*, tip: Tip, by: User, reason: str, keys: Keys) -> Recusal:
    """Hide a tip and all tips related to it from `by`; team leads can read the reason.

    Raises Refused if nobody else with a key could read one of these tips then: it would stay unread, however urgent.
    """
    require_free(tip=tip, by=by)
    new = Recusal(id=uuid.uuid4(), tip=tip, user=by)
    reasons.seal(new, reason=reason)
    with transaction.atomic():
        list(
            Tip.objects.select_for_update().filter(pk__in=_together([tip.pk])).order_by("pk")
        )  # concurrent recusals take turns
        new.save(force_insert=True)
        spread(tips=_together([tip.pk]))
        audit_log.record(
            by=by, act=AuditAct.RECUSED, subject=tip.reference, rows=Named([new], keys=keys)
        )
    return new


def hide_unseen(*, tip: Tip, others: Iterable[Tip], keys: Keys) -> None:
    """Hide other tips, which name the same as a recused one, from its members until a colleague has compared them.

    What a member has said of two tips stands. A tip that nobody could read any more stays as it is.
    """
    by_key = {other.pk: other for other in others}
    for row in Relation.objects.touching([tip.pk]):
        by_key.pop({row.low_id, row.high_id}.difference([tip.pk]).pop(), None)
    with transaction.atomic():
        list(Tip.objects.select_for_update().filter(pk__in=[tip.pk, *by_key]).order_by("pk"))
        try:
            _hide(tip, list(by_key.values()), keys)
        except Refused:
            for other in by_key.values():
                with suppress(Refused):
                    _hide(tip, [other], keys)


def _hide(tip: Tip, others: list[Tip], keys: Keys) -> None:
    """Write that these may be related, and hide them, all or none."""
    rows: dict[str, Relation] = {}
    for other in others:
        low, high = sorted((tip, other), key=lambda end: end.pk)
        rows[other.reference] = Relation(
            id=uuid.uuid4(), low=low, high=high, verdict=Verdict.POSSIBLE
        )
        sealed.fill(rows[other.reference], {"reason": ""})
    if not rows:
        return
    with transaction.atomic():
        Relation.objects.bulk_create(rows.values())
        spread(tips=[tip.pk, *(other.pk for other in others)])
        act = AuditAct.HIDDEN_UNSEEN
        named = {other: Named([row], keys=keys) for other, row in rows.items()}
        details = {other: {"other": tip.reference} for other in rows}
        audit_log.record_each(by=None, act=act, subjects=list(rows), details=details, rows=named)
        every = Named(list(rows.values()), keys=keys)
        audit_log.record(by=None, act=AuditAct.CONFIRMED_ROWS, subject=tip.reference, rows=every)


def lift(
    *, recusal: Recusal, by: User, reason: str, keys: Keys, reauthentication: Reauthentication
) -> None:
    """End a recusal, never one's own, for a key of LIFT_REASONS that the log says.

    A team lead can who counts as a second person, or another such member who may read the tip where there is no other
    team lead.
    """
    may_without = by.has_perm(READ_TIP) and _has_no_team_lead(recusal)
    if not may_without:
        reasons.require_team_lead(by=by)
    second_person.require_settled(READ_TIP if may_without else RUN_DESK, user=by)
    require_free(tip=recusal.tip, by=by)
    accounts.require_reauthentication(by=by, reauthentication=reauthentication)
    if reason not in LIFT_REASONS:
        raise Refused("Choose why they can see this tip again.")
    with transaction.atomic():
        Recusal.objects.filter(pk=recusal.pk).delete()
        rows = Named(deleted=[recusal], keys=keys)
        to = recusal.user.get_username()
        audit_log.record(
            by=by,
            act=AuditAct.RECUSAL_LIFTED,
            subject=recusal.tip.reference,
            rows=rows,
            to=to,
            reason=reason,
        )


def _has_no_team_lead(recusal: Recusal) -> bool:
    """Return whether no team lead beside the recused member can lift it, and that none was put out."""
    others = roles.team_leads().filter(member__granted__isnull=False).exclude(pk=recusal.user_id)
    can = any(not hides(tip=recusal.tip, user=user) for user in others)
    return not can and second_person.put_out_until(user=recusal.user) is None


def require_free(*, tip: Tip, by: User) -> None:
    """Raise Hidden if the tip is hidden from the member."""
    if hides(tip=tip, user=by):
        raise Hidden(
            "This tip is hidden from you, because you know someone in it or in a related tip."
        )


def hides(*, tip: Tip, user: User) -> bool:
    """Return whether a tip is hidden from a user."""
    return Tip.objects.filter(pk=tip.pk).filter(pk__in=hidden_from(user)).exists()


def recused(*, tips: Iterable[uuid.UUID]) -> QuerySet[User]:
    """Return the members from whom one of these tips is hidden."""
    return User.objects.filter(recusals__tip__in=_together(tips))


def spread(*, tips: Iterable[uuid.UUID]) -> None:
    """Take tips from those from whom they have just been hidden, with their drafts about them; in that transaction.

    Raises Refused if nobody with a key could read one of them any more. Does nothing without a recusal.
    """
    unread = set(tips)
    recused = User.objects.filter(recusals__tip__in=unread).distinct()
    if not recused:
        return
    for member in recused:
        hidden = Tip.objects.filter(pk__in=unread).filter(pk__in=hidden_from(member))
        hidden.filter(assignee=member).update(assignee=None)
        had = hidden.filter(
            pk__in=Tip.objects.taken().filter(acknowledged_by=member.get_username()).values("pk")
        )
        had.update(
            acknowledged_by="", acknowledged_at=None, alarm_at=None
        )  # nobody has it now: it rings again
        drafts.forget_hidden(user=member)
    for reader in _readers():
        unread &= {row["tip"] for row in hidden_from(reader)}
    if unread:
        raise Refused(
            "Nobody else could read this tip then. Ask a team lead to give someone access first."
        )


def keep_hidden(*, tip: Tip) -> None:
    """Go on hiding what is hidden as related to a tip that is about to be deleted, until a team lead lifts that.

    What is related to that in turn is hidden with it. Where nobody could read one of these then, it is shown instead.
    """
    for member in User.objects.filter(recusals__tip=tip):
        for other in Tip.objects.filter(pk__in=_together([tip.pk]) - {tip.pk}).exclude(
            recusals__user=member
        ):
            new = Recusal(id=uuid.uuid4(), tip=other, user=member)
            reasons.seal(
                new,
                reason="This tip is related to a tip that was hidden from them and has been deleted.",
            )
            with suppress(Refused), transaction.atomic():
                new.save(force_insert=True)
                spread(tips=_together([other.pk]))
                subject = other.reference
                to = member.get_username()
                row = columns.name(new, subject=subject)
                digest = columns.digest(new)
                audit_log.record(
                    by=None, act=AuditAct.KEPT_HIDDEN, subject=subject, to=to, row=row, hash=digest
                )


def keep_referrals_hidden(*, tip: Tip) -> None:
    """Go on hiding the referrals of a tip that is about to be deleted, and what outlives them, from whom it is hidden.

    For good: the event says it, which `Referral.objects.visible_to` reads. Others go on with them.
    """
    references = list(Referral.objects.filter(parts__tip=tip).values_list("reference", flat=True))
    if not references:
        return
    for member in recused(tips=[tip.pk]).distinct():
        to = member.get_username()
        for reference in references:
            audit_log.record(by=None, act=AuditAct.KEPT_REFERRAL_HIDDEN, subject=reference, to=to)


def hidden_from_all() -> QuerySet[Tip]:
    """Return the tips that are hidden from everyone who could read them: only a change of the database does that."""
    hidden = [hidden_keys(reader) for reader in _readers()]
    from_all = set.intersection(*hidden) if hidden else set()
    return Tip.objects.filter(pk__in=from_all).order_by("reference")


def _readers() -> QuerySet[User]:
    """Return the members with a key who may read tips."""
    return roles.with_right(READ_TIP).filter(is_staff=True, member__granted__isnull=False)


def shown_to(*, by: User) -> QuerySet[Recusal]:
    """Return the recusals that a member may lift: none of a tip that is hidden from them."""
    rows = Recusal.objects.exclude(tip__in=hidden_from(by)).select_related("tip", "user")
    if by.has_perm(RUN_DESK):
        return rows
    return rows.filter(pk__in=[row.pk for row in rows if _has_no_team_lead(row)])


def _together(tips: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return the keys of these tips and of the tips that are or may be related to one of them."""
    keys = set(tips)
    return keys.union(*Relation.objects.hiding().touching(keys).values_list("low", "high"))
