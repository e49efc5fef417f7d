"""A sender who wrote "please don't": a member records the stricter answer to the police question."""

import uuid
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from reports.domain.audit import audit_log
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.keys import sealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import second_person
from reports.domain.referrals import approvals, consent
from reports.domain.rights import RUN_DESK
from reports.domain.tips import opening, reasons, recusal
from reports.domain.tips.opened_entry import OpenedEntry
from reports.domain.triage import triaging
from reports.models import AuditAct, ChangedAnswer, Tip


def stricter(entries: Iterable[OpenedEntry]) -> tuple[str, ...]:
    """Return the answers that are stricter than the one that counts now."""
    return consent.STRICTER[: consent.STRICTEST.index(consent.police(entries))]


def messages(entries: Iterable[OpenedEntry]) -> list[OpenedEntry]:
    """Return what the sender wrote, in which a change can stand."""
    return [entry for entry in entries if entry.answers.get("what")]


def add(*, tip: Tip, position: int, answer: str, by: User, keys: Keys) -> ChangedAnswer:
    """Record that the sender says so in the message at this position; approvals of the tip's referrals are void.

    The log says that it happened, not the answer. Raises Refused for one that is not stricter than what counts now.
    """
    recusal.require_free(tip=tip, by=by)
    new = ChangedAnswer(id=uuid.uuid4(), tip=tip, position=position, author=by.get_username())
    sealed.fill(new, {"answer": answer})
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)
        entries = opening.open_all(tip=tip, keys=keys)
        if position not in {entry.row.position for entry in messages(entries)}:
            raise Refused("Choose the message in which the sender says this.")
        if answer not in stricter(entries):
            raise Refused("Choose an answer that is stricter than the one we have now.")
        new.save(force_insert=True)
        approvals.void_of_tip(tip=tip, by=by)
        rows = Named([new], keys=keys)
        audit_log.record(
            by=by, act=AuditAct.CHANGED_ANSWER, subject=tip.reference, entry=position, rows=rows
        )
    return new


def undo(*, change: ChangedAnswer, reason: str, by: User, keys: Keys) -> None:
    """Let what the sender answered before count again, as a team lead; the reason becomes a note on the tip.

    Not by who typed the tip for its sender, where another team lead could.
    """
    reasons.require_team_lead(by=by)
    second_person.require_settled(RUN_DESK, user=by)
    recusal.require_free(tip=change.tip, by=by)
    if not reason.strip():
        raise Refused("Write why the sender’s answer has not changed.")
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=change.tip_id)
        triaging.note(tip=change.tip, text=reason, by=by)
        rows = list(ChangedAnswer.objects.filter(pk=change.pk))
        if not rows:
            raise Refused("Another team lead has already undone this.")
        typists = consent.typists(opening.open_all(tip=change.tip, keys=keys))
        typed = _require_not_typist(change.tip, by=by, typists=typists)
        ChangedAnswer.objects.filter(pk=change.pk).delete()
        approvals.void_of_tip(tip=change.tip, by=by)
        deleted = Named(deleted=rows, keys=keys)
        audit_log.record(
            by=by, act=AuditAct.UNDID_CHANGE, subject=change.tip.reference, rows=deleted, **typed
        )


def kept_from(tip: Tip, *, by: User, entries: Iterable[OpenedEntry]) -> str:
    """Return why a team lead who typed the tip may not undo a change; "" if they may."""
    try:
        _require_not_typist(tip, by=by, typists=consent.typists(entries))
    except Refused as refusal:
        return str(refusal)
    return ""


def _require_not_typist(tip: Tip, *, by: User, typists: frozenset[str]) -> dict[str, bool]:
    """Raise Refused if a team lead typed the tip and another could undo it; return what the log says if none could."""
    if by.get_username() not in typists:
        return {}
    if approvals.beside_typist(tip=tip, by=by, typists=typists, right=RUN_DESK):
        raise Refused("You typed this tip for its sender, so another team lead has to do this.")
    return {"typed": True}
