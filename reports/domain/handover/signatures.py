"""Signatures under a pack: they fall as soon as anything in it changes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from reports.domain import audit, vouching
from reports.domain.errors import Refused
from reports.domain.people import accounts
from reports.models import AuditAct, Member, Pack, PackState, Signature, Tip

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.models import PackQuerySet

UNSENT = (PackState.SIGNED_ONCE, PackState.SIGNED)


def void(*, pack: Pack, by: "User | None") -> None:
    """Take the signatures off a pack that has not left yet: it is a draft again."""
    with transaction.atomic():
        if Pack.objects.filter(pk=pack.pk, state__in=UNSENT).update(state=PackState.DRAFTED, digest="", alone=False):
            gone = list(pack.signatures.all())
            pack.signatures.all().delete()
            named = vouching.of(pack.reference, gone=gone)
            audit.record(by=by, act=AuditAct.SIGNATURES_VOID, subject=pack.reference, **named)
    pack.refresh_from_db(fields=["state", "digest", "alone"])


def void_of_tip(*, tip: Tip, by: "User | None") -> None:
    """Take the signatures off every pack with this tip that has not left yet."""
    for pack in with_tip(tip=tip).filter(state__in=UNSENT):
        void(pack=pack, by=by)


def with_tip(*, tip: Tip) -> "PackQuerySet":
    """Return the packs that a tip is in."""
    return Pack.objects.filter(parts__tip=tip)


def second_keyholder(*, to: "User") -> bool:
    """Return whether anybody but this member can open tips here and counts as a second person."""
    members = Member.objects.filter(granted__isnull=False, user__is_active=True, user__is_staff=True)
    return accounts.settled(members.exclude(user=to).values_list("user__username", flat=True), beside=to.get_username())


def require_two(*, before: Iterable[Signature], by: "User") -> None:
    """Raise Refused where a signature would not count as one of two people's, as the account is too new.

    Where nobody but `by` counts, they may sign: it counts as the only keyholder's does, after a day.
    """
    earlier = next(iter(before), None)
    if earlier is None and not second_keyholder(to=by):
        return
    accounts.require_settled(user=by)
    if earlier and accounts.settles_at(user=earlier.user, at=earlier.signed_at):
        said = _("%(name)s signed while their account was too new to count. Withdraw this pack and draft it again.")
        raise Refused(said % {"name": earlier.name})
