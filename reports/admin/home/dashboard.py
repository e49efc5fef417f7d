"""The dashboard: figures in tables, each with its bar."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise

from core.rights import needs
from core.text import plural
from newsroom.domain.appeals import appeal_titles
from reports import questions
from reports.admin.pages import lock
from reports.admin.pages.lock import page
from reports.admin.queue.tip_admin import NOBODY
from reports.domain.referrals import grading
from reports.domain.referrals import year as referral_year
from reports.domain.rights import VIEW_FIGURES, VIEW_TIP
from reports.domain.triage import dashboard
from reports.domain.triage.dashboard import LATE, Dashboard
from reports.models import Status

type Figures = list["Figure"]


class Figure(NamedTuple):
    """One number, what it counts, and the tips that it counts, for members who may see tips."""

    label: str | Promise
    number: int
    address: str = ""


class FiguresTable(NamedTuple):
    """Figures under a title, and the largest of them, to which their bars are drawn."""

    name: str
    title: str
    rows: Figures

    @property
    def most(self) -> int:
        """Return the largest number; 0 where there is none."""
        return max((row.number for row in self.rows), default=0)


@needs(VIEW_FIGURES)
def show(request: HttpRequest) -> HttpResponse:
    """Show the page."""
    user = cast("User", request.user)
    figures = dashboard.count(by=user, now=timezone.now())
    age = None
    if figures.oldest:
        age = (timezone.localdate() - figures.oldest).days
    context = page(request, title="Team figures") | {
        "oldest": figures.oldest,
        "age": age,
        "tables": list(_tables(figures, linked=user.has_perm(VIEW_TIP))),
    }
    return TemplateResponse(request, "admin/reports/home/dashboard.html", context)


LEAST = 5  # smaller numbers of a year are not shown, zero included


@needs(get=VIEW_FIGURES)
def year(request: HttpRequest) -> HttpResponse:
    """Show a year of police referrals; what they led to by grading on an unlocked desk alone."""
    today = timezone.localdate()
    counted = referral_year.count(today=today, by=cast("User", request.user))
    rows = [(label, _hidden(getattr(counted, name))) for name, label in YEAR.items()]
    keys = lock.keys_of(request)
    by_letter = referral_year.by_letter(today=today, keys=keys) if keys else {}
    letters = []
    for letter, (answered, borne_out) in by_letter.items():
        meaning = grading.INFORMATION.get(letter, "not known")
        letters.append((f"{letter} {meaning}".strip(), _hidden(answered), _hidden(borne_out)))
    context = page(request, title="A year") | {"rows": rows, "letters": letters, "least": LEAST}
    return TemplateResponse(request, "admin/reports/home/year.html", context)


def _hidden(number: int) -> str:
    if number >= LEAST:
        return str(number)
    return f"under {LEAST}"


YEAR = {
    "drafted": "Police referrals drafted",
    "sent": "Sent to the police",
    "confirmed": "Confirmed by the police",
    "answered": "Of these, answered",
    "stuck": "Not finished today: not exported, or not confirmed for a week",
    "withdrawn": "Withdrawn",
    "corrected": "Corrected",
    "marked": "Tips marked as possibly malicious",
}


def _tables(counted: Dashboard, *, linked: bool) -> Iterable[FiguresTable]:
    """Return the tables; each number leads to its tips in the queue, where that can be narrowed to them."""

    def figures(
        numbers: Mapping[Any, int], label: Callable[[Any], str | Promise], filter_name: str = ""
    ) -> Figures:
        to = ""
        if linked and filter_name:
            to = f"{reverse('admin:reports_tip_changelist')}?{filter_name}="
        rows = []
        for key, number in numbers.items():
            link = f"{to}{quote(key)}" if to and number else ""
            rows.append(Figure(label(key), number, link))
        return rows

    yield FiguresTable("weeks", "Tips by week", figures(counted.weeks, _day))
    areas = figures(counted.areas, lambda slug: questions.label("area", slug), "area")
    yield FiguresTable("areas", "Tips by area", areas)
    kinds = figures(counted.kinds, lambda kind: questions.label("kind", kind), "category")
    yield FiguresTable("kinds", "Tips by kind", kinds)
    labels: dict[Any, Any] = {**dict(Status.choices), Status.READING: "Undecided, on any tab"}
    statuses = figures(counted.statuses, lambda one: labels.get(one, one), "status")
    yield FiguresTable("statuses", "Tips by status", statuses)
    titles = appeal_titles()
    appeals = figures(counted.appeals, lambda key: titles.get(key, key), "appeal")
    yield FiguresTable("appeals", "Tips by appeal", appeals)
    yield FiguresTable("reading", "Time until first read", figures(counted.reading, _later))
    members = {name or NOBODY: number for name, number in counted.members.items()}
    who = figures(members, lambda name: "Nobody" if name == NOBODY else name, "member")
    yield FiguresTable("members", "Tips waiting, by who has them", who)


def _day(week: str) -> str:
    return formats.date_format(date.fromisoformat(week), "j M")


def _later(weeks: int) -> str:
    if not weeks:
        return "in the same week"
    if weeks == LATE:
        return f"{weeks} weeks later or more"
    return plural(weeks, f"{weeks} week later", f"{weeks} weeks later")
