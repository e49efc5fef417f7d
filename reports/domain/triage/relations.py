"""Related tips: what members said of two tips, and how many sources stand behind several.

Tips that are related count as one source until an officer records, with a sealed reason, why they are not.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.errors import Refused, Swapped, too_long
from reports.domain.keys import sealed
from reports.domain.tips import recusal
from reports.models import AuditAct, Relation, Tip, Verdict

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

LENGTH = 2_000  # characters of a reason
MOST = 500  # tips that one web is followed to


@dataclass(frozen=True)
class Web:
    """Tips that hang together by confirmed relations, the one in question first, and how many sources they are."""

    tips: tuple[Tip, ...]
    relations: tuple[Relation, ...]
    sources: int


def judge(*, tip: Tip, other: Tip, verdict: str, by: "User", reason: str = "") -> Relation:
    """Say what two tips are to each other, in place of what was said before; recorded on both.

    A reason is sealed; only for `independent` it must be given. What is related to a tip that is hidden from a member
    is hidden from them as well: refused when nobody could read one of the two then.
    """
    for one in (tip, other):
        recusal.require_free(tip=one, by=by)
    if verdict not in Verdict.values or tip.pk == other.pk:
        raise Refused(_("Say whether these two tips are related."))
    text = _reason(reason, needed=verdict == Verdict.INDEPENDENT)
    low, high = sorted((tip, other), key=lambda one: one.pk)
    with transaction.atomic():
        if len(Tip.objects.select_for_update().filter(pk__in=[low.pk, high.pk]).order_by("pk")) < 2:
            raise Refused(_("One of these tips has been deleted meanwhile."))
        found = Relation.objects.filter(low=low, high=high).first() or Relation(id=uuid.uuid4(), low=low, high=high)
        found.verdict, found.author, found.since = Verdict(verdict), by.get_username(), timezone.localdate()
        sealed.fill(found, {"reason": text})
        found.save()
        recusal.spread(tips=(low.pk, high.pk))
        for one, another in ((tip, other), (other, tip)):
            audit.record(by=by, act=AuditAct(found.verdict), subject=one.reference, other=another.reference)
    return found


def stand_alone(*, tip: Tip, by: "User", reason: str) -> int:
    """Record why a tip is a source of its own beside all that it is related to now; return beside how many."""
    recusal.require_free(tip=tip, by=by)
    _reason(reason, needed=True)
    rows = Relation.objects.touching([tip.pk]).visible_to(by).filter(verdict=Verdict.RELATED)
    with transaction.atomic():
        others = [row.other(tip) for row in rows.select_related("low", "high")]
        for other in others:
            judge(tip=tip, other=other, verdict=Verdict.INDEPENDENT, reason=reason, by=by)
    return len(others)


def reasons(*, relations: Iterable[Relation], keys: "Keys") -> dict["UUID", str]:
    """Return why members said so, by the relations' ids; the caller has recorded that it is read."""
    found = {}
    for row in relations:
        try:
            found[row.pk] = str(sealed.opened(row, keys=keys)["reason"])
        except Swapped:
            found[row.pk] = _("This reason does not open, or does not belong here. Tell a lead.")
    return found


def web(*, tip: Tip, by: "User") -> Web:
    """Return what hangs together with a tip, as far as `by` may know it."""
    relations = _reached([tip.pk], by=by)
    keys = _ends(relations)
    others = Tip.objects.filter(pk__in=keys - {tip.pk}).order_by("received", "reference")
    return Web((tip, *others), relations, _count(keys | {tip.pk}, relations))


def sources(*, tips: Iterable[Tip], by: "User") -> int:
    """Return how many sources stand behind these tips: two that are related through a third are one as well."""
    keys = {tip.pk for tip in tips}
    relations = _reached(keys, by=by)
    parts = _parts(keys | _ends(relations), relations)
    return len({parts[key] for key in keys})


def judged(*, tip: Tip, by: "User") -> dict["UUID", Relation]:
    """Return what was said of a tip and others, by the others' keys, without those that are hidden from `by`."""
    rows = Relation.objects.touching([tip.pk]).visible_to(by).select_related("low", "high")
    return {row.other(tip).pk: row for row in rows}


def _reached(start: Iterable["UUID"], *, by: "User") -> tuple[Relation, ...]:
    """Return the confirmed relations that hang together with these tips; one query for each step away from them."""
    found: dict[UUID, Relation] = {}
    known, edge = set(start), set(start)
    while edge and len(known) <= MOST + len(set(start)):
        step = Relation.objects.confirmed().visible_to(by).touching(edge).exclude(pk__in=list(found)).defer("sealed")
        rows = list(step)
        found |= {row.pk: row for row in rows}
        edge = _ends(rows) - known
        known |= edge
    return tuple(found.values())


def _ends(relations: Iterable[Relation]) -> set["UUID"]:
    return {key for row in relations for key in (row.low_id, row.high_id)}


def _count(keys: set["UUID"], relations: Iterable[Relation]) -> int:
    return len(set(_parts(keys, relations).values()))


def _parts(keys: set["UUID"], relations: Iterable[Relation]) -> dict["UUID", "UUID"]:
    """Return for each tip one that stands for its source: joined by relations that count as one source."""
    parent = {key: key for key in keys}

    def root(key: "UUID") -> "UUID":
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    for row in relations:
        if row.verdict == Verdict.RELATED:
            parent[root(row.low_id)] = root(row.high_id)
    return {key: root(key) for key in keys}


def _reason(text: str, *, needed: bool) -> str:
    text = text.replace("\r\n", "\n").strip()
    if needed and not text:
        raise Refused(_("Write why they are sources of their own. It is sealed; your colleagues can read it."))
    if len(text) > LENGTH:
        said = _("A reason has room for %(room)s characters; this one has %(length)s.")
        raise too_long(said, room=LENGTH, text=text)
    return text
