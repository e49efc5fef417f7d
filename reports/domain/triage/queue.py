"""The queue: a page of tips in reading order that costs the same at a thousand tips and at a million.

Pages are found by seeking to a place in the order, never by counting from its start. Of several filters one is the
key: it has an index in the queue's order. The others are tried on the tips that this index yields, on at most LOOK of
them; a page that came to that end says so and offers to look further.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from reports.models import Tip, TipQuerySet
from reports.models.tips import ORDER, UNREAD, URGENT

PAGE = 40  # tips on a page
LOOK = 1_000  # tips that one page looks at, at the most
PLACE = re.compile(r"(?P<rank>[0-9])\.(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.(?P<reference>[0-9A-Z-]{1,9})")
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
        if not (match := PLACE.fullmatch(text)):
            return None
        try:
            return cls(int(match["rank"]), date.fromisoformat(match["day"]), match["reference"])
        except ValueError:
            return None

    @classmethod
    def of(cls, tip: Tip) -> "Place":
        """Return where a tip stands."""
        return cls(tip.rank, tip.received, tip.reference)


@dataclass(frozen=True)
class Narrowing:
    """What the queue is narrowed to: what waits (as the filter has it), columns of tips by name, a label's key."""

    waiting: str = ""
    urgent: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    label: int | None = None


@dataclass(frozen=True)
class QueuePage:
    """A page's tips; the places before and after it, if there is something; whether LOOK ended it."""

    tips: list[Tip]
    earlier: Place | None = None
    later: Place | None = None
    looked: bool = False


def page(*, by: User, narrowed: Narrowing, after: Place | None = None, before: Place | None = None) -> QueuePage:
    """Return the tips after a place, or those just before it, or the first ones."""
    begin, downwards = (after, True) if before is None else (before, False)
    key, others = _conditions(narrowed, by=by)
    along = _along(Tip.objects.filter(key), narrowed, begin, downwards=downwards)
    edge = _edge(along) if others else None
    if edge:
        along = along.filter((GreaterThanOrEqual if downwards else LessThanOrEqual)(_row(*map(F, ORDER)), _at(edge)))
    # Not a join: with few members the engine would begin with these, and sort all their tips.
    name = User.objects.filter(pk=OuterRef("assignee")).values("username")
    rows = list(along.filter(*others).visible_to(by).annotate(given_to=Subquery(name))[: PAGE + 1])
    tips, more = rows[:PAGE], len(rows) > PAGE
    looked = edge is not None and not more
    end = edge if looked else (Place.of(tips[-1]) if more else None)
    if downwards:
        return QueuePage(tips, earlier=begin and (Place.of(tips[0]) if tips else begin), later=end, looked=looked)
    return QueuePage(tips[::-1], earlier=end, later=Place.of(tips[0]) if tips else begin, looked=looked)


def _along(tips: TipQuerySet, narrowed: Narrowing, begin: Place | None, *, downwards: bool) -> TipQuerySet:
    """Return these tips beyond a place as the key's index yields them: in their order, or from its end."""
    if begin:
        tips = tips.filter((LessThan if downwards else GreaterThan)(_row(*map(F, ORDER)), _at(begin)))
    alike = ("assignee",) if narrowed.waiting == "nobody" else ()
    return tips.in_reading_order(*alike) if downwards else tips.order_by(*alike, *ORDER)


def _edge(along: TipQuerySet) -> Place | None:
    """Return where the last tip stands that a page may look at; the index alone knows. None when there are fewer."""
    return next((Place(*row) for row in along.values_list(*ORDER)[LOOK : LOOK + 1]), None)


def _at(place: Place) -> Func:
    return _row(*map(Value, place))


def _row(*columns: F | Value) -> Func:
    """Return them as one row: comparisons joined by OR would find only its first column in the index."""
    return Func(*columns, template="(%(expressions)s)", output_field=TextField())  # a row has no type of its own


def _conditions(narrowed: Narrowing, *, by: User) -> tuple[Q, list[Any]]:
    """Return the condition whose index gives the order, and the others, worded so that no other index is taken."""
    facts = {column: narrowed.facts[column] for column in FACTS if narrowed.facts.get(column)}
    others: list[Any] = [_beside("urgent", True)] if narrowed.urgent else []
    match narrowed.waiting:
        case "mine":
            key = Q(assignee=by.pk, decided=None)
        case "nobody":
            key = Q(assignee=None, decided=None)
        case "answers":
            key = Q(unread=True, answered=True, rank__gte=UNREAD)
        case "unread":
            key = Q(unread=True, rank__gte=UNREAD)
        case _:
            column = next(iter(facts), None)
            key = Q(**{column: facts.pop(column)}) if column else Q()
            key &= Q(appeal__gt="") if column == "appeal" else Q()  # of no others has the index a row
    if narrowed.waiting == "urgent":
        key &= Q(rank=URGENT)
    if narrowed.label is not None:
        others.append(Exists(Tip.labels.through.objects.filter(tip=OuterRef("pk"), label=narrowed.label)))
    return key, [*others, *(_beside(column, value) for column, value in facts.items())]


def _beside(column: str, value: str | bool) -> Exact:
    """Return a condition on a column that no index can serve: the key's index, with its order, is the one to take."""
    nothing = type(value)()
    return Exact(Coalesce(F(column), Value(nothing)), Value(value))
