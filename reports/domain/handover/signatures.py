"""Signatures under a pack: they fall as soon as anything in it changes."""

from typing import TYPE_CHECKING

from django.db import transaction

from reports.domain import audit
from reports.models import AuditAct, Member, Pack, PackState, Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.models import PackQuerySet

UNSENT = (PackState.SIGNED_ONCE, PackState.SIGNED)


def void(*, pack: Pack, by: "User | None") -> None:
    """Take the signatures off a pack that has not left yet: it is a draft again."""
    with transaction.atomic():
        if Pack.objects.filter(pk=pack.pk, state__in=UNSENT).update(state=PackState.DRAFTED, digest="", alone=False):
            pack.signatures.all().delete()
            audit.record(by=by, act=AuditAct.SIGNATURES_VOID, subject=pack.reference)
    pack.refresh_from_db(fields=["state", "digest", "alone"])


def void_of_tip(*, tip: Tip, by: "User | None") -> None:
    """Take the signatures off every pack with this tip that has not left yet."""
    for pack in with_tip(tip=tip).filter(state__in=UNSENT):
        void(pack=pack, by=by)


def with_tip(*, tip: Tip) -> "PackQuerySet":
    """Return the packs that a tip is in."""
    return Pack.objects.filter(parts__tip=tip)


def keyholders() -> int:
    """Return how many people can open tips here."""
    return Member.objects.filter(granted__isnull=False, user__is_active=True, user__is_staff=True).count()
