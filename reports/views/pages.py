"""The public figures: a page with a map and charts, and the same numbers as CSV.

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
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.responses import public
from reports import questions
from reports.domain.figures import counting, suppression
from reports.domain.figures.counting import Release
from reports.domain.outcomes import appeals
from reports.graphics import charts

type Text = str | Promise

QUARTERS_DRAWN = 12
NOT_SHOWN = "–"
MEASURES: dict[str, Text] = {
    counting.RECEIVED: gettext_lazy("Sent to us"),
    counting.LOOKED_INTO: gettext_lazy("Looked into"),
    counting.OUTCOME: gettext_lazy("Helped lead to a result"),
}


class FiguresRow(NamedTuple):
    """One row of a table: the name of an area or a kind, and the three numbers; None is suppressed."""

    label: Text
    numbers: tuple[int | None, ...]


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
    received = newest.measures[counting.RECEIVED]
    title, kinds = counting.title(newest.quarter), _rows(newest, "kind")
    totals = dict(zip(MEASURES, _totals(newest), strict=True))
    quarter = {"title": title, "released": newest.released, "totals": totals}
    return {
        "quarter": quarter | {"areas": _rows(newest, "area"), "kinds": kinds},
        "earlier": [FiguresRow(counting.title(past.quarter), _totals(past)) for past in releases[1:]],
        "next_on": counting.comes_out(counting.following(newest.quarter)),
        "map": _map(received.tables["area"], title),
        "kind_chart": _kind_chart(kinds, title) if any(row.numbers[0] for row in kinds) else "",
        "time_chart": _time_chart(releases) if len(releases) > 1 else "",
    }


def _totals(release: Release) -> tuple[int | None, ...]:
    return tuple(release.measures[measure].total for measure in MEASURES)


def _rows(release: Release, table: str) -> list[FiguresRow]:
    labels = _labels()[table]
    tables = [release.measures[measure].tables[table] for measure in MEASURES]
    return [FiguresRow(labels.get(cell, cell), tuple(cells.get(cell) for cells in tables)) for cell in tables[0]]


def _labels() -> dict[str, dict[str, Text]]:
    """Return the name of each cell of each table."""
    other: dict[str, Text] = {counting.NOT_SAID: _("Sender did not say")}
    names: dict[str, Text] = {area.slug: area.name for area in settings.PLACE.areas}
    return {"area": names | other, "kind": dict(questions.CHOICES["kind"]) | other}


def _map(numbers: dict[str, int | None], title: str) -> SafeString:
    positions = settings.PLACE.tiles.items()
    tiles = [charts.Tile(*at, numbers.get(slug) or 0, str(numbers.get(slug) or NOT_SHOWN)) for slug, at in positions]
    return _drawn(
        charts.tile_map(
            "map",
            title=_("Tips by area, %(quarter)s") % {"quarter": title},
            desc=_(
                "Each area is a square. The more tips people sent us, the more of it is filled. The table has the same"
                " numbers."
            ),
            tiles=tiles,
        )
    )


def _kind_chart(rows: list[FiguresRow], title: str) -> SafeString:
    drawn = [charts.Bar(str(row.label), row.numbers[0] or 0, str(row.numbers[0] or NOT_SHOWN)) for row in rows]
    return _drawn(
        charts.bars(
            "kinds",
            title=_("Tips by kind, %(quarter)s") % {"quarter": title},
            desc=_("One bar for each kind, with its number. The table has the same numbers."),
            rows=drawn,
        )
    )


def _time_chart(releases: list[Release]) -> SafeString:
    totals = [
        (release.quarter, release.measures[counting.RECEIVED].total) for release in reversed(releases[:QUARTERS_DRAWN])
    ]
    drawn = [charts.Bar(date_format(first, "M Y"), total or 0, str(total or NOT_SHOWN)) for first, total in totals]
    return _drawn(
        charts.columns(
            "time",
            title=_("Tips in each quarter"),
            desc=_("One column for each quarter, named by its first month. The table has the same numbers."),
            rows=drawn,
        )
    )


def _drawn(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - charts escapes all text.


def _code(first: date) -> str:
    """Return a quarter's code, such as 2026-Q3."""
    return f"{first.year}-Q{(first.month + 2) // 3}"
