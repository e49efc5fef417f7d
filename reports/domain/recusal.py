"""“I know someone here”: a member hides a tip from themself, and only another lead shows it to them again."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction

from reports.domain import audit, reasons
from reports.domain.errors import Hidden, Refused
from reports.models import Recusal, Tip

if TYPE_CHECKING:
    from django.db.models import QuerySet

BACKEND = "django.contrib.auth.backends.ModelBackend"


def recuse(*, tip: Tip, by: User, reason: str) -> Recusal:
    """Hide a tip, and all that comes under its receipt, from `by`; the reason is sealed for the leads.

    Refused when nobody else with a key could read it then: it would lie there unread, however urgent.
    """
    require_free(tip=tip, by=by)
    new = Recusal(id=uuid.uuid4(), tip=tip, user=by)
    reasons.seal(new, reason=reason)
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)  # two who leave at once take turns
        if not _others(tip, by=by):
            raise Refused("Nobody else at this desk could read it then. Ask a lead to let somebody in first.")
        new.save(force_insert=True)
        Tip.objects.filter(pk=tip.pk, assignee=by).update(assignee=None)
        audit.record(by=by, act="recused", subject=tip.reference)
    return new


def lift(*, recusal: Recusal, by: User) -> None:
    """Show the tip to the member again; a lead does it, and never for themself."""
    reasons.require_lead(by=by)
    require_free(tip=recusal.tip, by=by)
    with transaction.atomic():
        Recusal.objects.filter(pk=recusal.pk).delete()
        audit.record(by=by, act="recusal-lifted", subject=recusal.tip.reference, to=recusal.user.get_username())


def require_free(*, tip: Tip, by: User) -> None:
    """Refuse a member who has recused themself from the tip."""
    if Recusal.objects.filter(tip=tip, user=by).exists():
        raise Hidden("This tip is hidden from you: you said that you know someone in it.")


def shown_to(*, by: User) -> "QuerySet[Recusal]":
    """Return the recusals that a lead may know of: none of a tip that is hidden from themself."""
    reasons.require_lead(by=by)
    return Recusal.objects.exclude(tip__recusals__user=by).select_related("tip", "user")


def _others(tip: Tip, *, by: User) -> bool:
    """Return whether anybody else who has a key may read the tip."""
    may = User.objects.with_perm("reports.read_tip", backend=BACKEND)
    there = may.filter(is_active=True, is_staff=True, member__granted__isnull=False)
    return bool(there.exclude(pk=by.pk).exclude(recusals__tip=tip).exists())
