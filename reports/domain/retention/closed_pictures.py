"""Indecent pictures of children: a member closes all pictures of a tip to everybody, at one press.

While they are closed no page, referral or file has them, and nothing of the tip is deleted. Two team leads, with a
police reference, show them again or delete them.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import second_person
from reports.domain.referrals import second_reader
from reports.domain.rights import RUN_DESK
from reports.domain.tips import reasons, recusal
from reports.models import AuditAct, ClosedPictures, Entry, Tip, hidden_from
from reports.sealing import envelope

End = ClosedPictures.End

LENGTH = 100  # characters of a police reference
NO_REFERENCE = "Write the police reference. Phone the police first, and ask them what to do."
CHANGED = "Another team member has changed this since you opened it. Look at it again, then decide."


def of_tip(tip: Tip) -> ClosedPictures | None:
    """Return what stands of a tip's closed pictures; None if nobody has closed them, or they are open again."""
    return ClosedPictures.objects.standing().filter(tip=tip).first()


def waiting(*, user: User) -> QuerySet[ClosedPictures]:
    """Return the closed pictures that a team lead may know of, the oldest first."""
    shown = ClosedPictures.objects.standing().exclude(tip__in=hidden_from(user))
    return shown.select_related("tip").order_by("since", "pk")


def close(*, tip: Tip, by: User, keys: Keys) -> None:
    """Close all pictures of a tip, those that come later too, and take them out of referrals that have not left."""
    recusal.require_free(tip=tip, by=by)
    new = ClosedPictures(id=uuid.uuid4(), tip=tip, author=by.get_username())
    sealed.fill(new, {"reference": ""})
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)
        if of_tip(tip):
            raise Refused("These pictures are closed already.")
        new.save(force_insert=True)
        rows = Named([new], keys=keys)
        audit_log.record(by=by, act=AuditAct.CLOSED_PICTURES, subject=tip.reference, rows=rows)
        second_reader.leave_out_all(tip=tip, by=by, keys=keys)


def propose(*, closed: ClosedPictures, end: str, reference: str, by: User, keys: Keys) -> None:
    """Say as a team lead what shall become of them, and the police reference; what was proposed before counts no more.

    Nothing happens until another team lead agrees.
    """
    _require_may(closed, by=by)
    typed = sealed.typed(reference, most=LENGTH, what="Police reference", missing=NO_REFERENCE)
    with transaction.atomic():
        row, was = _locked(closed)
        row.end = End(end)
        row.proposed_by = by.get_username()
        sealed.fill(row, {"reference": typed})
        _save(row, was, AuditAct.PROPOSED_PICTURES, by=by, keys=keys, end=row.end)


def agree(*, closed: ClosedPictures, seen: str, by: User, keys: Keys) -> None:
    """Do what another team lead proposed: show the pictures again, or delete them.

    `seen` is what stood there when the member read it. Older backups keep what was deleted for their time.
    """
    _require_may(closed, by=by)
    second_person.require_settled(RUN_DESK, user=by)
    with transaction.atomic():
        row, was = _locked(closed)
        if not row.end or seen != as_proposed(row):
            raise Refused(CHANGED)
        if row.proposed_by == by.get_username():
            raise Refused("You proposed this, so another team lead has to agree.")
        row.agreed_by = by.get_username()
        row.ended_on = timezone.localdate()
        if row.end == End.DELETE:
            held = _with_files(row.tip, keys=keys)
            was |= hashes(*(entry for entry, _bundle in held))
            _empty(held)
            files = sum(len(bundle.files) for _entry, bundle in held)
            named = [entry for entry, _bundle in held if entry.opened]
            act = AuditAct.DELETED_PICTURES
            _save(row, was, act, by=by, keys=keys, also=named, count=files)
        else:
            _save(row, was, AuditAct.OPENED_PICTURES, by=by, keys=keys)
        transaction.on_commit(state_files.empty_write_ahead_log)


def as_proposed(row: ClosedPictures) -> str:
    """Return what somebody agrees to, as a form carries it."""
    return f"{row.end} {row.proposed_by}"


def reference(row: ClosedPictures, *, keys: Keys) -> str:
    """Return the police reference, for a page whose reading is recorded."""
    return unsealed.text(row, keys=keys, name="reference")


def _require_may(closed: ClosedPictures, *, by: User) -> None:
    reasons.require_team_lead(by=by)
    recusal.require_free(tip=closed.tip, by=by)


def _locked(closed: ClosedPictures) -> tuple[ClosedPictures, dict[str, str]]:
    """Return the row, locked, and how it stood; raises Refused once others have ended it."""
    standing = ClosedPictures.objects.standing().select_related("tip")
    row = standing.select_for_update(of=("self",)).filter(pk=closed.pk).first()
    if row is None:
        raise Refused(CHANGED)
    return row, hashes(row)


def _save(
    row: ClosedPictures,
    was: dict[str, str],
    act: AuditAct,
    *,
    by: User,
    keys: Keys,
    also: Sequence[Entry] = (),
    **facts: Any,
) -> None:
    """Store the row, and record the act with it and the entries that were written too."""
    row.save()
    rows = Named([row, *also], was=was, keys=keys)
    audit_log.record(by=by, act=act, subject=row.tip.reference, rows=rows, **facts)


def _with_files(tip: Tip, *, keys: Keys) -> list[tuple[Entry, envelope.Bundle]]:
    """Return what came with pictures, locked; what does not open shows none, and does not keep the rest."""
    held = []
    entries = Entry.objects.select_for_update(of=("self",)).filter(tip=tip)
    for entry in entries.select_related("tip"):
        with suppress(Swapped):
            bundle = unsealed.bundle(entry, keys=keys)
            if bundle.files:
                held.append((entry, bundle))
    return held


def _empty(held: Sequence[tuple[Entry, envelope.Bundle]]) -> None:
    """Seal what came with pictures again without them.

    The rows stay: the sender's page counts them, and the same pictures do not come in again from a second disk.
    """
    key = state_files.public_key()
    for entry, bundle in held:
        left = replace(bundle, files=(), bound=bundle.bound | {"key": key.index})
        entry.sealed = envelope.seal(left, recipients=[key.recipient])
        entry.key_index = key.index
        entry.save(update_fields=["sealed", "key_index"])
