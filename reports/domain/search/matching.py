"""Which tips name the same plate, phone, address, username or e-mail as this one, the rarest first.

A machine only finds them; what they are to each other a member says (`relations.py`). The sealed digests are looked
through, for so many seconds at the most; senders' contact details are not in them.
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
MOST = 500  # tips for one thing that are weighed; what more name says next to nothing
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
    """One thing that two tips name: what it is, how this tip writes it, and in how many other tips it stands."""

    kind: str | Promise
    written: str
    count: int


@dataclass(frozen=True)
class Match:
    """A tip that names the same, and all that it shares, the rarest first."""

    tip: Tip
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        """How strong it is: what few tips name says more than what many do."""
        return sum(1 / reason.count for reason in self.reasons)


@dataclass(frozen=True)
class Look:
    """What a look for related tips found: the strongest of them, and how many tips of how many were looked through."""

    matches: tuple[Match, ...]
    named: int  # things in this tip by which it could be found
    looked_at: int = 0
    total: int = 0
    more: int = 0  # related tips that are weaker than the last of these

    @property
    def whole(self) -> bool:
        """Whether all tips were looked through."""
        return self.looked_at >= self.total


def look(*, tip: Tip, by: "User", keys: "Keys", after: int = 0) -> Look:
    """Return the tips that share something with this one, after recording that `by` glimpsed them and this one.

    SHOWN of them at the most, the strongest first, without the `after` strongest, which were shown before.
    """
    recusal.require_free(tip=tip, by=by)
    own = _named(tip, keys)
    holders, looked_at, total = _held({digest.name(*thing): thing for thing in own}, keys) if own else ({}, 0, 0)
    shared = _shared(holders, tip=tip, by=by)
    counts = Counter(thing for things in shared.values() for thing in things)
    tips = Tip.objects.in_bulk(shared)
    matches = [Match(tips[pk], _reasons(own, things, counts)) for pk, things in shared.items()]
    matches.sort(key=lambda one: (-one.weight, one.tip.reference))
    strongest = matches[after : after + SHOWN]
    with transaction.atomic():
        audit.record_each(
            by=by, act=AuditAct.GLIMPSED, subjects=[tip.reference, *(one.tip.reference for one in strongest)]
        )
    return Look(tuple(strongest), len(own), looked_at, total, more=max(0, len(matches) - after - SHOWN))


def _held(names: Mapping[str, Thing], keys: "Keys") -> tuple[dict[Thing, list["UUID"]], int, int]:
    """Return which tips' digests hold these names, as far as the time allows, and how many of how many were seen."""
    until, found, seen = time.monotonic() + SECONDS, defaultdict[Thing, list["UUID"]](list), 0
    while time.monotonic() < until and (opening.digest_missing(keys=keys) or digests.prepare(keys=keys)):
        pass
    loose = Digest.objects.filter(segment=None).order_by("-tip_id")
    for tip, plain in digests.opened(loose[: digests.LOOSE], keys=keys):
        seen += 1
        for name in digest.named(plain):
            if name in names:
                found[names[name]].append(tip)
    cipher = digests.ciphers(keys)
    for segment in Segment.objects.defer("texts").order_by("-number").iterator(chunk_size=4):
        if time.monotonic() >= until:
            break
        seen += segment.count
        for name, tips in digests.holders(segment, names, cipher=cipher).items():
            found[names[name]] += tips
    return found, seen, digests.ready()[1]


def _shared(holders: Mapping[Thing, list["UUID"]], *, tip: Tip, by: "User") -> dict["UUID", list[Thing]]:
    """Return what each other tip shares that `by` may see; of what very many name, only MOST tips are weighed."""
    found: dict[UUID, list[Thing]] = defaultdict(list)
    for thing, tips in holders.items():
        for pk in tips[:MOST]:
            found[pk].append(thing)
    visible = Tip.objects.visible_to(by).exclude(pk=tip.pk).filter(pk__in=list(found)).values_list("pk", flat=True)
    return {pk: found[pk] for pk in visible}


def _reasons(own: Named, things: Iterable[Thing], counts: Mapping[Thing, int]) -> tuple[Reason, ...]:
    rarest = sorted(things, key=lambda thing: (counts[thing], thing))
    return tuple(Reason(NAMES[thing[0]], own[thing], counts[thing]) for thing in rarest)


def _named(tip: Tip, keys: "Keys") -> Named:
    """Return what this tip names."""
    texts = opening.texts(tips=[tip], keys=keys).get(tip.pk, [])
    found: Named = {}
    for one in entities.find("\n".join(texts)):
        if one.kind in NAMES:
            found.setdefault((one.kind, one.value), one.written)
    return found
