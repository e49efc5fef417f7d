"""Referrals that are stuck: approved and not exported, or exported and not confirmed. A tip is not closed over one.

Days come from the audit log, and so does whether a danger is written in a referral: none of it needs an unlocked desk.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Case, OuterRef, Subquery, When
from django.utils import timezone

from core.text import plural
from reports.domain.errors import Refused
from reports.models import (
    AuditAct,
    AuditEvent,
    Referral,
    ReferralQuerySet,
    ReferralState,
    Status,
    Tip,
)
from reports.models.audit import APPROVING

UNSENT_AFTER = timedelta(days=1)
UNCONFIRMED_AFTER = timedelta(days=7)
WAITS = (ReferralState.APPROVED, ReferralState.EXPORTED)


class Waiting(NamedTuple):
    """A referral that waits to be exported or to be confirmed, for how many days, and whether a danger is in it."""

    referral: Referral
    days: int
    has_ground: bool

    @property
    def is_unsent(self) -> bool:
        """Return whether it is approved and was not exported."""
        return self.referral.status == ReferralState.APPROVED

    @property
    def is_stuck(self) -> bool:
        """Return whether it has waited so long that somebody must be told; one with a danger must leave at once."""
        if self.is_unsent:
            return self.has_ground or self.days >= UNSENT_AFTER.days
        return self.days >= UNCONFIRMED_AFTER.days

    @property
    def words(self) -> str:
        """Return what it waits for and since when, as what follows its reference."""
        ago = "today"
        if self.days:
            ago = plural(self.days, "1 day ago", f"{self.days} days ago")
        if self.is_unsent:
            return f"approved {ago}, not exported"
        return f"exported {ago}, not confirmed"


def timed(referrals: ReferralQuerySet) -> ReferralQuerySet:
    """Return the referrals with what `waiting_of` needs: since when each waits, and the last act about a danger."""
    events = AuditEvent.objects.filter(subject=OuterRef("reference"))
    approved = events.filter(act__in=APPROVING).order_by("-seq").values("at")[:1]
    exported = events.filter(act=AuditAct.EXPORTED).order_by("seq").values("at")[:1]
    ground = (
        events.filter(act__in=[AuditAct.DANGER_NAMED, AuditAct.DANGER_TAKEN_BACK])
        .order_by("-seq")
        .values("act")
    )
    since = Case(
        When(status=ReferralState.APPROVED, then=Subquery(approved)),
        When(status=ReferralState.EXPORTED, then=Subquery(exported)),
        default=None,
    )
    return referrals.annotate(waits_since=since, last_ground=Subquery(ground[:1]))


def waiting_of(referral: Referral, *, today: date) -> Waiting | None:
    """Return how one of the `timed` referrals waits; None for one that does not."""
    if referral.status not in WAITS:
        return None
    facts = vars(referral)
    since: datetime | None = facts["waits_since"]
    day = timezone.localdate(since) if since else referral.since
    return Waiting(
        referral, max(0, (today - day).days), facts["last_ground"] == AuditAct.DANGER_NAMED
    )


def stuck(referrals: ReferralQuerySet, *, today: date) -> list[Waiting]:
    """Return those of these referrals that are stuck: first those with a danger, then the oldest."""
    rows = timed(referrals.filter(status__in=WAITS)).defer("sealed")
    are_stuck = [one for one in _waiting(rows, today=today) if one.is_stuck]
    return sorted(
        are_stuck, key=lambda one: (not one.has_ground, -one.days, one.referral.reference)
    )


def require_sent(*, tip: Tip, by: User) -> None:
    """Raise Refused while an approved referral with this tip was not exported, unless a danger is written in it."""
    held_up = [one for one in _unsent(tip) if not one.has_ground]
    if not held_up:
        return
    seen = Referral.objects.visible_to(by).filter(pk__in=[one.referral.pk for one in held_up])
    names = [
        f"police referral {row.reference}" for row in seen.order_by("reference").defer("sealed")
    ]
    name = names[0] if names else "a police referral that you cannot see"
    raise Refused(
        f"This tip is in {name}, which is approved and has not been sent. Export or withdraw that first."
    )


def warning(*, tip: Tip) -> str:
    """Return what to say of a tip that is closed over an approved, unsent referral; "" of any other."""
    is_closed = tip.decided is not None and tip.status != Status.LINKED
    names = []
    if is_closed:
        names = [one.referral.reference for one in _unsent(tip)]
    if not names:
        return ""
    return f"{tip.reference} is in {names[0]}, which is about a danger and has not been sent. Export it now."


def _unsent(tip: Tip) -> list[Waiting]:
    """Return the approved referrals with a tip that were not exported."""
    rows = timed(Referral.objects.filter(parts__tip=tip, status=ReferralState.APPROVED)).defer(
        "sealed"
    )
    return list(_waiting(rows, today=timezone.localdate()))


def _waiting(rows: ReferralQuerySet, *, today: date) -> Iterator[Waiting]:
    """Yield how each of the `timed` referrals waits that does."""
    for row in rows:
        waiting = waiting_of(row, today=today)
        if waiting:
            yield waiting
