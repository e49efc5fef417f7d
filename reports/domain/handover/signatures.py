"""Signatures under a pack, each made with its member's own key: they fall as soon as anything in it changes."""

from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.errors import Refused
from reports.domain.people import accounts
from reports.models import AuditAct, AuditEvent, Member, Pack, PackState, Signature, Tip
from reports.sealing import signing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.own_keys import OwnKey
    from reports.models import PackQuerySet

UNSENT = (PackState.SIGNED_ONCE, PackState.SIGNED)
FALL = (AuditAct.SIGNATURES_VOID, AuditAct.WITHDREW_PACK)


def void(*, pack: Pack, by: "User | None") -> None:
    """Take the signatures off a pack that has not left yet: it is a draft again."""
    with transaction.atomic():
        signed = Pack.objects.filter(pk=pack.pk, state__in=UNSENT)
        planted = Pack.objects.filter(pk=pack.pk, state=PackState.DRAFTED, signatures__isnull=False)
        if signed.update(state=PackState.DRAFTED, digest="", alone=False) or planted.exists():
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


def put(signature: Signature, *, own: "OwnKey") -> None:
    """Sign with the member's own key what the row says; raises Refused for a key that cannot sign."""
    signature.proof = own.sign(_facts(signature))


def signer_of(signature: Signature) -> str | None:
    """Return the recipient (`age1...`) of the key that signed what the row says; None if none did."""
    return signing.signer_of(_facts(signature), proof=signature.proof)


def by_own_keys(*, pack: Pack, own: "OwnKey") -> bool:
    """Return whether each signature on a pack was made with the key of whom it names, and the ring names that key too.

    A member has one key, so these are as many keys as signatures. One from before they last fell counts no more.
    """
    fell = AuditEvent.objects.filter(subject=pack.reference, act__in=FALL).aggregate(last=Max("at"))["last"]
    return all(
        own.knows(signer := signer_of(one)) and signer == _recipient(one.user) and not (fell and one.signed_at <= fell)
        for one in pack.signatures.select_related("user__member")
    )


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


def _recipient(user: "User") -> str | None:
    """Return the recipient of a member who has access."""
    member: Member | None = getattr(user, "member", None)
    return member.recipient if member and member.granted else None


def instant_of(signature: Signature) -> str:
    """Return when it was made, as it is signed and exported: to the microsecond, in UTC."""
    return signature.signed_at.astimezone(UTC).isoformat()


def _facts(signature: Signature) -> list[signing.Fact]:
    """Return what is signed: which content of which pack, by whom, as what, and when; and that it is to count alone."""
    pack, alone = signature.pack, ("alone",) if signature.pack.alone else ()
    return [pack.reference, signature.digest, signature.name, signature.lead, instant_of(signature), *alone]
