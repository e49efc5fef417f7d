"""The dashboard: charts that need no colour, and tables."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.rights import needs
from newsroom.domain.appeals import appeal_titles
from reports import questions
from reports.admin.desk.lock import page
from reports.admin.queue.tip_admin import NOBODY
from reports.domain.triage import dashboard
from reports.domain.triage.dashboard import LATE, Dashboard
from reports.graphics import charts
from reports.models import Status

LABEL = 48  # characters that fit beside a bar; the table has the whole label
type Figures = list["Figure"]


class Figure(NamedTuple):
    """One number, what it counts, and the tips that it counts, for members who may see tips."""

    label: str | Promise
    number: int
    address: str = ""


class Chart(NamedTuple):
    """A chart and its figures as a table."""

    name: str
    title: str
    svg: SafeString
    rows: Figures


@needs("reports.view_figures")
def show(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    user = cast("User", request.user)
    figures = dashboard.count(by=user, now=timezone.now())
    context = page(request, title=_("Team figures")) | {
        "oldest": figures.oldest,
        "age": (timezone.localdate() - figures.oldest).days if figures.oldest else None,
        "charts": list(_charts(figures, linked=user.has_perm("reports.view_tip"))),
    }
    return TemplateResponse(request, "admin/reports/home/dashboard.html", context)


def _charts(counted: Dashboard, *, linked: bool) -> Iterable[Chart]:
    """Return the charts; each number leads to its tips in the queue, where that can be narrowed to them."""

    def figures(numbers: Mapping[Any, int], label: Callable[[Any], str | Promise], filter_name: str = "") -> Figures:
        to = f"{reverse('admin:reports_tip_changelist')}?{filter_name}=" if linked and filter_name else ""
        links = {key: f"{to}{quote(key)}" if to and number else "" for key, number in numbers.items()}
        return [Figure(label(key), number, links[key]) for key, number in numbers.items()]

    yield _chart("weeks", _("Tips by week"), figures(counted.weeks, _day), draw=charts.columns)
    areas = figures(counted.areas, lambda slug: questions.label("area", slug), "area")
    addresses = dict(zip(counted.areas, (figure.address for figure in areas), strict=True))
    title, positions = _("Tips by area"), settings.PLACE.tiles.items()
    tiles = [charts.Tile(*at, counted.areas.get(slug, 0), address=addresses.get(slug, "")) for slug, at in positions]
    drawn = charts.tile_map("areas", title=title, desc=_desc(areas), tiles=tiles)
    yield Chart("areas", title, mark_safe(drawn), areas)  # noqa: S308 - charts escapes all text
    kinds = figures(counted.kinds, lambda kind: questions.label("kind", kind), "category")
    yield _chart("kinds", _("Tips by kind"), kinds)
    labels: dict[Any, Any] = {**dict(Status.choices), Status.READING: _("Undecided, on any tab")}
    yield _chart("statuses", _("Tips by status"), figures(counted.statuses, lambda one: labels.get(one, one), "status"))
    titles = appeal_titles()
    yield _chart("appeals", _("Tips by appeal"), figures(counted.appeals, lambda key: titles.get(key, key), "appeal"))
    yield _chart("reading", _("Time until first read"), figures(counted.reading, _later))
    members = {name or NOBODY: number for name, number in counted.members.items()}
    who = figures(members, lambda name: _("Nobody") if name == NOBODY else name, "member")
    yield _chart("members", _("Tips waiting, by who has them"), who)


def _chart(name: str, title: str, rows: Figures, *, draw: Any = charts.bars) -> Chart:
    bars = [charts.Bar(Truncator(str(row.label)).chars(LABEL), row.number, address=row.address) for row in rows]
    drawn = draw(name, title=title, desc=_desc(rows), rows=bars)
    return Chart(name, title, mark_safe(drawn), rows)  # noqa: S308 - charts escapes all text


def _desc(rows: Figures) -> str:
    return "; ".join(f"{row.label}: {row.number}" for row in rows) or _("Nothing yet.")


def _day(week: str) -> str:
    return formats.date_format(date.fromisoformat(week), "j M")


def _later(weeks: int) -> str:
    if not weeks:
        return _("in the same week")
    if weeks == LATE:
        return _("%(weeks)d weeks later or more") % {"weeks": weeks}
    return ngettext("%(weeks)d week later", "%(weeks)d weeks later", weeks) % {"weeks": weeks}
