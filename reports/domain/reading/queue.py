"""The queue: a page of tips in reading order that costs the same at a thousand tips and at a million.

Pages are found by seeking to a place in the order, never by counting from its start. Of several filters one is the
key: it has an index in the queue's order. The others are tried on the tips that this index yields, on at most LOOK of
them; a page that came to that end says so and offers to look further. Pages that are narrowed by the same columns ask
the same questions, which the ORM writes once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.fields import tuple_lookups
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from config.prepared import Prepared
from reports.domain.reading.counting import NOBODY
from reports.models import Tip, TipQuerySet
from reports.models.tips import ORDER, UNREAD, URGENT

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
    """What the queue is narrowed to: what waits (as the filter has it), columns of tips by name, a label's key."""

    waiting: str = ""
    urgent: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    label: int | None = None

    def __bool__(self) -> bool:
        """Return whether it leaves anything out."""
        return bool(self.waiting or self.urgent or self.facts or self.label is not None)


@dataclass(frozen=True)
class Page:
    """A page's tips; the places before and after it, if there is something; whether LOOK ended it."""

    tips: list[Tip]
    earlier: Place | None = None
    later: Place | None = None
    looked: bool = False


class _Shape(NamedTuple):
    """What stays the same in questions with other values: by which columns, down or up, and between which ends."""

    waiting: str
    urgent: bool
    facts: tuple[str, ...]
    labelled: bool
    downwards: bool
    begun: bool
    ended: bool = False


# What stands in the statements for the values that they run with.
LABEL = -7_000_001
BEGIN, END = Place(-30_001, date(1, 1, 1), "the-begin"), Place(-30_002, date(1, 1, 2), "the-end")
MARKS: dict[str, Any] = {
    "member": NOBODY,
    "label": LABEL,
    **{column: f"the-{column}" for column in FACTS},
    **{f"begin_{column}": value for column, value in BEGIN._asdict().items()},
    **{f"end_{column}": value for column, value in END._asdict().items()},
}


def page(*, by: User, narrowed: Narrowing, after: Place | None = None, before: Place | None = None) -> Page:
    """Return the tips after a place, or those just before it, or the first ones."""
    begin, downwards = (after, True) if before is None else (before, False)
    facts = {column: narrowed.facts[column] for column in FACTS if narrowed.facts.get(column)}
    values: dict[str, Any] = {**facts, "member": by.pk, "label": narrowed.label, **_ends("begin", begin)}
    labelled = narrowed.label is not None
    shape = _Shape(narrowed.waiting, narrowed.urgent, tuple(facts), labelled, downwards, begin is not None)
    edge = next((Place(*row) for row in _edge(shape, LOOK).run(**values)), None) if _conditions(shape)[1] else None
    rows = _list(shape._replace(ended=edge is not None)).run(**values, **_ends("end", edge))
    found, more = [_tip(row) for row in rows[:PAGE]], len(rows) > PAGE
    looked = edge is not None and not more
    end = edge if looked else (Place.of(found[-1]) if more else None)
    if downwards:
        return Page(found, earlier=begin and (Place.of(found[0]) if found else begin), later=end, looked=looked)
    return Page(found[::-1], earlier=end, later=Place.of(found[0]) if found else begin, looked=looked)


def _ends(name: str, place: Place | None) -> dict[str, Any]:
    return {f"{name}_{column}": value for column, value in place._asdict().items()} if place else {}


@cache
def _edge(shape: _Shape, look: int) -> Prepared:
    """Return what asks, of the index alone, where the last tip stands that a page may look at."""
    return Prepared(lambda: _along(shape).values_list(*ORDER)[look : look + 1], **MARKS)


@cache
def _list(shape: _Shape) -> Prepared:
    """Return what asks for a page's tips, and one more, with the name of whom each was given to."""

    def write() -> Any:
        # Not a join: with few members the engine would begin with these, and sort all their tips.
        name = User.objects.filter(pk=OuterRef("assignee")).values("username")
        tips = _along(shape).filter(*_conditions(shape)[1]).visible_to(User(pk=NOBODY))
        return tips.annotate(given_to=Subquery(name)).values_list(*_columns(), "given_to")[: PAGE + 1]

    return Prepared(write, **MARKS)


@cache
def _columns() -> tuple[str, ...]:
    return tuple(column.attname for column in Tip._meta.concrete_fields)  # noqa: SLF001 - Django's public name


def _tip(row: tuple[Any, ...]) -> Tip:
    tip = Tip.from_db(connection.alias, _columns(), row[:-1])
    tip.given_to = row[-1]  # type: ignore[attr-defined] # no more of that person
    return tip


def _along(shape: _Shape) -> TipQuerySet:
    """Return the tips that the key's index yields between the ends, in their order."""
    tips = Tip.objects.filter(_conditions(shape)[0])
    down = (tuple_lookups.TupleLessThan, tuple_lookups.TupleGreaterThanOrEqual)
    up = (tuple_lookups.TupleGreaterThan, tuple_lookups.TupleLessThanOrEqual)
    beyond, within = down if shape.downwards else up
    if shape.begun:
        tips = tips.filter(_tuple(beyond, BEGIN))
    if shape.ended:
        tips = tips.filter(_tuple(within, END))
    alike = ("assignee",) if shape.waiting == "nobody" else ()
    return tips.in_reading_order(*alike) if shape.downwards else tips.order_by(*alike, *ORDER)


def _tuple(lookup: Any, place: Place) -> Any:
    return lookup(tuple_lookups.Tuple(*(F(column) for column in ORDER)), tuple(place))


@cache
def _conditions(shape: _Shape) -> tuple[Q, list[Any]]:
    """Return the condition whose index gives the order, and the others, worded so that no other index is taken."""
    facts = {column: MARKS[column] for column in shape.facts}
    others: list[Any] = [_beside("urgent", True)] if shape.urgent else []
    match shape.waiting:
        case "mine":
            key = Q(assignee=NOBODY, decided=None)
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
    if shape.waiting == "urgent":
        key &= Q(rank=URGENT)
    if shape.labelled:
        others.append(Exists(Tip.labels.through.objects.filter(tip=OuterRef("pk"), label=LABEL)))
    return key, [*others, *(_beside(column, value) for column, value in facts.items())]


def _beside(column: str, value: str | bool) -> Exact:
    """Return a condition on a column that no index can serve: the key's index, with its order, is the one to take."""
    nothing = type(value)()
    return Exact(Coalesce(F(column), Value(nothing)), Value(value))
