"""The public figures: tallies of the running quarter, one final release after its end, and a file for the pages.

Each tip stands in one cell of each table. What happens after a quarter's release counts in the next one, so releases
never overlap, and comparing them reveals nothing. Tallies are deleted with the release.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.formats import date_format

from reports import questions
from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.figures import suppression
from reports.models import AuditAct, AuditEvent, FiguresRelease, Status, Tally, Tip

RECEIVED, LOOKED_INTO, OUTCOME = MEASURES = ("received", "looked_into", "outcome")
NOT_SAID = "not-said"
FILE = "figures.json"
LOOKED = frozenset({Status.LINKED, Status.PASSED_ON, Status.NO_ACTION})

type Totals = dict[str, dict[str, dict[str, int]]]  # by measure, table and cell


@dataclass(frozen=True)
class Release:
    """The figures of a quarter (its first day), the day of their release, and the published figures by measure."""

    quarter: date
    released: date
    measures: dict[str, suppression.PublicFigures]


def cells() -> dict[str, tuple[str, ...]]:
    """Return the cells of each table: areas and kinds, and NOT_SAID."""
    areas = tuple(area.slug for area in settings.PLACE.areas)
    kinds = tuple(key for key, _label in questions.CHOICES["kind"])
    return {"area": (*areas, NOT_SAID), "kind": (*kinds, NOT_SAID)}


def quarter_of(day: date) -> date:
    """Return the first day of the day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def following(quarter: date) -> date:
    """Return the first day of the next quarter."""
    return quarter_of(quarter + timedelta(days=93))


def quarter_before(quarter: date) -> date:
    """Return the first day of the quarter before."""
    return quarter_of(quarter - timedelta(days=1))


def comes_out(quarter: date) -> date:
    """Return the day on which a quarter's figures are released."""
    return following(quarter) + timedelta(days=settings.FIGURES_AFTER)


def title(quarter: date) -> str:
    """Return a quarter's name, such as “July to September 2026”."""
    last = date(quarter.year, quarter.month + 2, 1)
    return f"{date_format(quarter, 'F')} to {date_format(last, 'F Y')}"


def opened(*, tips: Iterable[Tip]) -> None:
    """Count newly opened tips, each in the quarter in which the week of its arrival began."""
    known = cells()
    places = Counter[tuple[date, str, str]]()
    for tip in tips:
        if tip.is_trusted:  # the others' senders could watch the figures for other people's tips
            quarter = quarter_of(tip.received)
            places.update((quarter, *place) for place in _places(tip, known))
    for (quarter, table, cell), number in places.items():
        row, _made = Tally.objects.get_or_create(
            quarter=quarter, measure=RECEIVED, table=table, cell=cell
        )
        Tally.objects.filter(pk=row.pk).update(count=F("count") + number)


def moved(*, tip: Tip, before: str, after: str, today: date) -> dict[str, int]:
    """Count each decision, from one status to another, and return what was added to each measure, for `take_back`.

    Spam and possibly malicious tips are not counted, and are subtracted.
    """
    counted = _add_to_received(tip, _received(tip, before, after))
    if tip.malicious:
        return counted
    if after in LOOKED and before not in LOOKED and count(tip=tip, measure=LOOKED_INTO, day=today):
        counted[LOOKED_INTO] = 1
    return counted


def marked(*, tip: Tip) -> dict[str, int]:
    """Subtract a tip that was just marked as possibly malicious, or add one that is so no more; returns as `moved`."""
    return _add_to_received(tip, _by_mark(tip, is_marked=tip.malicious))


def _add_to_received(tip: Tip, add: int) -> dict[str, int]:
    if not (tip.opened and add):
        return {}
    return {RECEIVED: add if count(tip=tip, measure=RECEIVED, day=tip.received, add=add) else 0}


def take_back(*, tip: Tip, event: AuditEvent) -> None:
    """Take back what a move or a mark counted that is undone, while the tip is still as it left it.

    What was published since is not subtracted from other tips.
    """
    counted = event.detail["was"]["counted"]
    # A tip that was sealed then was counted, or not, when it was opened: as the act had left it.
    if event.act == AuditAct.MOVED:
        added = _received(tip, event.detail["before"], event.detail["after"])
    else:
        added = _by_mark(tip, is_marked=event.act == AuditAct.MARKED_MALICIOUS)
    received = counted.get(RECEIVED, added)
    if tip.opened and received:
        _take_back(tip, RECEIVED, tip.received, -received, event)
    if LOOKED_INTO in counted:
        _take_back(tip, LOOKED_INTO, timezone.localdate(event.at), -1, event)


def _take_back(tip: Tip, measure: str, day: date, add: int, event: AuditEvent) -> None:
    releases = AuditEvent.objects.filter(act=AuditAct.RELEASED_FIGURES, seq__gt=event.seq)
    released = any(
        name >= f"{quarter_of(day):%Y-%m}"
        for name in releases.values_list("detail__quarter", flat=True)
    )
    if add > 0 or not released:
        count(tip=tip, measure=measure, day=day, add=add)


def _received(tip: Tip, before: str, after: str) -> int:
    """Return what a move adds to the tips received: 1, -1 or 0."""
    if tip.malicious:
        return 0
    return (before == Status.SPAM) - (after == Status.SPAM)


def _by_mark(tip: Tip, *, is_marked: bool) -> int:
    """Return what a mark adds to the tips received: -1, for its end 1, and for spam, which counts nowhere, 0."""
    if tip.status == Status.SPAM:
        return 0
    return -1 if is_marked else 1


def count(*, tip: Tip, measure: str, day: date, add: int = 1) -> bool:
    """Add to the tip's cell in each table and return True; runs in the caller's transaction.

    Subtracting does nothing, and returns False, if a cell is empty: the tip was released already.
    """
    quarter = quarter_of(day)
    rows = []
    for table, cell in _places(tip, cells()):
        row, _made = Tally.objects.get_or_create(
            quarter=quarter, measure=measure, table=table, cell=cell
        )
        rows.append(row.pk)
    counts = list(
        Tally.objects.select_for_update().filter(pk__in=rows).values_list("count", flat=True)
    )
    if min(counts) + add < 0:
        return False
    Tally.objects.filter(pk__in=rows).update(count=F("count") + add)
    return True


def _places(tip: Tip, known: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    """Yield the tip's cell in each table."""
    for table, cell in (("area", tip.area), ("kind", tip.category)):
        yield table, cell if cell in known[table] else NOT_SAID


def release_due(*, today: date) -> None:
    """Release the quarters that are due, oldest first."""
    while (quarter := _next()) and comes_out(quarter) <= today:
        release(quarter=quarter, totals=_totals(quarter), today=today)


def release(*, quarter: date, totals: Totals, today: date) -> None:
    """Release a quarter's figures for good: small numbers are suppressed first, and the tallies deleted."""
    published = {}
    for measure in MEASURES:
        figures = suppression.protect(totals[measure], least=settings.FIGURES_LEAST)
        published[measure] = asdict(figures)
    with transaction.atomic():
        FiguresRelease(quarter=quarter, released=today, figures=published).save(force_insert=True)
        Tally.objects.filter(quarter__lte=quarter).delete()
        audit_log.record(by=None, act=AuditAct.RELEASED_FIGURES, quarter=f"{quarter:%Y-%m}")


def nothing() -> Totals:
    """Return a zero for every cell of every table."""
    known = cells()
    totals: Totals = {}
    for measure in MEASURES:
        totals[measure] = {table: dict.fromkeys(known[table], 0) for table in known}
    return totals


def publish() -> None:
    """Write the releases to the file that the public pages read, if they have changed."""
    rows = [
        {
            "quarter": f"{row.quarter:%Y-%m-%d}",
            "released": f"{row.released:%Y-%m-%d}",
            "measures": row.figures,
        }
        for row in FiguresRelease.objects.all()
    ]
    state_files.publish(FILE, rows)


def releases() -> list[Release]:
    """Return the releases, newest first; none if the file is missing or damaged."""
    return state_files.published(FILE, lambda row: _release(**row))


def _release(*, quarter: str, released: str, measures: Mapping[str, Any]) -> Release:
    figures = {measure: suppression.PublicFigures(**measures[measure]) for measure in MEASURES}
    return Release(date.fromisoformat(quarter), date.fromisoformat(released), figures)


def _next() -> date | None:
    """Return the next quarter to release; None before anything was counted."""
    last = FiguresRelease.objects.values_list("quarter", flat=True).first()
    if last:
        return following(last)
    return Tally.objects.order_by("quarter").values_list("quarter", flat=True).first()


def _totals(quarter: date) -> Totals:
    """Return the unreleased counts up to a quarter's end, with a zero for every empty cell."""
    rows: Iterable[tuple[str, str, str, int]] = (
        Tally.objects.filter(quarter__lte=quarter)
        .values_list("measure", "table", "cell")
        .annotate(sum=Sum("count"))
        .order_by()
    )
    totals = nothing()
    for measure, table, cell, number in rows:
        totals[measure][table][cell if cell in totals[measure][table] else NOT_SAID] += number
    return totals
