"""The dashboard, on the first screen and on a page of its own: charts that need no colour, and tables."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from newsroom.domain.areas import places
from reports import questions
from reports.admin.lock import page
from reports.domain.maintenance import dashboard
from reports.domain.maintenance.dashboard import LATE, Dashboard
from reports.graphics import charts
from reports.graphics.map import tiles
from reports.models import Status

RIGHT = "reports.view_figures"
type Rows = list[tuple[str | Promise, int]]


class Chart(NamedTuple):
    """A chart and its figures as a table."""

    name: str
    title: str
    svg: SafeString
    rows: Rows


def show(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    context = page(request, title=_("How the desk is doing")) | facts(cast("User", request.user))
    return TemplateResponse(request, "admin/reports/dashboard/dashboard.html", context)


def facts(user: User) -> dict[str, Any]:
    """Return what the charts are drawn from; nothing for who may not see it. Reads a file, asks no database."""
    if not user.has_perm(RIGHT):
        return {}
    found = dashboard.read()
    if found is None:
        return {"dashboard": {"made": None}}
    oldest = date.fromisoformat(found.oldest) if found.oldest else None
    return {
        "dashboard": {
            "made": timezone.localtime(datetime.fromisoformat(found.made)),
            "oldest": oldest,
            "age": (timezone.localdate() - oldest).days if oldest else None,
            "charts": list(_charts(found)),
        }
    }


def _charts(found: Dashboard) -> Iterable[Chart]:
    weeks: Rows = [(_day(week), number) for week, number in found.weeks.items()]
    yield _chart("weeks", _("Tips by week"), weeks, draw=charts.columns)
    areas: Rows = [(questions.label("area", slug), number) for slug, number in found.areas.items()]
    drawn_tiles = tiles(found.areas, places=places())
    title = _("Tips by area")
    drawn = charts.tile_map("areas", title=title, desc=_desc(areas), tiles=drawn_tiles)
    yield Chart("areas", title, mark_safe(drawn), areas)  # noqa: S308 - charts escapes all text
    kinds: Rows = [(questions.label("kind", kind), number) for kind, number in found.kinds.items()]
    yield _chart("kinds", _("Tips by kind"), kinds)
    labels = dict(Status.choices)
    statuses: Rows = [(labels.get(status, status), number) for status, number in found.statuses.items()]
    yield _chart("statuses", _("Tips by status"), statuses)
    reading: Rows = [(_later(int(weeks)), number) for weeks, number in found.reading.items()]
    yield _chart("reading", _("When they were first read"), reading)
    yield _chart("members", _("Not decided, by member"), list(found.members.items()))


def _chart(name: str, title: str, rows: Rows, *, draw: Any = charts.bars) -> Chart:
    bars = [charts.Bar(str(label), number) for label, number in rows]
    drawn = draw(name, title=title, desc=_desc(rows), rows=bars)
    return Chart(name, title, mark_safe(drawn), rows)  # noqa: S308 - charts escapes all text


def _desc(rows: Rows) -> str:
    return "; ".join(f"{label}: {number}" for label, number in rows) or _("Nothing yet.")


def _day(week: str) -> str:
    return formats.date_format(date.fromisoformat(week), "j M")


def _later(weeks: int) -> str:
    if not weeks:
        return _("in the week in which they came")
    if weeks == LATE:
        return _("%(weeks)d weeks later or more") % {"weeks": weeks}
    return ngettext("%(weeks)d week later", "%(weeks)d weeks later", weeks) % {"weeks": weeks}
