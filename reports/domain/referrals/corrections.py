"""What the police must know since a referral left: who reads it, who tells them, and the referral that corrects it.

A sender who writes after the export may have corrected what the police act on. A member reads it and says whether it
changes nothing or the police must know. That stands until a correction has left, or somebody told them that it follows.
"""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from reports.domain.audit import audit_log, staleness
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.keys import sealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import contents, exported, police_referrals
from reports.domain.rights import REFER
from reports.domain.tips import opening, recusal
from reports.domain.triage import triaging
from reports.models import (
    AuditAct,
    Correction,
    Entry,
    ExportedPart,
    Referral,
    ReferralPart,
    Tip,
    hidden_from,
)

LENGTH = 500  # characters of whom we told, and of when
CHANGED_LENGTH = 2_000  # characters of what has changed
JUDGED = (AuditAct.CHANGES_NOTHING, AuditAct.POLICE_MUST_KNOW, AuditAct.ANNOUNCED_CORRECTION)


def standing() -> QuerySet[ExportedPart]:
    """Return the reports that left and that no correction has replaced, each with whether its sender `wrote_since`."""
    later = Entry.objects.filter(
        tip=OuterRef("tip"), position__gt=OuterRef("position"), broken=False
    )
    rows = ExportedPart.objects.exclude(tip=None).exclude(correction=Correction.SENT)
    return (
        rows.annotate(wrote_since=Exists(later.order_by()))
        .select_related("referral", "tip")
        .order_by("referral")
    )


def waiting(*, user: User) -> QuerySet[ExportedPart]:
    """Return the reports that left of which the police must know something that nobody has told them.

    Before them those whose sender wrote since, and of which nobody has said whether the police must know.
    """
    rows = standing().filter(Q(correction=Correction.NEEDED) | Q(wrote_since=True))
    return (
        rows.exclude(tip__in=hidden_from(user))
        .defer("sealed", "referral__sealed")
        .order_by("since", "pk")
    )


def judge(*, tip: Tip, must_know: bool, position: int, seen: int, by: User, keys: Keys) -> None:
    """Say for a member who has read the entries up to `position` whether the police must know of them, as of `seen`.

    What changes nothing leaves it as it was that the police must know something earlier; said of the same entries, it
    takes that back.
    """
    _require_free(tip=tip, by=by)
    read = min(position, opening.read_up_to(tip=tip, by=by))
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)
        staleness.require_unchanged(subject=tip.reference, seen=seen, stale_after=JUDGED)
        rows = _rows(tip)
        was = hashes(*rows)
        for row in rows:
            are_the_same_entries = read == row.position
            row.position = max(read, row.position)
            if must_know:
                row.correction = Correction.NEEDED
            elif are_the_same_entries and row.correction == Correction.NEEDED:
                row.correction = ""
            row.save(update_fields=["position", "correction"])
        act = AuditAct.POLICE_MUST_KNOW if must_know else AuditAct.CHANGES_NOTHING
        audit_log.record(by=by, act=act, subject=tip.reference, entry=read)
        _record(rows, was, act=act, by=by, keys=keys)


def announce(*, tip: Tip, who: str, when: str, seen: int, by: User, keys: Keys) -> None:
    """Record whom at the police a member told not to act on what left, as a correction follows, and when.

    It is a note on the tip. Nothing of the message was said, so it is no urgent call and needs no ground.
    """
    _require_free(tip=tip, by=by)
    who = sealed.typed(who, most=LENGTH, what="Who you told")
    when = sealed.typed(when, most=LENGTH, what="When")
    if not who or not when:
        raise Refused("Enter who at the police you told, and when.")
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)
        staleness.require_unchanged(subject=tip.reference, seen=seen, stale_after=JUDGED)
        rows = [row for row in _rows(tip) if row.correction == Correction.NEEDED]
        if not rows:
            raise Refused("Nobody said that the police must know something. Say that first.")
        shown = Referral.objects.visible_to(by).filter(pk__in=[row.referral_id for row in rows])
        names = ", ".join(row.reference for row in shown) or "a police referral"
        text = f"I told the police: “Do not act on {names}, a correction follows.” Who: {who}. When: {when}."
        triaging.note(tip=tip, text=text, by=by)
        was = hashes(*rows)
        for row in rows:
            row.correction = Correction.ANNOUNCED
            row.save(update_fields=["correction"])
        audit_log.record(by=by, act=AuditAct.ANNOUNCED_CORRECTION, subject=tip.reference)
        _record(rows, was, act=AuditAct.ANNOUNCED_CORRECTION, by=by, keys=keys)


def begin(*, referral: Referral, changed: str, by: User, keys: Keys) -> Referral:
    """Draft a referral that corrects one that has left, and says what has changed.

    It is of those of its tips of which the police must know something; where nobody said so of any, of all.
    """
    police_referrals.require_free(referral=referral, by=by)
    if not exported.has_left(referral=referral):
        raise Refused(
            "This referral has not left, so the police have nothing to correct. Change its tips instead."
        )
    changed = _typed(changed)
    parts = referral.parts.select_related("tip")
    needed = ExportedPart.objects.filter(
        referral=referral, correction__in=[Correction.NEEDED, Correction.ANNOUNCED]
    )
    wrong = set(needed.values_list("tip_id", flat=True))
    tips = [part.tip for part in parts if part.tip_id in wrong or not wrong]
    correction = {"corrects": referral.reference, "changed": changed}
    with transaction.atomic():
        again = _known_to_the_police(tips)
        new = police_referrals.draft(
            tips=tips, by=by, keys=keys, enquiry=referral.enquiry, again=again, **correction
        )
        _require_clean(new, keys)
        act = AuditAct.BEGAN_CORRECTION
        audit_log.record(by=by, act=act, subject=referral.reference, referral=new.reference)
    return new


def reword(*, referral: Referral, changed: str, by: User, keys: Keys) -> None:
    """Change what a correction says has changed; its approvals are void."""
    police_referrals.require_free(referral=referral, by=by)
    changed = _typed(changed)
    with transaction.atomic():
        row = police_referrals.change(referral=referral, by=by)
        inside = contents.sealed_content(row, keys=keys)
        was = hashes(row)
        if not inside.get("corrects"):
            raise Refused("This referral corrects no other.")
        police_referrals.seal(row, **inside | {"changed": changed})
        row.save(update_fields=["key_index", "sealed"])
        _require_clean(row, keys)
        rows = Named([row], was=was, keys=keys)
        police_referrals.log_event(referral=row, by=by, act=AuditAct.REWORDED_CORRECTION, rows=rows)


def mark_sent(*, content: contents.Content, by: User, keys: Keys) -> None:
    """Say, in the transaction of the export of a correction, of what it corrects that this has been put right."""
    tips = [report.tip for report in content.reports]
    named = ExportedPart.objects.select_for_update(of=("self",)).filter(
        referral__reference=content.corrects
    )
    rows = list(
        named.filter(tip__in=tips)
        .exclude(correction=Correction.SENT)
        .select_related("referral", "tip")
    )
    was = hashes(*rows)
    for row in rows:
        row.correction = Correction.SENT
        row.save(update_fields=["correction"])
    _record(
        rows, was, act=AuditAct.CORRECTED, by=by, keys=keys, referral=content.referral.reference
    )


def _require_free(*, tip: Tip, by: User) -> None:
    """Raise Refused unless the member may refer tips, and Hidden if this one is hidden from them."""
    if not by.has_perm(REFER):
        raise Refused("Your role does not let you refer tips to the police.")
    recusal.require_free(tip=tip, by=by)


def _rows(tip: Tip) -> list[ExportedPart]:
    """Return the locked rows of a tip's reports that left and that no correction has replaced."""
    rows = (
        ExportedPart.objects.select_for_update(of=("self",))
        .filter(tip=tip)
        .exclude(correction=Correction.SENT)
    )
    if found := list(rows.select_related("referral", "tip").order_by("pk")):
        return found
    raise Refused("No police referral with this tip has left.")


def _record(
    rows: Iterable[ExportedPart],
    was: dict[str, str],
    *,
    act: AuditAct,
    by: User,
    keys: Keys,
    **detail: str,
) -> None:
    """Record an act in the history of each of these rows' referrals, which names them."""
    by_subject: dict[str, list[ExportedPart]] = {}
    for row in rows:
        by_subject.setdefault(row.referral.reference, []).append(row)
    named = {subject: Named(its, was=was, keys=keys) for subject, its in by_subject.items()}
    details = dict.fromkeys(named, detail)
    audit_log.record_each(by=by, act=act, subjects=list(named), details=details, rows=named)


def _known_to_the_police(tips: Iterable[Tip]) -> set[str]:
    """Return the places of these tips that a correction takes for granted, as `police_referrals.draft` names them."""
    left = ReferralPart.objects.filter(tip__in=list(tips)).select_related("tip", "referral")
    places = {
        f"{part.tip.reference} {part.referral_id}"
        for part in left
        if exported.has_left(referral=part.referral)
    }
    return places | {f"{tip.reference} police" for tip in tips}


def _require_clean(referral: Referral, keys: Keys) -> None:
    content = contents.content(referral=referral, keys=keys)
    if problems := list(contents.against_changed(content)):
        raise Refused(" ".join(problems))


def _typed(changed: str) -> str:
    missing = "Write what has changed. The police will read it."
    return sealed.typed(changed, most=CHANGED_LENGTH, what="What has changed", missing=missing)
