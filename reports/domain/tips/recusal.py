"""“I know someone here”: a member hides a tip from themself, and only another lead shows it to them again.

What a colleague confirms as related to it is hidden with it, for as long as it is. `hidden_from` says what that is.
"""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.errors import Hidden, Refused
from reports.domain.tips import reasons
from reports.models import AuditAct, Recusal, Relation, Tip, hidden_from

if TYPE_CHECKING:
    from django.db.models import QuerySet

BACKEND = "django.contrib.auth.backends.ModelBackend"


def recuse(*, tip: Tip, by: User, reason: str) -> Recusal:
    """Hide a tip, all that comes under its receipt and all that is related to it from `by`; leads can read why.

    Refused when nobody else with a key could read one of these then: it would lie there unread, however urgent.
    """
    require_free(tip=tip, by=by)
    new = Recusal(id=uuid.uuid4(), tip=tip, user=by)
    reasons.seal(new, reason=reason)
    with transaction.atomic():
        list(Tip.objects.select_for_update().filter(pk__in=_together(tip)).order_by("pk"))  # two at once take turns
        new.save(force_insert=True)
        spread(tips=_together(tip))
        audit.record(by=by, act=AuditAct.RECUSED, subject=tip.reference)
    return new


def lift(*, recusal: Recusal, by: User) -> None:
    """Show the tip to the member again; a lead does it, and never for themself."""
    reasons.require_lead(by=by)
    require_free(tip=recusal.tip, by=by)
    with transaction.atomic():
        Recusal.objects.filter(pk=recusal.pk).delete()
        audit.record(by=by, act=AuditAct.RECUSAL_LIFTED, subject=recusal.tip.reference, to=recusal.user.get_username())


def require_free(*, tip: Tip, by: User) -> None:
    """Refuse a member who has recused themself from the tip."""
    if hides(tip=tip, user=by):
        raise Hidden(_("This tip is hidden from you: you know someone in it, or in a tip that is related to it."))


def hides(*, tip: Tip, user: User) -> bool:
    """Return whether a tip is hidden from somebody."""
    return Tip.objects.filter(pk=tip.pk).filter(pk__in=hidden_from(user)).exists()


def spread(*, tips: Iterable[uuid.UUID]) -> None:
    """Take tips that have just been hidden from members off their lists; in the transaction that hides them.

    Raises Refused when nobody with a key could read one of them any more. Without a recusal it does nothing.
    """
    unread = set(tips)
    recused = User.objects.filter(recusals__tip__in=unread).distinct()
    if not recused:
        return
    for member in recused:
        Tip.objects.filter(pk__in=unread, assignee=member).filter(pk__in=hidden_from(member)).update(assignee=None)
    for reader in _readers():
        unread &= {row["tip"] for row in hidden_from(reader)}
    if unread:
        raise Refused(_("Nobody else at this desk could read it then. Ask a lead to let somebody in first."))


def shown_to(*, by: User) -> "QuerySet[Recusal]":
    """Return the recusals that a lead may know of: none of a tip that is hidden from themself."""
    reasons.require_lead(by=by)
    return Recusal.objects.exclude(tip__in=hidden_from(by)).select_related("tip", "user")


def _together(tip: Tip) -> set[uuid.UUID]:
    """Return the keys of a tip and of what is confirmed as related to it."""
    pairs = Relation.objects.confirmed().touching([tip.pk]).values_list("low", "high")
    return {tip.pk, *(key for pair in pairs for key in pair)}


def _readers() -> "QuerySet[User]":
    """Return those who have a key and may read tips."""
    may = User.objects.with_perm("reports.read_tip", backend=BACKEND)
    return may.filter(is_active=True, is_staff=True, member__granted__isnull=False)
