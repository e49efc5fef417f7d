"""What opening vouches for: entries as they were first opened, and their tips' digests, with an event for each tip."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from reports.domain import audit, vouching
from reports.domain.tips import metadata
from reports.models import AuditAct, Digest, Entry

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys


def vouch(
    *, entries: Sequence[Entry], by: "User", keys: "Keys", seen_before: Collection[UUID], was: dict[str, str]
) -> None:
    """Vouch for entries that were opened just now; `seen_before` are their tips of which others were opened before.

    `was` has the hashes of digests that were there already, by name.
    """
    tips, changes = {entry.tip_id: entry.tip for entry in entries}, dict[str, vouching.Change]()
    for tip in tips.values():
        first = tip.pk not in seen_before
        changes[tip.reference] = vouching.Change(rows=[tip] if first else [], was=was, first=first)
    for entry in entries:
        entry.opened, entry.received = True, metadata.monday(entry.received)
        changes[entry.tip.reference].rows.append(entry)
    for row in Digest.objects.filter(pk__in=tips).select_related("tip"):
        changes[row.tip.reference].rows.append(row)
    _renew(changes, by=by, keys=keys)


def vouch_digests(*, tips: Iterable[UUID], keys: "Keys") -> None:
    """Vouch for digests that were made anew from what is vouched for."""
    made = Digest.objects.filter(pk__in=list(tips)).select_related("tip")
    _renew({row.tip.reference: vouching.Change(rows=[row], anew=True) for row in made}, by=None, keys=keys)


def _renew(changes: dict[str, vouching.Change], *, by: "User | None", keys: "Keys") -> None:
    details = vouching.renew(changes, keys=keys)
    audit.record_each(by=by, act=AuditAct.VOUCHED, subjects=list(details), details=details)
