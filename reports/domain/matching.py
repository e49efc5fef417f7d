"""Which tips name the same plate, phone, address, username or e-mail as this one, the rarest first.

A machine only finds them; what they are to each other a member says (`relations.py`). Each call opens a bounded number
of tips, the newest, and of their senders' contact details nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports import entities
from reports.domain import audit, opening, recusal
from reports.entities import Kind
from reports.models import Tip

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

    from reports.domain.keyholders import Keys

LOOKED_AT = 400  # tips that one call opens at the most
SHOWN = 20  # related tips that one call returns at the most
NAMES: dict[Kind, str | Promise] = {
    Kind.PLATE: _("the number plate"),
    Kind.PHONE: _("the phone number"),
    Kind.ADDRESS: _("the address"),
    Kind.USERNAME: _("the username"),
    Kind.EMAIL: _("the e-mail address"),
}  # a postcode alone is shared by a whole street

type Named = dict[tuple[Kind, str], str]  # how each thing is written, by its kind and its one spelling


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
    """What a look for related tips found: the strongest of them, and how many tips of how many were looked at."""

    matches: tuple[Match, ...]
    named: int  # things in this tip by which it could be found
    looked_at: int
    total: int


def look(*, tip: Tip, by: "User", keys: "Keys") -> Look:
    """Return the tips that share something with this one, after recording that `by` glimpsed them and this one."""
    recusal.require_free(tip=tip, by=by)
    own = _named([tip], keys).get(tip.pk, {})
    others = Tip.objects.filter(opened=True).visible_to(by).exclude(pk=tip.pk)
    newest = list(others.order_by("-received", "-pk")[:LOOKED_AT]) if own else []
    theirs = _named(newest, keys)
    counts = Counter(thing for found in theirs.values() for thing in found if thing in own)
    matches = [Match(other, _reasons(own, theirs.get(other.pk, {}), counts)) for other in newest]
    strongest = sorted((one for one in matches if one.reasons), key=lambda one: -one.weight)[:SHOWN]
    with transaction.atomic():
        for shown in (tip, *(match.tip for match in strongest)):
            audit.record(by=by, act="glimpsed", subject=shown.reference)
    return Look(tuple(strongest), named=len(own), looked_at=len(newest), total=others.count())


def _reasons(own: Named, theirs: Named, counts: Mapping[tuple[Kind, str], int]) -> tuple[Reason, ...]:
    shared = sorted((thing for thing in theirs if thing in own), key=lambda thing: (counts[thing], thing))
    return tuple(Reason(NAMES[kind], own[kind, value], counts[kind, value]) for kind, value in shared)


def _named(tips: Iterable[Tip], keys: "Keys") -> dict["UUID", Named]:
    """Return what each of these tips names, by their keys."""
    found: dict[UUID, Named] = {}
    for pk, texts in opening.texts(tips=tips, keys=keys).items():
        for one in entities.find("\n".join(texts)):
            if one.kind in NAMES:
                found.setdefault(pk, {}).setdefault((one.kind, one.value), one.written)
    return found
