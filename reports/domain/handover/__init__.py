"""Hand-over to the police: a pack is drafted, signed by two people, exported, and confirmed or withdrawn.

A lone keyholder signs once and waits a day, and the pack says so. Any change of a pack voids its signatures.
"""

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.audit.rows import hashes
from reports.domain.errors import NoSuchMove, Refused
from reports.domain.handover import consent, packs, signatures, versions
from reports.domain.keys import sealed
from reports.domain.people import accounts
from reports.domain.tips import recusal
from reports.models import AuditAct, Enquiry, Member, Pack, PackPart, PackState, Signature, Status, Tip

if TYPE_CHECKING:
    from typing import Any

    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys
    from reports.domain.keys.own_keys import OwnKey

MOST = 50  # tips in one pack
WAIT = timedelta(hours=24)  # how long a lone keyholder's signature stands before it counts
DANGER_LENGTH = 2_000  # characters

TRANSITIONS: dict[PackState, frozenset[PackState]] = {
    PackState.DRAFTED: frozenset({PackState.SIGNED_ONCE, PackState.WITHDRAWN}),
    PackState.SIGNED_ONCE: frozenset({PackState.SIGNED, PackState.DRAFTED, PackState.WITHDRAWN}),
    PackState.SIGNED: frozenset({PackState.EXPORTED, PackState.DRAFTED, PackState.WITHDRAWN}),
    PackState.EXPORTED: frozenset({PackState.CONFIRMED, PackState.WITHDRAWN}),
    PackState.CONFIRMED: frozenset(),
    PackState.WITHDRAWN: frozenset(),
}
UNSENT = (PackState.DRAFTED, PackState.SIGNED_ONCE, PackState.SIGNED)


def draft(*, tips: Iterable[Tip], by: "User", enquiry: Enquiry | None = None) -> Pack:
    """Draft an unsigned pack of these tips, in their order. Raises Refused for spam."""
    chosen = list(tips)
    if not 0 < len(chosen) <= MOST:
        said = _("A pack holds 1 to %(most)s tips; this would be %(count)s.")
        raise Refused(said % {"most": MOST, "count": len(chosen)})
    for tip in chosen:
        recusal.require_free(tip=tip, by=by)
    new = Pack(id=uuid.uuid4(), author=by.get_username(), enquiry=enquiry)
    _seal(new, ground="", danger="")
    with transaction.atomic():
        rows = Tip.objects.select_for_update().filter(pk__in=[tip.pk for tip in chosen]).order_by("pk")
        if Status.SPAM in rows.values_list("status", flat=True):
            raise Refused(_("Spam goes to nobody. Move it back to being read first."))
        new.save(force_insert=True)
        parts = [PackPart(pack=new, tip=tip, position=at) for at, tip in enumerate(chosen, start=1)]
        made = audit.Rows([new, *PackPart.objects.bulk_create(parts)])
        record(pack=new, by=by, act=AuditAct.DRAFTED_PACK, rows=made)
    return new


def read(*, pack: Pack, by: "User", keys: "Keys") -> packs.Content:
    """Return a pack's content after recording that `by` has read it, in the pack's and in each tip's history."""
    require_free(pack=pack, by=by)
    record(pack=pack, by=by, act=AuditAct.READ_PACK)
    return packs.content(pack=pack, keys=keys)


def name_danger(*, pack: Pack, ground: str, reason: str, by: "User") -> None:
    """Set the ground (a key of `consent.Ground`) that overrides a sender's "no", and its reason; "" for both undoes it.

    The police read both in the pack. The audit log records only that they were set.
    """
    reason = versions.plain(reason, most=DANGER_LENGTH, what=_("The danger"))
    consent.require_ground(ground, reason=reason)
    require_free(pack=pack, by=by)
    with transaction.atomic():
        row = locked(pack, *UNSENT)
        signatures.void(pack=row, by=by)
        was = hashes(row)
        _seal(row, ground=ground, danger=reason)
        row.save(update_fields=["key_index", "sealed"])
        act = AuditAct.DANGER_NAMED if reason else AuditAct.DANGER_TAKEN_BACK
        record(pack=row, by=by, act=act, rows=audit.Rows([row], was=was))
    _renew(pack, row)


def sign(*, pack: Pack, seen: str, by: "User", keys: "Keys", own: "OwnKey") -> None:
    """Sign the pack whose content has the digest `seen`, with the member's own key: once, then by somebody else.

    Where a sender did not say whether the police may be told, a lead must be one of the two.
    """
    _require_keyholder(pack, by=by, own=own)
    with transaction.atomic():
        row = locked(pack, PackState.DRAFTED, PackState.SIGNED_ONCE)
        content, fresh = _as_seen(row, seen, by=by, keys=keys, own=own)
        if fresh:
            _put_name(row, content, by=by, own=own)
    _renew(pack, row)
    _require(fresh)


def sign_alone(*, pack: Pack, seen: str, by: "User", keys: "Keys", own: "OwnKey", now: datetime) -> None:
    """Accept the only keyholder's signature, a day after it was given; the pack says "one signature".

    It is made anew, as one that is to count alone. The only one is also who has no colleague that counts as a second
    person yet.
    """
    _require_keyholder(pack, by=by, own=own)
    if own.recipients - set(Member.objects.exclude(granted=None).values_list("recipient", flat=True)):
        raise Refused(_("The desk opens for a key that is no member’s here. Find out whose it is first, under People."))
    if not lone(by=by):
        raise Refused(_why_not_lone(by=by))
    with transaction.atomic():
        row = locked(pack, PackState.SIGNED_ONCE)
        content, fresh = _as_seen(row, seen, by=by, keys=keys, own=own)
        fresh = fresh and row.state == PackState.SIGNED_ONCE
        if fresh:
            _let_one_count(row, content, own=own, now=now)
    _renew(pack, row)
    _require(fresh)


def withdraw(*, pack: Pack, by: "User") -> None:
    """Withdraw a pack, even an exported one, whose file cannot be taken back."""
    require_free(pack=pack, by=by)
    with transaction.atomic():
        row = locked(pack, *UNSENT, PackState.EXPORTED)
        _step(row, PackState.WITHDRAWN)
        record(pack=row, by=by, act=AuditAct.WITHDREW_PACK)
    _renew(pack, row)


def document(content: packs.Content, pack: Pack) -> bytes:
    """Return a signed pack in canonical JSON: the file whose SHA-256 is printed and read out."""
    signed = [
        {
            "name": signature.name,
            "role": "lead" if signature.lead else "officer",
            "day": f"{signature.signed_at:%Y-%m-%d}",
        }
        | _proof(signature)
        for signature in pack.signatures.all()
    ]
    return packs.canonical({"content": content.document, "signatures": signed, "one_signature": pack.alone})


def is_signed(*, pack: Pack, content: packs.Content, own: "OwnKey") -> bool:
    """Return whether whoever has to sign a pack has signed this content: two members, or the only one, a day ago."""
    signed = list(pack.signatures.select_related("user"))
    return (
        (_is_by_the_only_one(signed) if pack.alone else len(signed) == 2)
        and all(signature.digest == content.digest for signature in signed)
        and not _lacks_lead(content, signed)
        and signatures.by_own_keys(pack=pack, own=own)
    )


def _is_by_the_only_one(signed: list[Signature]) -> bool:
    return (
        len(signed) == 1
        and timezone.now() - signed[0].signed_at >= WAIT
        and not signatures.second_keyholder(to=signed[0].user)
    )


def lone(*, by: "User") -> bool:
    """Return whether no other keyholder counts as a second person, and this one has put none out within seven days."""
    return not signatures.second_keyholder(to=by) and accounts.put_out_until(user=by) is None


def require_free(*, pack: Pack, by: "User") -> None:
    """Raise Refused unless the member may hand over, and Hidden if one of the tips is hidden from them."""
    if not by.has_perm("reports.hand_over"):
        raise Refused(_("Your role does not hand tips over."))
    for part in pack.parts.select_related("tip"):
        recusal.require_free(tip=part.tip, by=by)


def record(*, pack: Pack, by: "User", act: AuditAct, rows: audit.Rows | None = None, **detail: "Any") -> None:
    """Record an act in the pack's history, with the rows that it wrote, and in that of each of its tips."""
    audit.record(by=by, act=act, subject=pack.reference, rows=rows, **detail)
    for part in pack.parts.select_related("tip"):
        audit.record(by=by, act=act, subject=part.tip.reference, pack=pack.reference, **detail)


def locked(pack: Pack, *states: PackState) -> Pack:
    """Return the pack's row, locked; raises NoSuchMove unless it is in one of these states."""
    row = Pack.objects.select_for_update().filter(pk=pack.pk).first()
    if row is None or row.state not in states:
        label = PackState(row.state).label if row else _("Deleted")
        said = _("This pack is %(state)s: that cannot be done with it now.")
        raise NoSuchMove(said % {"state": str(label).lower()})
    return row


def move(*, pack: Pack, to: PackState) -> None:
    """Move a locked pack through TRANSITIONS; the caller records why."""
    _step(pack, to)


def _proof(signature: Signature) -> dict[str, str]:
    """Return with which key a signature was made, and its bytes; nothing for one from before members had their own."""
    if not signature.proof:
        return {}
    at = signatures.instant_of(signature)
    return {"signed_at": at, "key": signatures.signer_of(signature) or "", "proof": signature.proof}


def _require_keyholder(pack: Pack, *, by: "User", own: "OwnKey") -> None:
    require_free(pack=pack, by=by)
    if own.user_id != by.pk or not Member.objects.filter(user=by, granted__isnull=False).exists():
        raise Refused(_("Only a keyholder can sign: you sign what you have read."))


def _as_seen(pack: Pack, seen: str, *, by: "User", keys: "Keys", own: "OwnKey") -> tuple[packs.Content, bool]:
    """Return the content, and whether it is what the member saw.

    Signatures on another content, or not made with keys that the ring names, are voided.
    """
    content = packs.content(pack=pack, keys=keys)
    if pack.signatures.exclude(digest=content.digest).exists() or not signatures.by_own_keys(pack=pack, own=own):
        signatures.void(pack=pack, by=by)
    if content.digest == seen:
        packs.require_open(content)
    return content, content.digest == seen


def _require(fresh: bool) -> None:
    if not fresh:
        raise Refused(_("It has changed since you looked, or since it was signed. Read it again, then sign."))


def _put_name(pack: Pack, content: packs.Content, *, by: "User", own: "OwnKey") -> None:
    """Add a signature to a locked pack that nobody, or one other member, has signed."""
    before = list(pack.signatures.all())
    if any(signature.user_id == by.pk for signature in before):
        raise Refused(_("You have signed it. Somebody else has to sign it too."))
    signatures.require_two(before=before, by=by)
    new = Signature(pack=pack, user=by, name=_name(by), lead=by.has_perm("reports.run_desk"), digest=content.digest)
    if before and _lacks_lead(content, (new, *before)):
        raise Refused(_("The sender did not say whether the police may be told. A lead must be one of the two."))
    signatures.put(new, own=own)
    new.save(force_insert=True)
    record(pack=pack, by=by, act=AuditAct.SIGNED_PACK, rows=audit.Rows([new]))
    _step(pack, PackState.SIGNED if before else PackState.SIGNED_ONCE)
    if before:
        _settle(pack, content)


def _why_not_lone(*, by: "User") -> str:
    """Return why somebody is not the only keyholder."""
    until = accounts.put_out_until(user=by)
    if until is None:
        return _("This desk has more than one keyholder: somebody else has to sign it.")
    said = _(
        "You switched a colleague off, or took a role or access away, within the last seven days. You count as the "
        "only keyholder from %(when)s at the earliest; until then somebody else has to sign it."
    )
    return said % {"when": date_format(timezone.localtime(until), "j F, H:i")}


def _let_one_count(pack: Pack, content: packs.Content, *, own: "OwnKey", now: datetime) -> None:
    signature = pack.signatures.select_related("user").first()
    if signature is None or signature.user_id != own.user_id:
        raise Refused(_("This is a colleague's signature. Sign it yourself: then two have signed."))
    if now - signature.signed_at < WAIT:
        raise Refused(_("A lone keyholder waits 24 hours after signing. Sleep on it."))
    if _lacks_lead(content, (signature,)):
        raise Refused(_("The sender did not say whether the police may be told. A lead must sign."))
    record(pack=pack, by=signature.user, act=AuditAct.SIGNED_ALONE)
    pack.alone, signature.pack = True, pack
    signatures.put(signature, own=own)
    signature.save(update_fields=["proof"])
    _step(pack, PackState.SIGNED)
    _settle(pack, content)


def _lacks_lead(content: packs.Content, signed: Iterable[Signature]) -> bool:
    """Return whether a lead has to be among those who signed and is not: a sender left open who may be told."""
    return content.needs_lead and not any(signature.lead for signature in signed)


def _settle(pack: Pack, content: packs.Content) -> None:
    """Store the hash of the file that can now be exported."""
    pack.digest = packs.sha256(document(content, pack))
    pack.save(update_fields=["digest"])


def _step(pack: Pack, to: PackState) -> None:
    before = PackState(pack.state)
    if to not in TRANSITIONS[before]:
        said = _("A pack that is %(before)s cannot become %(after)s.")
        raise NoSuchMove(said % {"before": str(before.label).lower(), "after": str(to.label).lower()})
    pack.state = to
    pack.save(update_fields=["state", "alone"])


def _seal(pack: Pack, *, ground: str, danger: str) -> None:
    """Seal a ground and its reason, or none, and a new salt, without which the hashes reveal nothing of the text."""
    sealed.fill(pack, {"salt": secrets.token_hex(16), "ground": ground, "danger": danger})


def _renew(pack: Pack, row: Pack) -> None:
    """Copy the row's fields to the caller's object."""
    pack.state, pack.digest, pack.alone = row.state, row.digest, row.alone
    pack.key_index, pack.sealed = row.key_index, row.sealed


def _name(user: "User") -> str:
    return user.get_full_name() or user.get_username()
