"""The queue: a page of tips in reading order that costs the same at a thousand tips and at a million.

Pages are found by seeking to a place in the order, never by counting from its start. Of several filters one is the
key: it has an index in the queue's order. The others are tried on the tips that this index yields, on at most LOOK of
them; a page that came to that end says so and offers to look further.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.fields import tuple_lookups
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from reports.models import Tip, TipQuerySet
from reports.models.tips import ORDER, URGENT

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = 40  # tips on a page
LOOK = 1_000  # tips that one page looks at, at the most
FACTS = ("appeal", "area", "category", "status")  # filters by a column, the most selective first


class Place(NamedTuple):
    """A place in the queue's order."""

    rank: int
    received: date
    reference: str

    def __str__(self) -> str:
        """Return it for an address."""
        return f"{self.rank}.{self.received:%Y-%m-%d}.{self.reference}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """Return the place that `str` wrote; None for anything else."""
        try:
            rank, day, reference = text.split(".")
            return cls(int(rank), date.fromisoformat(day), reference)
        except ValueError:
            return None

    @classmethod
    def of(cls, tip: Tip) -> "Place":
        """Return where a tip stands."""
        return cls(tip.rank, tip.received, tip.reference)


@dataclass(frozen=True)
class Narrowing:
    """What the queue is narrowed to: what waits (as the filter has it), and columns of tips by name."""

    waiting: str = ""
    urgent: bool = False
    facts: "Mapping[str, str]" = field(default_factory=dict)
    also: tuple[Any, ...] = ()  # any other condition, such as a label's

    def __bool__(self) -> bool:
        """Return whether it leaves anything out."""
        return bool(self.waiting or self.urgent or self.facts or self.also)


@dataclass(frozen=True)
class Page:
    """A page's tips; the places before and after it, if there is something; whether LOOK ended it."""

    tips: list[Tip]
    earlier: Place | None = None
    later: Place | None = None
    looked: bool = False


def page(*, by: "User", narrowed: Narrowing, after: Place | None = None, before: Place | None = None) -> Page:
    """Return the tips after a place, or those just before it, or the first ones."""
    if before is not None:
        return _before(before, member=by, narrowed=narrowed)
    return _after(after, member=by, narrowed=narrowed)


def _after(after: Place | None, *, member: "User", narrowed: Narrowing) -> Page:
    key, others = _conditions(narrowed, member)
    tips = Tip.objects.filter(key)
    if after is not None:
        tips = tips.filter(_tuple(tuple_lookups.TupleLessThan, after))
    last = _place(tips.in_reading_order(), LOOK) if others else None
    if last is not None:
        tips = tips.filter(_tuple(tuple_lookups.TupleGreaterThanOrEqual, last))
    found = list(_listed(tips.filter(*others), member).in_reading_order()[: PAGE + 1])
    shown, more = found[:PAGE], len(found) > PAGE
    looked = last is not None and not more
    end = last if looked else (Place.of(shown[-1]) if more else None)
    return Page(shown, earlier=after and (Place.of(shown[0]) if shown else after), later=end, looked=looked)


def _before(before: Place, *, member: "User", narrowed: Narrowing) -> Page:
    key, others = _conditions(narrowed, member)
    upwards = Tip.objects.filter(key).filter(_tuple(tuple_lookups.TupleGreaterThan, before)).order_by(*ORDER)
    first = _place(upwards, LOOK) if others else None
    if first is not None:
        upwards = upwards.filter(_tuple(tuple_lookups.TupleLessThanOrEqual, first))
    found = list(_listed(upwards.filter(*others), member)[: PAGE + 1])
    shown, more = found[:PAGE][::-1], len(found) > PAGE
    looked = first is not None and not more
    start = first if looked else (Place.of(shown[0]) if more else None)
    return Page(shown, earlier=start, later=Place.of(shown[-1]) if shown else before, looked=looked)


def _listed(tips: TipQuerySet, member: "User") -> TipQuerySet:
    """Return what may be shown, with the name of whom each was given to and no more of that person."""
    # Not a join: with few members the engine would begin with these, and sort all their tips.
    name = User.objects.filter(pk=OuterRef("assignee")).values("username")
    return tips.visible_to(member).annotate(given_to=Subquery(name))


def _place(tips: TipQuerySet, number: int) -> Place | None:
    """Return where the `number`th of these tips stands, read from the index alone; None when there are fewer."""
    found = tips.values_list(*ORDER)[number : number + 1]
    return next((Place(*row) for row in found), None)


def _tuple(lookup: Any, place: Place) -> Any:
    return lookup(tuple_lookups.Tuple(*(F(column) for column in ORDER)), tuple(place))


def _conditions(narrowed: Narrowing, member: "User") -> tuple[Q, list[Any]]:
    """Return the condition whose index gives the order, and the others, worded so that no other index is taken."""
    facts = {column: narrowed.facts[column] for column in FACTS if narrowed.facts.get(column)}
    others: list[Any] = [_beside("urgent", True)] if narrowed.urgent else []
    match narrowed.waiting:
        case "mine":
            key = Q(assignee=member.pk, decided=None)
        case "nobody":
            key = Q(assignee=None, decided=None)
        case "answers":
            key = Q(unread=True, answered=True)
        case _:
            column = next(iter(facts), None)
            key = Q(**{column: facts.pop(column)}) if column else Q()
    if narrowed.waiting == "urgent":
        key &= Q(rank=URGENT)
    elif narrowed.waiting == "unread":
        key &= Q(rank__gte=1)
        others.append(_beside("unread", True))
    return key, [*others, *(_beside(column, value) for column, value in facts.items()), *narrowed.also]


def _beside(column: str, value: str | bool) -> Exact:
    """Return a condition on a column that no index can serve: the key's index, with its order, is the one to take."""
    nothing = type(value)()
    return Exact(Coalesce(F(column), Value(nothing)), Value(value))
