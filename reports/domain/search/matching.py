"""Find tips that name the same plate, phone, house, username or email address as a tip, the rarest first.

This only finds them; a member says whether they are related (`relations.py`). It searches what senders wrote in the
sealed digests, without contact details; a note may hold these.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import chain
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch

from reports.domain.audit import audit_log
from reports.domain.keys.keyholders import Keys
from reports.domain.search import scan, snippets
from reports.domain.search.snippets import Snippet, Spans
from reports.domain.tips import digests, opening, recusal, things
from reports.domain.tips.metadata import monday
from reports.domain.tips.things import Thing
from reports.models import AuditAct, Enquiry, Link, Recusal, Tip, TipQuerySet
from reports.text import entities
from reports.text.entities import EntityKind

SHOWN = 20  # related tips that one call returns at most; the page has as many
# What a tip's page counts, in its words
COUNTED: dict[str, tuple[EntityKind, ...]] = {
    "house": (EntityKind.HOUSE, EntityKind.ADDRESS),
    "number plate": (EntityKind.PLATE,),
    "phone number": (EntityKind.PHONE,),
}


@dataclass(frozen=True)
class Reason:
    """One shared entity: its kind, this tip's spelling, and the number of other tips that name it."""

    kind: str
    written: str
    count: int


@dataclass(frozen=True)
class Match:
    """A tip, with its labels and enquiries, its shared entities, the rarest first, and where an answer names them."""

    tip: Tip
    reasons: tuple[Reason, ...]
    snippets: tuple[Snippet, ...] = field(repr=False)

    @property
    def enquiries(self) -> list[Enquiry]:
        """The enquiries that the tip is in."""
        return [link.enquiry for link in self.tip.links.all()]


type Named = dict[Thing, str]  # how each thing is written, by the thing


@dataclass(frozen=True)
class Same:
    """How many other tips name the same house, plate or number: in all, this week, and in the two weeks before."""

    what: str  # a key of COUNTED
    count: int
    this_week: int
    before: int


@dataclass(frozen=True)
class Matches:
    """A page of the matches of a tip, the strongest first."""

    matches: tuple[Match, ...]
    named: int  # things in this tip by which it could be found
    count: int = 0  # of all matches


def related(*, tip: Tip, by: User, keys: Keys, after: int = 0) -> Matches:
    """Return up to SHOWN tips that share an entity with this one, without the first `after`.

    That `by` glimpsed them and this one is recorded first. The strongest come first: an entity in few tips counts more
    than one in many. Tips that are moved to the end of the queue are not compared.
    """
    recusal.require_free(tip=tip, by=by)
    own = _named(tip, keys)
    shared = _shared(own, tip=tip, by=by, keys=keys) if own else {}
    counts = Counter(chain.from_iterable(shared.values()))

    def strength(pk: UUID) -> float:
        return sum(1 / counts[thing] for thing in shared[pk])

    strongest = sorted(shared, key=strength, reverse=True)
    listed = strongest[after : after + SHOWN]
    links = Prefetch("links", Link.objects.standing().select_related("enquiry"))
    rows = Tip.objects.prefetch_related(links).in_bulk(listed)
    tips = [rows[pk] for pk in listed if pk in rows]
    with transaction.atomic():
        audit_log.record_each(
            by=by, act=AuditAct.GLIMPSED, subjects=[tip.reference, *(row.reference for row in tips)]
        )
    answers = opening.small(tips=tips, keys=keys)
    matches = []
    for row in tips:
        named = shared[row.pk]
        cut = snippets.cut(answers[row.pk], partial(_places, named))
        matches.append(Match(row, _reasons(own, named, counts), cut))
    return Matches(tuple(matches), len(own), len(shared))


def same(*, tip: Tip, by: User, keys: Keys, today: date) -> list[Same]:
    """Return how many tips that `by` may see name what this tip names, for each of COUNTED that it does name.

    `by` has read the tip. Of the others no word is shown, so nothing is recorded of them.
    """
    recusal.require_free(tip=tip, by=by)
    own = _named(tip, keys)
    wanted: dict[str, list[Thing]] = {}
    for what, kinds in COUNTED.items():
        named = [thing for thing in own if thing[0] in kinds]
        if named:
            wanted[what] = named
    counted = list(chain.from_iterable(wanted.values()))
    shared = _shared(counted, tip=tip, by=by, keys=keys) if counted else {}
    weeks = dict(Tip.objects.filter(pk__in=shared).values_list("pk", "received"))
    lines = []
    for what, named in wanted.items():
        weeks_of_others = [
            week for pk, week in weeks.items() if not set(named).isdisjoint(shared[pk])
        ]
        lines.append(_same(what, weeks_of_others, today))
    return lines


def recuse(*, tip: Tip, by: User, reason: str, keys: Keys) -> Recusal:
    """Hide a tip from `by` as `recusal.recuse`, and unseen what names the same house, plate or number."""
    recusal.require_free(tip=tip, by=by)
    own = [thing for thing in _named(tip, keys) if thing[0] in things.PLACES]
    others = _naming(own, Tip.objects.without_end().exclude(pk=tip.pk), keys=keys) if own else {}
    with transaction.atomic():
        row = recusal.recuse(tip=tip, by=by, reason=reason, keys=keys)
        recusal.hide_unseen(tip=tip, others=Tip.objects.filter(pk__in=others), keys=keys)
    return row


def _same(what: str, weeks: list[date], today: date) -> Same:
    this_week = monday(today)
    age = [(this_week - week).days // 7 for week in weeks]
    return Same(
        what, len(weeks), sum(weeks <= 0 for weeks in age), sum(weeks in (1, 2) for weeks in age)
    )


def _places(named: Collection[Thing], text: str) -> Spans:
    """Return where a text names one of these things."""
    return [
        (entity.start, entity.end)
        for entity in entities.find(text)
        if things.is_one_of(entity, named)
    ]


def _shared(own: Collection[Thing], *, tip: Tip, by: User, keys: Keys) -> dict[UUID, list[Thing]]:
    """Return the entities that other tips share with this one, by the tip's key, the newest tip first."""
    return _naming(own, Tip.objects.visible_to(by).without_end().exclude(pk=tip.pk), keys=keys)


def _naming(own: Collection[Thing], others: TipQuerySet, *, keys: Keys) -> dict[UUID, list[Thing]]:
    """Return which of these things other tips name, by the tip's key, the newest tip first."""
    return scan.look_through(
        others, test=lambda plain: things.shared(own, digests.of_sender(plain)), keys=keys
    )[0]


def _reasons(own: Named, named: Iterable[Thing], counts: Mapping[Thing, int]) -> tuple[Reason, ...]:
    rarest = sorted(named, key=lambda thing: (counts[thing], thing))
    return tuple(Reason(things.NAMES[thing[0]], own[thing], counts[thing]) for thing in rarest)


def _named(tip: Tip, keys: Keys) -> Named:
    """Return the tip's entities, with their spelling."""
    answers = opening.small(tips=[tip], keys=keys).get(tip.pk, [])
    texts = list[str]()
    for given in answers:
        texts += digests.texts(given).values()
    return things.named(entities.find("\n".join(texts)))
