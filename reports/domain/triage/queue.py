"""The queue: a page of tips in reading order that costs the same at a thousand tips and at a million.

A page is found by seeking to a position in the order, never by counting from the start. One of the filters is the key:
an index has its tips in the queue's order. The other filters are tried on the tips that this index yields, at most LOOK
of them; a page that stops there says so and offers to look further.
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
LOOK = 1_000  # tips that one page examines at most
PLACE = re.compile(r"(?P<rank>[0-9])\.(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.(?P<reference>[0-9A-Z-]{1,9})")
FACTS = ("appeal", "area", "category", "status")  # filters by a column, the most selective first


class Place(NamedTuple):
    """A position in the queue's order."""

    rank: int
    received: date
    reference: str

    def __str__(self) -> str:
        """Return it for an address."""
        return f"{self.rank}.{self.received:%Y-%m-%d}.{self.reference}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """Return the position that `str` wrote; None for any other text."""
        if not (match := PLACE.fullmatch(text)):
            return None
        try:
            return cls(int(match["rank"]), date.fromisoformat(match["day"]), match["reference"])
        except ValueError:
            return None

    @classmethod
    def of(cls, tip: Tip) -> "Place":
        """Return a tip's position."""
        return cls(tip.rank, tip.received, tip.reference)


@dataclass(frozen=True)
class Narrowing:
    """The queue's filters: what waits, urgent tips only, values of columns by name, a label's key."""

    waiting: str = ""
    urgent: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    label: int | None = None


@dataclass(frozen=True)
class QueuePage:
    """A page: its tips, the positions before and after it if there are more tips, and whether LOOK ended it."""

    tips: list[Tip]
    earlier: Place | None = None
    later: Place | None = None
    looked: bool = False


def page(*, by: User, narrowed: Narrowing, after: Place | None = None, before: Place | None = None) -> QueuePage:
    """Return the tips after a position, those just before one, or the first ones."""
    begin, downwards = (after, True) if before is None else (before, False)
    key, others = _conditions(narrowed, by=by)
    along = _along(Tip.objects.filter(key), narrowed, begin, downwards=downwards)
    edge = _edge(along) if others else None
    if edge:
        along = along.filter((GreaterThanOrEqual if downwards else LessThanOrEqual)(_row(*map(F, ORDER)), _at(edge)))
    # Not a join: with few members the planner would begin with them, and sort all their tips.
    name = User.objects.filter(pk=OuterRef("assignee")).values("username")
    rows = list(along.filter(*others).visible_to(by).annotate(given_to=Subquery(name))[: PAGE + 1])
    tips, more = rows[:PAGE], len(rows) > PAGE
    looked = edge is not None and not more
    end = edge if looked else (Place.of(tips[-1]) if more else None)
    if downwards:
        return QueuePage(tips, earlier=begin and (Place.of(tips[0]) if tips else begin), later=end, looked=looked)
    return QueuePage(tips[::-1], earlier=end, later=Place.of(tips[0]) if tips else begin, looked=looked)


def _along(tips: TipQuerySet, narrowed: Narrowing, begin: Place | None, *, downwards: bool) -> TipQuerySet:
    """Return the tips beyond a position in the order of the key's index, or backwards."""
    if begin:
        tips = tips.filter((LessThan if downwards else GreaterThan)(_row(*map(F, ORDER)), _at(begin)))
    alike = ("assignee",) if narrowed.waiting == "nobody" else ()
    return tips.in_reading_order(*alike) if downwards else tips.order_by(*alike, *ORDER)


def _edge(along: TipQuerySet) -> Place | None:
    """Return the position of the last tip that a page may examine, from the index alone; None if there are fewer."""
    return next((Place(*row) for row in along.values_list(*ORDER)[LOOK : LOOK + 1]), None)


def _at(place: Place) -> Func:
    return _row(*map(Value, place))


def _row(*columns: F | Value) -> Func:
    """Return a row value, as comparisons joined by OR would use only the index's first column."""
    return Func(*columns, template="(%(expressions)s)", output_field=TextField())  # a row has no type of its own


def _conditions(narrowed: Narrowing, *, by: User) -> tuple[Q, list[Any]]:
    """Return the condition whose index gives the order, and the others, written so that no other index is used."""
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
    """Return a condition that no index can serve, so that the planner uses the key's index, with its order."""
    nothing = type(value)()
    return Exact(Coalesce(F(column), Value(nothing)), Value(value))
