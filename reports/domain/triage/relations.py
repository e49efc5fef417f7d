"""Related tips: members' verdicts on pairs of tips, and the number of sources behind several.

Tips that are related count as one source until a caseworker records, with a sealed reason, why they are not.
"""

import uuid
from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import recusal
from reports.domain.triage import safety
from reports.models import JUDGED, AuditAct, Recusal, Relation, Tip, Verdict
from reports.models.relations import RelationQuerySet

LENGTH = 2_000  # characters of a reason


class Sources(NamedTuple):
    """The largest number of sources, and whether a member compared each with each other; there may be fewer if not."""

    most: int
    compared: bool


def judge(
    *, tip: Tip, other: Tip, verdict: str, by: User, keys: Keys, reason: str = ""
) -> Relation:
    """Set the verdict on two tips, replacing an earlier one; recorded for both.

    A reason is sealed; `independent` requires one. A tip related to one that is hidden from a member is hidden from
    them as well. Raises Refused if nobody could read one of the two then; or if no Team lead but `by` could see one
    that needs a second person's look: otherwise a member could see to it that nobody looks at what they did.
    """
    for subject in (tip, other):
        recusal.require_free(tip=subject, by=by)
    if verdict not in JUDGED or tip.pk == other.pk:
        raise Refused("Say whether these two tips are related.")
    missing = (
        "Write why they are independent sources. We encrypt it, and other team members can read it."
    )
    needed = missing if verdict == Verdict.INDEPENDENT else ""
    text = sealed.typed(reason, most=LENGTH, what="Reason", missing=needed)
    low, high = sorted((tip, other), key=lambda subject: subject.pk)
    with transaction.atomic():
        if len(Tip.objects.select_for_update().filter(pk__in=[low.pk, high.pk]).order_by("pk")) < 2:
            raise Refused(
                "One of these tips has been deleted since then. Look for related tips again."
            )
        relation = Relation.objects.filter(low=low, high=high).select_related("low", "high").first()
        was = hashes(relation) if relation else {}
        relation = relation or Relation(id=uuid.uuid4(), low=low, high=high)
        relation.verdict = Verdict(verdict)
        relation.author = by.get_username()
        relation.since = timezone.localdate()
        sealed.fill(relation, {"reason": text})
        ends = {low.pk, high.pk}
        before = safety.out_of_reach(tips=ends, beside=by)
        relation.save()
        if safety.out_of_reach(tips=ends, beside=by) - before:
            raise Refused(
                "No other team lead could see one of these tips then, and one of them must look at what is done "
                "about it. Mark the tips as related after that, or ask a caseworker to."
            )
        recusal.spread(tips=ends)
        act = AuditAct(relation.verdict)
        rows = Named([relation], was=was, keys=keys)
        for subject, another in ((tip, other), (other, tip)):
            audit_log.record(
                by=by, act=act, subject=subject.reference, rows=rows, other=another.reference
            )
    return relation


def reasons(*, relations: Iterable[Relation], keys: Keys) -> dict[UUID, str]:
    """Return the reasons of verdicts by the relations' ids; the caller has recorded the reading."""
    return {row.pk: unsealed.text(row, keys=keys, name="reason") for row in relations}


def sources(*, tips: Iterable[Tip], by: User | None, denied: Iterable[UUID] = ()) -> Sources:
    """Return how many sources these tips can have: two that are related through a third are one.

    Spam, what may be malicious and what is `denied` (by key) are none, and join no others. `by` None: the program, from
    which no tip is hidden.
    """
    keys = {tip.pk for tip in tips}
    by_source = _by_source(keys, by=by, denied=denied)
    sources = {by_source[key] for key in keys & by_source.keys()}
    judged = (
        Relation.objects.filter(verdict__in=JUDGED)
        .visible_to(by)
        .filter(low__in=by_source, high__in=by_source)
    )
    pairs = {
        frozenset((by_source[low], by_source[high]))
        for low, high in judged.values_list("low", "high")
    }
    return Sources(len(sources), compared=_every_pair(sources) <= pairs)


def between(*, tips: Iterable[Tip], denied: Iterable[UUID] = ()) -> Sources:
    """As `sources`, by the verdicts between these tips alone: what is said of another tip changes nothing.

    At least one: somebody wrote them, also where each denies what others say.
    """
    keys = {tip.pk for tip in tips}
    rows, trusted = _rows_between(keys, denied=denied)
    by_source = _parts(trusted, rows)
    representatives = set(by_source.values())
    pairs = {frozenset((by_source[row.low_id], by_source[row.high_id])) for row in rows}
    most = max(len(representatives), 1)
    return Sources(most, compared=_every_pair(representatives) <= pairs)


def _every_pair(keys: set[UUID]) -> set[frozenset[UUID]]:
    return set(map(frozenset, combinations(keys, 2)))


def borne_out(*, tips: Iterable[Tip], denied: Iterable[UUID] = ()) -> set[UUID]:
    """Return the keys of those of these tips that another of them bears out, as its independent source."""
    rows, _trusted = _rows_between({tip.pk for tip in tips}, denied=denied)
    return _ends([row for row in rows if row.verdict == Verdict.INDEPENDENT])


def _rows_between(keys: set[UUID], *, denied: Iterable[UUID]) -> tuple[list[Relation], set[UUID]]:
    """Return the verdicts between those of these tips that can be sources, and the keys of these."""
    trusted = set(Tip.objects.trusted().filter(pk__in=keys).values_list("pk", flat=True)) - set(
        denied
    )
    return list(Relation.objects.filter(low__in=trusted, high__in=trusted).defer("sealed")), trusted


def judged(*, tip: Tip, by: User) -> dict[UUID, Relation]:
    """Return a tip's relations by the other tip's key, without those that are hidden from `by`."""
    rows = Relation.objects.touching([tip.pk]).select_related("low", "high")
    return {row.other(tip).pk: row for row in rows.visible_to(by)}


def to_compare(*, by: User) -> RelationQuerySet:
    """Return which pairs of tips are not compared yet, although one is hidden from who knows someone in the other."""
    possible = Relation.objects.filter(verdict=Verdict.POSSIBLE).visible_to(by)
    return possible.touching(Recusal.objects.order_by().values("tip"))


def _by_source(keys: set[UUID], *, by: User | None, denied: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return for each of these tips, and all that are connected with them, the key that represents its source."""
    relations = _reached(keys, by=by)
    every = keys | _ends(relations)
    trusted = set(Tip.objects.trusted().filter(pk__in=every).values_list("pk", flat=True)) - set(
        denied
    )
    return _parts(trusted, [row for row in relations if _ends([row]) <= trusted])


def _reached(start: Iterable[UUID], *, by: User | None) -> tuple[Relation, ...]:
    """Return the confirmed relations connected with these tips, by one query for each step."""
    relations: dict[UUID, Relation] = {}
    known = set(start)
    edge = set(start)
    while edge:
        step = (
            Relation.objects.confirmed()
            .visible_to(by)
            .touching(edge)
            .exclude(pk__in=list(relations))
            .defer("sealed")
        )
        rows = list(step)
        relations |= {row.pk: row for row in rows}
        edge = _ends(rows) - known
        known |= edge
    return tuple(relations.values())


def _ends(relations: Iterable[Relation]) -> set[UUID]:
    ends = set[UUID]()
    for row in relations:
        ends |= {row.low_id, row.high_id}
    return ends


def _parts(keys: set[UUID], relations: Iterable[Relation]) -> dict[UUID, UUID]:
    """Return for each tip the key that represents its source, joining tips that count as one."""
    parent = {key: key for key in keys}

    def root(key: UUID) -> UUID:
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    for row in relations:
        if row.verdict == Verdict.RELATED:
            parent[root(row.low_id)] = root(row.high_id)
    return {key: root(key) for key in keys}
