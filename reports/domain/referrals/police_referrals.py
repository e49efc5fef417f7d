"""Police referrals: a referral is drafted, approved by two people, exported, and confirmed or withdrawn.

A lone keyholder approves once and waits a day, and the referral says so. Any change of a referral voids its approvals.
"""

import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core import transitions
from reports.domain.audit import audit_log
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import AlreadyReferred, Hidden, Refused
from reports.domain.keys import sealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts, second_person
from reports.domain.people.accounts import Reauthentication
from reports.domain.referrals import approvals, consent, contents, own_words, readings
from reports.domain.rights import REFER, RUN_DESK
from reports.domain.tips import recusal
from reports.models import (
    Approval,
    AuditAct,
    AuditEvent,
    Enquiry,
    Referral,
    ReferralPart,
    ReferralState,
    Status,
    Tip,
    new_reference,
)

MOST = 50  # tips in one referral
DANGER_LENGTH = 2_000  # characters
WHY_LENGTH = 500  # characters of why a doubtful one goes


def draft(
    *,
    tips: Iterable[Tip],
    by: User,
    keys: Keys,
    enquiry: Enquiry | None = None,
    again: Collection[str] = (),
    **correction: str,
) -> Referral:
    """Draft an unsigned referral of these tips, in their order. Raises Refused for spam.

    Raises AlreadyReferred if another referral has one of them, or the police, unless `again` has the keys of all these
    places: the member has been told of them. `correction` is what `corrections.begin` seals with it.
    """
    chosen = list(tips)
    if not 0 < len(chosen) <= MOST:
        message = f"A police referral can have 1 to {MOST} tips. This one would have {len(chosen)}."
        raise Refused(message)
    for tip in chosen:
        recusal.require_free(tip=tip, by=by)
    reference = f"H-{new_reference()}"
    new = Referral(id=uuid.uuid4(), reference=reference, author=by.get_username(), enquiry=enquiry)
    seal(new, ground="", danger="", **correction)
    with transaction.atomic():
        rows = (
            Tip.objects.select_for_update().filter(pk__in=[tip.pk for tip in chosen]).order_by("pk")
        )
        if Status.SPAM in rows.values_list("status", flat=True):
            raise Refused(
                "You cannot refer spam to the police. Change the status of these tips first."
            )
        places = _places(chosen, by=by)
        if not places.keys() <= set(again):
            raise AlreadyReferred(places)
        new.save(force_insert=True)
        parts = [
            ReferralPart(referral=new, tip=tip, position=at)
            for at, tip in enumerate(chosen, start=1)
        ]
        ReferralPart.objects.bulk_create(parts)
        made = Named([new], keys=keys)
        references = [tip.reference for tip in chosen]
        # Under its MAC the event lists the tips, so that the log knows the referral that goes with the last of them.
        listed = " ".join(references)
        audit_log.record(
            by=by, act=AuditAct.DRAFTED_REFERRAL, subject=reference, rows=made, tips=listed
        )
        facts = {tip: {"referral": reference} for tip in references}
        audit_log.record_each(
            by=by, act=AuditAct.DRAFTED_REFERRAL, subjects=references, details=facts
        )
    return new


def _places(tips: Collection[Tip], *, by: User) -> dict[str, str]:
    """Return where these tips are already, each in a sentence, by a key that names the tip and the place."""
    visible = set(Referral.objects.visible_to(by).values_list("pk", flat=True))
    left = AuditEvent.objects.filter(
        act=AuditAct.EXPORTED, subject=OuterRef("referral__reference")
    ).order_by()
    withdrawn = Q(
        ~Exists(left), referral__status=ReferralState.WITHDRAWN
    )  # one that has left is with the police
    parts = ReferralPart.objects.filter(tip__in=tips).exclude(withdrawn)
    places: dict[str, str] = {}
    for part in parts.select_related("tip", "referral").order_by("tip", "referral__reference"):
        name = (
            part.referral.reference
            if part.referral_id in visible
            else "a police referral that you cannot see"
        )
        places[f"{part.tip.reference} {part.referral_id}"] = f"{part.tip.reference} is in {name}."
    for tip in Tip.objects.filter(pk__in=[tip.pk for tip in tips]).told_to_police():
        places[f"{tip.reference} police"] = f"The police have {tip.reference}."
    return places


def read(*, referral: Referral, by: User, keys: Keys) -> contents.Content:
    """Return a referral's content after recording that `by` has read it, in the referral's and in each tip's history.

    The event has the content's salted digest: nobody approves what they have not been shown.
    """
    require_free(referral=referral, by=by)
    content = contents.content(referral=referral, keys=keys)
    log_event(referral=referral, by=by, act=AuditAct.READ_REFERRAL, digest=content.digest)
    return content


def change(*, referral: Referral, by: User) -> Referral:
    """Return the row of a referral that has not left, locked and without approvals; the caller changes it."""
    row = transitions.locked(referral)
    transitions.after(row, "change", table=approvals.TRANSITIONS)
    approvals.void(referral=row, by=by)
    return row


def name_danger(*, referral: Referral, ground: str, reason: str, by: User, keys: Keys) -> Referral:
    """Set the ground (a key of `consent.Ground`) that overrides a sender's "no", and its reason; "" for both undoes it.

    The police read both in the referral. The audit log records only that they were set.
    """
    reason = sealed.typed(reason, most=DANGER_LENGTH, what="Danger")
    consent.require_ground(ground, reason=reason, grounds=consent.grounds_for(tips_of(referral)))
    require_free(referral=referral, by=by)
    with transaction.atomic():
        row = change(referral=referral, by=by)
        was = hashes(row)
        seal(row, **contents.sealed_content(row, keys=keys) | {"ground": ground, "danger": reason})
        row.save(update_fields=["key_index", "sealed"])
        act = AuditAct.DANGER_NAMED if reason else AuditAct.DANGER_TAKEN_BACK
        log_event(referral=row, by=by, act=act, rows=Named([row], was=was, keys=keys))
    return row


def tips_of(referral: Referral) -> list[Tip]:
    """Return the tips of a referral, in their order."""
    return [part.tip for part in referral.parts.select_related("tip")]


def answer(
    *, referral: Referral, tip: Tip, answers: Mapping[str, str], seen: int, by: User, keys: Keys
) -> None:
    """Seal what a member answers about a tip of the referral before the first approval, as `own_words.answer`."""
    require_free(referral=referral, by=by)
    transitions.after(referral, "change", table=approvals.TRANSITIONS)
    if not referral.parts.filter(tip=tip).exists():
        raise Refused("This tip is not in this referral.")
    own_words.answer(tip=tip, answers=answers, seen=seen, by=by, keys=keys)


def approve(
    *, referral: Referral, by: User, keys: Keys, reauthentication: Reauthentication, why: str = ""
) -> Referral:
    """Approve the referral as `by` has read it, by the words typed for this: once, then by someone else.

    `why` is what a team lead writes of a doubtful one (`Content.why_team_lead`): why it goes all the same.

    `approvals.still_needed` says who may, and `readings.unread` which tips they have to read first, each on its own
    page. Approvals that do not count are taken off first.
    """
    require_keyholder(referral=referral, by=by, reauthentication=reauthentication)
    contents.take_in()
    _void_stale(referral, "approve", by=by, keys=keys)
    with transaction.atomic():
        row, content = _require_read(referral, "approve", by=by, keys=keys)
        contents.require_open(content)
        contents.require_answered(content)
        readings.require_read(content, by=by)
        _add_approval(row, content, by=by, keys=keys, why=why)
    return row


def approve_alone(
    *, referral: Referral, by: User, keys: Keys, reauthentication: Reauthentication, now: datetime
) -> Referral:
    """Accept the only keyholder's approval, a day after it was given; the referral says "one approval".

    A member counts as the only one while no other counts as a second person yet.
    """
    require_keyholder(referral=referral, by=by, reauthentication=reauthentication)
    if keys.strays:
        raise Refused(
            "An unrecognised key can unlock the desk. Find out under People whose it is before you approve."
        )
    second_person.require_put_nobody_out(user=by)
    contents.take_in()
    _void_stale(referral, "approve_alone", by=by, keys=keys)
    with transaction.atomic():
        row, content = _require_read(referral, "approve_alone", by=by, keys=keys)
        contents.require_open(content)
        readings.require_read(content, by=by)
        _let_one_count(row, content, by=by, now=now)
    return row


def withdraw(*, referral: Referral, by: User) -> Referral:
    """Withdraw a referral, even an exported one, whose file cannot be taken back."""
    require_free(referral=referral, by=by)
    with transaction.atomic():
        row = transitions.locked(referral)
        if row.status == ReferralState.EXPORTED and _corrects(row):
            raise Refused(
                "This correction has left, so the police have it. If it is wrong, correct what they have once more."
            )
        transitions.move(row, "withdraw", table=approvals.TRANSITIONS)
        log_event(referral=row, by=by, act=AuditAct.WITHDREW_REFERRAL)
    return row


def _corrects(referral: Referral) -> bool:
    """Return whether a referral was begun as the correction of another."""
    began = AuditEvent.objects.filter(act=AuditAct.BEGAN_CORRECTION)
    return began.filter(detail__referral=referral.reference).exists()


def document(content: contents.Content, referral: Referral) -> bytes:
    """Return an approved referral in canonical JSON: the file whose SHA-256 is printed and read out."""
    readers = approvals.have_read(referral=referral)
    given = referral.approvals.select_related("user")
    approved = [
        _given(approval, has_read=approval.user.get_username() in readers) for approval in given
    ]
    return contents.canonical(
        {"content": content.document, "approvals": approved, "one_signature": referral.alone}
    )


def _given(approval: Approval, *, has_read: bool) -> dict[str, Any]:
    """Return what the document says of an approval; nothing of a reading that the log does not bear out."""
    facts: dict[str, Any] = {
        "member": approval.user_id,  # a number for life, as an account is never deleted: names stand in our log alone
        "role": "team_lead" if approval.team_lead else "caseworker",
        "day": timezone.localdate(approval.approved_at).isoformat(),
    }
    if has_read:
        facts["has_read"] = True
    return facts


def is_approved(*, referral: Referral, content: contents.Content) -> bool:
    """Return whether all who have to approve a referral have approved this content, as `still_needed` says."""
    given = approvals.counted(referral=referral, digest=content.digest, doubts=content.doubts)
    one_does_not_count = len(given) != referral.approvals.count()
    if one_does_not_count:
        return False
    try:
        needed = approvals.still_needed(
            given=given,
            needs_team_lead=content.needs_team_lead,
            alone=referral.alone,
            now=timezone.now(),
        )
    except Refused:
        return False
    return needed == 0


def require_free(*, referral: Referral, by: User) -> None:
    """Raise Refused unless the member may refer tips, and Hidden if one of them is or was hidden from them."""
    if not by.has_perm(REFER):
        raise Refused("Your role does not let you refer tips to the police.")
    if not Referral.objects.visible_to(by).filter(pk=referral.pk).exists():
        raise Hidden(
            "This referral is hidden from you, because you know someone in one of its tips."
        )


def require_keyholder(*, referral: Referral, by: User, reauthentication: Reauthentication) -> None:
    """Raise Refused unless a keyholder who may refer it has typed their words for this act."""
    require_may_export(referral=referral, by=by)
    accounts.require_reauthentication(by=by, reauthentication=reauthentication)


def require_may_export(*, referral: Referral, by: User) -> None:
    """Raise Refused unless the member is a keyholder who may refer its tips."""
    require_free(referral=referral, by=by)
    if accounts.way_of(user=by) != accounts.Way.WORDS:
        raise Refused(
            "Only a keyholder can approve a referral, because only keyholders can read it."
        )


def log_event(
    *, referral: Referral, by: User, act: AuditAct, rows: Named | None = None, **detail: Any
) -> None:
    """Record an act in the referral's history, with the rows that it wrote, and in that of each of its tips."""
    audit_log.record(by=by, act=act, subject=referral.reference, rows=rows, **detail)
    for part in referral.parts.select_related("tip"):
        audit_log.record(
            by=by, act=act, subject=part.tip.reference, referral=referral.reference, **detail
        )


def _void_stale(referral: Referral, act: str, *, by: User, keys: Keys) -> None:
    """Take the approvals off if one of them does not count; raises NoSuchMove if `act` is impossible anyway.

    This has a transaction of its own. The one that approves may be refused, which undoes all that was done in it: stale
    approvals would stay.
    """
    with transaction.atomic():
        row = transitions.locked(referral)
        transitions.after(row, act, table=approvals.TRANSITIONS)
        if not _approvals_count(row, contents.content(referral=row, keys=keys)):
            approvals.void(referral=referral, by=by)


def _require_read(
    referral: Referral, act: str, *, by: User, keys: Keys
) -> tuple[Referral, contents.Content]:
    """Return the locked row and its content; raises Refused unless the member has read exactly this content."""
    row = transitions.locked(referral)
    content = contents.content(referral=row, keys=keys)
    readings = AuditEvent.objects.filter(
        act=AuditAct.READ_REFERRAL, actor=by.get_username(), subject=row.reference
    )
    has_read = readings.filter(detail__digest=content.digest).exists()
    is_allowed = (
        act in approvals.TRANSITIONS[row.status]
    )  # not once the first approval was taken off
    if not (has_read and is_allowed and _approvals_count(row, content)):
        raise Refused(
            "This referral has changed since you read it or since it was approved. Read it again, then approve it."
        )
    return row, content


def _approvals_count(referral: Referral, content: contents.Content) -> bool:
    """Return whether a referral has the approvals that its status says, and each of them counts for this content."""
    counting = approvals.counted(referral=referral, digest=content.digest, doubts=content.doubts)
    expected = 1 if referral.status == ReferralState.APPROVED_ONCE else 0
    return len(counting) == referral.approvals.count() == expected


def _add_approval(
    referral: Referral, content: contents.Content, *, by: User, keys: Keys, why: str
) -> None:
    """Add an approval to a locked referral that nobody, or one other member, has approved."""
    before = referral.approvals.select_related("user")
    new = Approval(
        referral=referral, user=by, team_lead=by.has_perm(RUN_DESK), digest=content.digest
    )
    needed = approvals.still_needed(given=[new, *before], needs_team_lead=content.needs_team_lead)
    typed = {"typed": True} if approvals.require_not_typist(by=by, typists=content.typists) else {}
    was = hashes(referral)
    written = [new, *_sealed_by_approval(referral, content, by=by, keys=keys, why=why)]
    new.save(force_insert=True)
    facts = typed | {"read": True}
    rows = Named(written, was=was, keys=keys)
    log_event(referral=referral, by=by, act=AuditAct.APPROVED_REFERRAL, rows=rows, **facts)
    digest = "" if needed else contents.sha256(document(content, referral))
    transitions.move(referral, "approve", table=approvals.TRANSITIONS, digest=digest)


def _sealed_by_approval(
    referral: Referral, content: contents.Content, *, by: User, keys: Keys, why: str
) -> list[Referral]:
    """Seal why a team lead lets a doubtful one go, and at the first approval what a danger fixes.

    Returns the row, if that changed it. Its salt stays, so the document stays what was read. Raises Refused for a team
    lead who does not write why.
    """
    new = dict[str, str]()
    if content.why_team_lead and by.has_perm(RUN_DESK):
        missing = "Write in a sentence why it goes to the police all the same."
        typed = sealed.typed(why, most=WHY_LENGTH, what="Why it goes", missing=missing)
        new["why"] = f"{by.get_username()}: {typed}"
    if content.ground and not referral.approvals.exists():
        new["fixed"] = contents.fixed(content)
    if not new:
        return []
    sealed.fill(referral, contents.sealed_content(referral, keys=keys) | new)
    referral.save(update_fields=["key_index", "sealed"])
    return [referral]


def _let_one_count(
    referral: Referral, content: contents.Content, *, by: User, now: datetime
) -> None:
    """Let the one approval of a locked referral, which must be the member's own, count alone."""
    approval = referral.approvals.get()
    if approval.user_id != by.pk:
        raise Refused(
            "Another team member approved this. Give your own approval, and it will have two."
        )
    approvals.still_needed(
        given=[approval], needs_team_lead=content.needs_team_lead, alone=True, now=now
    )
    log_event(referral=referral, by=by, act=AuditAct.APPROVED_ALONE, read=True)
    referral.alone = True
    digest = contents.sha256(document(content, referral))
    transitions.move(
        referral, "approve_alone", table=approvals.TRANSITIONS, alone=True, digest=digest
    )


def seal(referral: Referral, **content: str) -> None:
    """Seal a ground and its reason, or none, what it corrects, and a new salt, without which hashes reveal nothing."""
    sealed.fill(referral, content | {"salt": secrets.token_hex(16)})
