"""Find tips that name the same plate, phone, address, username or e-mail address as a tip, the rarest first.

This only finds them; a member says whether they are related (`relations.py`). It searches the sealed digests, which
hold no contact details, for at most SECONDS.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.domain import audit
from reports.domain.tips import digests, opening, recusal
from reports.models import AuditAct, Digest, Segment, Tip
from reports.sealing import digest
from reports.text import entities
from reports.text.entities import Kind

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

SECONDS = 1.5  # for looking through digests, in one request
SHOWN = 20  # related tips that one call returns at the most
MOST = 500  # tips that are weighed for one entity; an entity in more tips says next to nothing
NAMES: dict[Kind, str | Promise] = {
    Kind.PLATE: _("the number plate"),
    Kind.PHONE: _("the phone number"),
    Kind.ADDRESS: _("the address"),
    Kind.USERNAME: _("the username"),
    Kind.EMAIL: _("the e-mail address"),
}  # a postcode alone is shared by a whole street

type Thing = tuple[Kind, str]  # its kind and its one spelling
type Named = dict[Thing, str]  # how each thing is written, by the thing


@dataclass(frozen=True)
class Reason:
    """One shared entity: its kind, this tip's spelling, and the number of other tips that name it."""

    kind: str | Promise
    written: str
    count: int


@dataclass(frozen=True)
class Match:
    """A tip with shared entities, the rarest first."""

    tip: Tip
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        """The strength of the match: an entity in few tips counts more than one in many."""
        return sum(1 / reason.count for reason in self.reasons)


@dataclass(frozen=True)
class Matches:
    """The strongest matches of a tip, and how many tips of how many were searched."""

    matches: tuple[Match, ...]
    named: int  # things in this tip by which it could be found
    looked_at: int = 0
    total: int = 0
    more: int = 0  # related tips that are weaker than the last of these

    @property
    def whole(self) -> bool:
        """Whether all tips were searched."""
        return self.looked_at >= self.total


def look(*, tip: Tip, by: "User", keys: "Keys", after: int = 0) -> Matches:
    """Return up to SHOWN tips that share an entity with this one, after recording that `by` glimpsed them and this one.

    The strongest come first, without the `after` strongest, which were shown before.
    """
    recusal.require_free(tip=tip, by=by)
    own = _named(tip, keys)
    holders, looked_at, total = _held({digest.name(*thing): thing for thing in own}, keys) if own else ({}, 0, 0)
    shared = _shared(holders, tip=tip, by=by)
    counts = Counter(thing for things in shared.values() for thing in things)
    tips = Tip.objects.in_bulk(shared)
    matches = [Match(tips[pk], _reasons(own, things, counts)) for pk, things in shared.items()]
    matches.sort(key=lambda match: (-match.weight, match.tip.reference))
    strongest = matches[after : after + SHOWN]
    with transaction.atomic():
        audit.record_each(
            by=by, act=AuditAct.GLIMPSED, subjects=[tip.reference, *(match.tip.reference for match in strongest)]
        )
    return Matches(tuple(strongest), len(own), looked_at, total, more=max(0, len(matches) - after - SHOWN))


def _held(names: Mapping[str, Thing], keys: "Keys") -> tuple[dict[Thing, list["UUID"]], int, int]:
    """Return the tips by the entity that they name, as time allows, and how many of them were searched."""
    until, tips_by_thing, seen = time.monotonic() + SECONDS, defaultdict[Thing, list["UUID"]](list), 0
    while time.monotonic() < until and (opening.digest_missing(keys=keys) or digests.prepare(keys=keys)):
        pass
    loose = Digest.objects.filter(segment=None).order_by("-tip_id")
    for tip, plain in digests.opened(loose[: digests.LOOSE], keys=keys):
        seen += 1
        for name in digest.named(plain):
            if name in names:
                tips_by_thing[names[name]].append(tip)
    cipher = digests.ciphers(keys)
    for segment in Segment.objects.defer("texts").order_by("-number").iterator(chunk_size=4):
        if time.monotonic() >= until:
            break
        seen += segment.count
        for name, tips in digests.holders(segment, names, cipher=cipher).items():
            tips_by_thing[names[name]] += tips
    return tips_by_thing, seen, digests.ready()[1]


def _shared(holders: Mapping[Thing, list["UUID"]], *, tip: Tip, by: "User") -> dict["UUID", list[Thing]]:
    """Return the shared entities of each other tip that `by` may see; of one entity, at most MOST tips count."""
    things_by_tip: dict[UUID, list[Thing]] = defaultdict(list)
    for thing, tips in holders.items():
        for pk in tips[:MOST]:
            things_by_tip[pk].append(thing)
    visible = (
        Tip.objects.visible_to(by).exclude(pk=tip.pk).filter(pk__in=list(things_by_tip)).values_list("pk", flat=True)
    )
    return {pk: things_by_tip[pk] for pk in visible}


def _reasons(own: Named, things: Iterable[Thing], counts: Mapping[Thing, int]) -> tuple[Reason, ...]:
    rarest = sorted(things, key=lambda thing: (counts[thing], thing))
    return tuple(Reason(NAMES[thing[0]], own[thing], counts[thing]) for thing in rarest)


def _named(tip: Tip, keys: "Keys") -> Named:
    """Return the tip's entities, with their spelling."""
    texts = opening.texts(tips=[tip], keys=keys).get(tip.pk, [])
    named: Named = {}
    for entity in entities.find("\n".join(texts)):
        if entity.kind in NAMES:
            named.setdefault((entity.kind, entity.value), entity.written)
    return named
