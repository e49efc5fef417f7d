"""The queue: a page of tips in reading order that costs the same at a thousand tips and at a million.

A page is found by seeking to a position in the order, never by counting from the start. One of the filters is the key:
an index has its tips in the queue's order. The other filters are tried on the tips that this index yields, at most LOOK
of them; a page that stops there says so and offers to look further.

Of tips that say the same a page shows one, and reads on past the others, READS times at most.

The newest first is the index's order. The oldest first, and one week, take one rank after another, in each of which
the index has the weeks in order: urgent and unread tips stay on top either way.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, LessThan, LessThanOrEqual

from reports.domain.triage.bounded_count import Count, count
from reports.models import Tip, TipQuerySet, hidden_from
from reports.models.tips import ORDER, SET_ASIDE, UNREAD, URGENT

PAGE = 40  # tips on a page
LOOK = 1_000  # tips that one page examines at most; of each rank, where the oldest come first
READS = 8  # times that a page reads on, past tips that say the same as one that it shows
COUNTED = 10_000  # tips up to which a count is exact; more are not counted
PLACE = re.compile(r"(?P<rank>-?[0-9])\.(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.(?P<reference>[0-9A-Z-]{1,9})")
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
    """The queue's filters: what waits, urgent tips only, values of columns by name, a label's key, a member, a week.

    A member's tips are those that they have and that are not decided; a week is named by its Monday. `alike` is the
    hash of tips that say the same: these are shown each by itself.
    """

    waiting: str = ""
    urgent: bool = False
    member: int | None = None
    week: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    label: int | None = None
    alike: str | None = None


@dataclass(frozen=True)
class QueuePage:
    """A page: its tips, the positions before and after it if there are more tips, and whether LOOK ended it.

    Of tips that say the same it has one, and `left_out` says how many it left out.
    """

    tips: list[Tip]
    left_out: int = 0
    earlier: Place | None = None
    later: Place | None = None
    looked: bool = False


class Run(NamedTuple):
    """Tips that an index has in a page's order: all of them, or those of one rank; and the columns of that order."""

    tips: TipQuerySet
    columns: tuple[str, ...]
    ascending: bool

    def beyond(self, place: Place) -> "Run":
        """Return the tips after a position."""
        return self._replace(tips=self.tips.filter(self._compared(LessThan, GreaterThan, place)))

    def until(self, place: Place) -> "Run":
        """Return the tips up to a position, and the one there."""
        return self._replace(tips=self.tips.filter(self._compared(GreaterThanOrEqual, LessThanOrEqual, place)))

    def edge(self, at: int) -> Place | None:
        """Return the position of the tip with so many before it, from the index alone; None if there are fewer."""
        return next((Place(*row) for row in self.tips.values_list(*ORDER)[at : at + 1]), None)

    def _compared(self, descending: type[Any], ascending: type[Any], place: Place) -> Any:
        lookup = ascending if self.ascending else descending
        return lookup(_row(*map(F, self.columns)), _row(*(Value(getattr(place, column)) for column in self.columns)))


def page(
    *, by: User, narrowed: Narrowing, oldest: bool = False, after: Place | None = None, before: Place | None = None
) -> QueuePage:
    """Return the tips after a position, those just before one, or the first ones; the newest first, or the oldest."""
    begin, downwards = (after, True) if before is None else (before, False)
    key, others = _conditions(narrowed, by=by)
    # Not a join: with few members the planner would begin with them, and sort all their tips.
    name = User.objects.filter(pk=OuterRef("assignee")).values("username")
    lines, edge = Lines(each=narrowed.alike is not None), None
    for run in _runs(Tip.objects.filter(key), narrowed, begin, downwards=downwards, oldest=oldest):
        edge = _read(run, lines, others, shown=lambda tips: tips.visible_to(by).annotate(given_to=Subquery(name)))
        if lines.more or edge:
            break
    tips, looked = lines.tips, edge is not None and not lines.more
    end = edge if looked else (lines.end if lines.more else None)
    first = Place.of(tips[0]) if tips else begin
    if downwards:
        return QueuePage(tips, lines.left_out, earlier=begin and first, later=end, looked=looked)
    return QueuePage(tips[::-1], lines.left_out, earlier=end, later=first, looked=looked)


@dataclass
class Lines:
    """The lines of a page while it is filled: one for tips that say the same, unless `each` has its own."""

    each: bool
    tips: list[Tip] = field(default_factory=list)
    alike: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    left_out: int = 0
    end: Place | None = None  # the last position that the page has dealt with
    more: bool = False

    def add(self, found: Iterable[Tip]) -> None:
        """Take tips until the page is full."""
        for tip in found:
            same = tip.alike if tip.unread and tip.decided is None and not self.each else ""
            if same not in self.alike and len(self.tips) == PAGE:
                self.more = True
                return
            if same in self.alike:
                self.left_out += 1
                self.doubled.add(same)
            else:
                self.tips.append(tip)
                self.alike |= {same} - {""}
            self.end = Place.of(tip)


def _read(run: Run, lines: Lines, others: list[Any], *, shown: Callable[[TipQuerySet], TipQuerySet]) -> Place | None:
    """Fill the page from a run, past tips that say the same as a line; return the place where LOOK has ended it."""
    for _time in range(READS):
        edge = run.edge(LOOK) if others or lines.doubled else None
        along = (run.until(edge).tips if edge else run.tips).filter(*others)
        if lines.doubled:
            along = along.exclude(In(_hidden_column("alike"), sorted(lines.doubled)), unread=True, decided=None)
        wanted = PAGE + 1 - len(lines.tips)
        found = list(shown(along)[:wanted])
        lines.add(found)
        if len(found) < wanted or lines.more:
            return edge
        run = run.beyond(Place.of(found[-1]))
    lines.more = True
    return None


def counted(*, by: User, narrowed: Narrowing) -> Count:
    """Count the tips of all pages together: exact to COUNTED, of which at most so many are looked at."""
    return _counted(None, by=by, narrowed=narrowed, oldest=False)


def counted_before(*, by: User, narrowed: Narrowing, first: Place, oldest: bool) -> Count:
    """Count the tips of the pages before the one that begins at `first`, in the same way."""
    return _counted(first, by=by, narrowed=narrowed, oldest=oldest)


def _counted(before: Place | None, *, by: User, narrowed: Narrowing, oldest: bool) -> Count:
    key, others = _conditions(narrowed, by=by)
    hidden = [row["tip"] for row in hidden_from(by)]  # nearly always none: then the index alone is counted
    parts, cut = [], False
    for run in _runs(Tip.objects.filter(key), narrowed, before, downwards=before is None, oldest=oldest):
        edge = run.edge(COUNTED) if others else None
        along = (run.until(edge).tips if edge else run.tips).filter(*others)
        parts.append(along.exclude(pk__in=hidden) if hidden else along)
        cut |= edge is not None
    found = count(*parts, most=COUNTED)
    return found._replace(more=found.more or cut)


def _runs(
    tips: TipQuerySet, narrowed: Narrowing, begin: Place | None, *, downwards: bool, oldest: bool
) -> Iterator[Run]:
    """Yield the tips beyond a position in a page's order, or backwards."""
    alike = ("assignee",) if narrowed.waiting == "nobody" else ()
    if narrowed.week:
        tips = tips.filter(received__gte=narrowed.week, received__lt=narrowed.week + timedelta(days=7))
    if not oldest and not narrowed.week:
        ordered = tips.in_reading_order(*alike) if downwards else tips.order_by(*alike, *ORDER)
        run = Run(ordered, ORDER, ascending=not downwards)
        yield run.beyond(begin) if begin else run
        return
    for rank in sorted(_ranks(narrowed), reverse=downwards):
        if begin and (rank > begin.rank if downwards else rank < begin.rank):
            continue
        columns, ascending = [*alike, *ORDER[1:]], oldest == downwards
        ordered = tips.filter(rank=rank).order_by(*(columns if ascending else (f"-{column}" for column in columns)))
        run = Run(ordered, ORDER[1:], ascending=ascending)
        yield run.beyond(begin) if begin and rank == begin.rank else run


def _ranks(narrowed: Narrowing) -> tuple[int, ...]:
    some = {"urgent": (URGENT,), "unread": (URGENT, UNREAD), "answers": (URGENT, UNREAD), "aside": (SET_ASIDE,)}
    return some.get(narrowed.waiting, (URGENT, UNREAD, 0, SET_ASIDE))


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
        case "aside":
            key = Q(rank=SET_ASIDE)
        case _ if narrowed.alike is not None:
            key = Q(alike=narrowed.alike, alike__gt="")
        case _ if narrowed.member is not None:
            key = Q(assignee=narrowed.member, decided=None)
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
    return Exact(_hidden_column(column, type(value)()), Value(value))


def _hidden_column(column: str, nothing: str | bool = "") -> Coalesce:
    return Coalesce(F(column), Value(nothing))
