"""The town's figures as readers see them: a page with a map and charts, and the same numbers as CSV and JSON.

Everything comes from the file of releases; these pages ask no database.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.domain import areas
from newsroom.responses import public
from reports import questions
from reports.domain.figures import counting, suppression
from reports.domain.figures.counting import Release
from reports.domain.outcomes import appeals
from reports.graphics import charts
from reports.graphics.map import tiles

type Text = str | Promise

QUARTERS_DRAWN = 12
NOT_SHOWN = "–"
MEASURES: dict[str, Text] = {
    counting.RECEIVED: gettext_lazy("Received"),
    counting.LOOKED_INTO: gettext_lazy("Looked into"),
    counting.OUTCOME: gettext_lazy("Part of an outcome"),
}


class Row(NamedTuple):
    """One line of a table: a part of town or a kind, and the three numbers; None is not shown."""

    label: Text
    numbers: tuple[int | None, ...]


class Quarter(NamedTuple):
    """The newest release as the page shows it."""

    title: str
    released: date
    totals: dict[str, int | None]
    areas: list[Row]
    kinds: list[Row]


@public
def outcomes(request: HttpRequest) -> HttpResponse:
    """Show what became of tips, in the newest figures."""
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
        context |= _shown(releases)
    return render(request, "reports/outcomes.html", context)


@public
def as_csv(request: HttpRequest) -> HttpResponse:
    """Give every number of every release as a row; an empty number is not shown."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["quarter", "released", "measure", "table", "cell", "number"])
    for release in counting.releases():
        rows.writerows(_lines(release))
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")


@public
def as_json(request: HttpRequest) -> HttpResponse:
    """Give the releases, newest first, with what every cell is called; null is not shown."""
    names = {table: {cell: str(label) for cell, label in labels.items()} for table, labels in _labels().items()}
    releases = [
        {
            "quarter": _code(release.quarter),
            "released": f"{release.released:%Y-%m-%d}",
            **{name: {"total": sheet.total, **sheet.tables} for name, sheet in release.measures.items()},
        }
        for release in counting.releases()
    ]
    said = {"town": settings.TOWN, "names": names, "releases": releases}
    return JsonResponse(said, content_type="application/json; charset=utf-8")


def _lines(release: Release) -> Iterator[tuple[object, ...]]:
    """Yield the rows of one release: of each measure the total, then each table's cells."""
    start = _code(release.quarter), f"{release.released:%Y-%m-%d}"
    for measure, sheet in release.measures.items():
        yield *start, measure, "town", "", sheet.total
        for table, cells in sheet.tables.items():
            for cell, number in cells.items():
                yield *start, measure, table, cell, number


def _shown(releases: list[Release]) -> dict[str, Any]:
    """Return what the page draws and says of the releases."""
    newest = releases[0]
    received = newest.measures[counting.RECEIVED]
    rows = {table: _rows(newest, table) for table in ("area", "kind")}
    totals = {measure: newest.measures[measure].total for measure in MEASURES}
    quarter = Quarter(_title(newest.quarter), newest.released, totals, rows["area"], rows["kind"])
    return {
        "quarter": quarter,
        "earlier": [(_title(one.quarter), [one.measures[name].total for name in MEASURES]) for one in releases[1:]],
        "next_on": counting.comes_out(counting.following(newest.quarter)),
        "map": _map(received.tables["area"], quarter.title),
        "kind_chart": _kind_chart(rows["kind"], quarter.title) if any(row.numbers[0] for row in rows["kind"]) else "",
        "time_chart": _time_chart(releases) if len(releases) > 1 else "",
    }


def _rows(release: Release, table: str) -> list[Row]:
    labels = _labels()[table]
    tables = [release.measures[measure].tables[table] for measure in MEASURES]
    return [Row(labels.get(cell, cell), tuple(cells.get(cell) for cells in tables)) for cell in tables[0]]


def _labels() -> dict[str, dict[str, Text]]:
    """Return what each cell of each table is called."""
    other: dict[str, Text] = {counting.NOT_SAID: _("Did not say")}
    names: dict[str, Text] = {area.slug: area.name for area in areas.areas()}
    return {"area": names | other, "kind": dict(questions.CHOICES["kind"]) | other}


def _map(numbers: dict[str, int | None], title: str) -> SafeString:
    shown = {slug: f"{number}" if number else NOT_SHOWN for slug, number in numbers.items()}
    return _drawn(
        charts.tile_map(
            "map",
            title=_("Tips by part of town, %(quarter)s") % {"quarter": title},
            desc=_(
                "Each part of town is a square that is filled the more, the more tips came. The table says the same."
            ),
            tiles=tiles({slug: number or 0 for slug, number in numbers.items()}, places=areas.places(), shown=shown),
        )
    )


def _kind_chart(rows: list[Row], title: str) -> SafeString:
    drawn = [charts.Bar(str(row.label), row.numbers[0] or 0, str(row.numbers[0] or NOT_SHOWN)) for row in rows]
    return _drawn(
        charts.bars(
            "kinds",
            title=_("Tips by kind, %(quarter)s") % {"quarter": title},
            desc=_("One bar for each kind, with its number. The table says the same."),
            rows=drawn,
        )
    )


def _time_chart(releases: list[Release]) -> SafeString:
    totals = [(one.quarter, one.measures[counting.RECEIVED].total) for one in reversed(releases[:QUARTERS_DRAWN])]
    drawn = [charts.Bar(date_format(first, "M Y"), total or 0, str(total or NOT_SHOWN)) for first, total in totals]
    return _drawn(
        charts.columns(
            "time",
            title=_("Tips in each quarter"),
            desc=_("One column for each quarter, named by its first month. The table says the same."),
            rows=drawn,
        )
    )


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - charts escapes all text.


def _title(first: date) -> str:
    last = date(first.year, first.month + 2, 1)
    months = {"first": date_format(first, "F"), "last": date_format(last, "F Y")}
    return _("%(first)s to %(last)s") % months


def _code(first: date) -> str:
    """Return a quarter's name for machines, such as 2026-Q3."""
    return f"{first.year}-Q{(first.month + 2) // 3}"
