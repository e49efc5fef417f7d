"""The public figures: a page with tables and bars, and the same numbers as CSV.

All numbers come from the file of releases; these pages need no database.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from core.responses import public
from reports import questions
from reports.domain.figures import counting, suppression
from reports.domain.figures.counting import Release
from reports.domain.outcomes import appeals

type Text = str | Promise

MEASURES: dict[str, Text] = {
    counting.RECEIVED: "Sent to us",
    counting.LOOKED_INTO: "Looked into",
    counting.OUTCOME: "Helped lead to a result",
}


class FiguresRow(NamedTuple):
    """One row of a table: the name of an area or a kind, and the three numbers; None is suppressed."""

    label: Text
    numbers: tuple[int | None, ...]


class FiguresTable(NamedTuple):
    """The rows of a table, and the largest of the first numbers, to which their bars are drawn; 0 draws none."""

    rows: list[FiguresRow]
    most: int


@public
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show the newest figures: tips received, looked into, and part of an outcome."""
    releases = counting.releases()
    context: dict[str, Any] = {
        "appeals": appeals.appeals(),
        "least": settings.FIGURES_LEAST,
        "after": settings.FIGURES_AFTER,
        "step": suppression.STEP,
        "together": settings.OUTCOME_LEAST,
        "labels": MEASURES,
    }
    if releases:
        context |= _context(releases)
    return render(request, "reports/outcomes.html", context)


@public
def as_csv(request: HttpRequest) -> HttpResponse:
    """Return every number of every release, a CSV row each; an empty number is suppressed."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["quarter", "published", "measure", "breakdown", "group", "number"])
    for release in counting.releases():
        rows.writerows(_lines(release))
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")


@public
def about_index(request: HttpRequest) -> HttpResponse:
    """Show where the pages about this site are."""
    return render(request, "reports/about/index.html")


@public
def start(request: HttpRequest) -> HttpResponse:
    """Show where somebody begins who came from a poster, in a language in which there is no news."""
    return render(request, "reports/start.html")


def _lines(release: Release) -> Iterator[tuple[object, ...]]:
    """Yield the CSV rows of one release: for each measure its total, then each table's cells."""
    start = _code(release.quarter), f"{release.released:%Y-%m-%d}"
    for measure, figures in release.measures.items():
        yield *start, measure, "all", "", figures.total
        for table, cells in figures.tables.items():
            for cell, number in cells.items():
                yield *start, measure, table, cell, number


def _context(releases: list[Release]) -> dict[str, Any]:
    """Return the template context for the releases (at least one), newest first."""
    newest = releases[0]
    return {
        "quarter": {
            "title": counting.title(newest.quarter),
            "released": newest.released,
            "totals": dict(zip(MEASURES, _totals(newest), strict=True)),
            "areas": _table(_rows(newest, "area")),
            "kinds": _table(_rows(newest, "kind")),
        },
        "earlier": _table(
            [FiguresRow(counting.title(past.quarter), _totals(past)) for past in releases[1:]]
        ),
        "next_on": counting.comes_out(counting.following(newest.quarter)),
    }


def _table(rows: list[FiguresRow]) -> FiguresTable:
    return FiguresTable(rows, most=max((row.numbers[0] or 0 for row in rows), default=0))


def _totals(release: Release) -> tuple[int | None, ...]:
    return tuple(release.measures[measure].total for measure in MEASURES)


def _rows(release: Release, table: str) -> list[FiguresRow]:
    labels = _labels()[table]
    tables = [release.measures[measure].tables[table] for measure in MEASURES]
    rows = []
    for cell in tables[0]:
        numbers = tuple(cells.get(cell) for cells in tables)
        rows.append(FiguresRow(labels.get(cell, cell), numbers))
    return rows


def _labels() -> dict[str, dict[str, Text]]:
    """Return the name of each cell of each table."""
    other: dict[str, Text] = {counting.NOT_SAID: "Sender did not say"}
    names: dict[str, Text] = {area.slug: area.name for area in settings.PLACE.areas}
    return {"area": names | other, "kind": dict(questions.CHOICES["kind"]) | other}


def _code(first: date) -> str:
    """Return a quarter's code, such as 2026-Q3."""
    return f"{first.year}-Q{(first.month + 2) // 3}"
