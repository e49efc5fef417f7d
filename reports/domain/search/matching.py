"""Find tips that name the same plate, phone, address, username or email address as a tip, the rarest first.

This only finds them; a member says whether they are related (`relations.py`). It searches what senders wrote in the
sealed digests, without contact details; a note may hold these.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch

from reports.domain.audit import audit_log
from reports.domain.keys.keyholders import Keys
from reports.domain.search import scan, snippets
from reports.domain.search.snippets import Snippet, Spans
from reports.domain.tips import digests, opening, recusal
from reports.models import AuditAct, Enquiry, Link, Tip
from reports.sealing import digest
from reports.text import entities
from reports.text.entities import EntityKind

SHOWN = 20  # related tips that one call returns at most; the page has as many
NAMES: dict[EntityKind, str] = {
    EntityKind.PLATE: "the number plate",
    EntityKind.PHONE: "the phone number",
    EntityKind.ADDRESS: "the address",
    EntityKind.USERNAME: "the username",
    EntityKind.EMAIL: "the email address",
}  # a postcode alone is shared by a whole street

type Thing = tuple[EntityKind, str]  # its kind and its one spelling
type Named = dict[Thing, str]  # how each thing is written, by the thing


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
    counts = Counter(thing for things in shared.values() for thing in things)
    strongest = sorted(shared, key=lambda pk: -sum(1 / counts[thing] for thing in shared[pk]))
    links = Prefetch("links", Link.objects.standing().select_related("enquiry"))
    rows = Tip.objects.prefetch_related(links).in_bulk(listed := strongest[after : after + SHOWN])
    tips = [rows[pk] for pk in listed if pk in rows]
    with transaction.atomic():
        audit_log.record_each(by=by, act=AuditAct.GLIMPSED, subjects=[tip.reference, *(row.reference for row in tips)])
    answers = opening.small(tips=tips, keys=keys)
    matches = tuple(
        Match(
            row,
            _reasons(own, things := shared[row.pk], counts),
            snippets.cut(answers[row.pk], partial(_places, things)),
        )
        for row in tips
    )
    return Matches(matches, len(own), len(shared))


def _places(things: Collection[Thing], text: str) -> Spans:
    """Return where a text names one of these things."""
    return [(entity.start, entity.end) for entity in entities.find(text) if (entity.kind, entity.value) in things]


def _shared(own: Named, *, tip: Tip, by: User, keys: Keys) -> dict[UUID, list[Thing]]:
    """Return the entities that other tips share with this one, by the tip's key, the newest tip first."""
    needles = {f" {digest.name(*thing)} ".encode("utf-8", "replace"): thing for thing in own}
    others = Tip.objects.visible_to(by).without_end().exclude(pk=tip.pk)

    def named_in(plain: bytes) -> list[Thing]:
        theirs = digests.of_sender(plain)  # once for each tip: it is a copy
        return [thing for needle, thing in needles.items() if needle in theirs]

    return scan.look_through(others, test=named_in, keys=keys)[0]


def _reasons(own: Named, things: Iterable[Thing], counts: Mapping[Thing, int]) -> tuple[Reason, ...]:
    rarest = sorted(things, key=lambda thing: (counts[thing], thing))
    return tuple(Reason(NAMES[thing[0]], own[thing], counts[thing]) for thing in rarest)


def _named(tip: Tip, keys: Keys) -> Named:
    """Return the tip's entities, with their spelling."""
    answers = opening.small(tips=[tip], keys=keys).get(tip.pk, [])
    texts = [text for given in answers for text in digests.texts(given).values()]
    named: Named = {}
    for entity in entities.find("\n".join(texts)):
        if entity.kind in NAMES:
            named.setdefault((entity.kind, entity.value), entity.written)
    return named
