"""The audit log as a list: who did what to what, newest first, by subject, member, act and month; and as a table."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin.audit import in_words, verify
from reports.admin.paging import ReadOnly
from reports.domain import audit
from reports.models import AuditAct, AuditEvent, Tip, hidden_from

PAGE = 100  # events on a page
MOST = 20_000  # events in all pages of one list, and in one table that is taken away
PROGRAM = "*"  # no username: the events of the program itself
# With which a spreadsheet begins to calculate, be it of full width, also one that takes a semicolon for a cell's end.
FORMULA = re.compile("(^|;) *(?=[=+@\uff1d\uff0b\uff0d\uff20-])")
OF_A_SEARCH = (AuditAct.SEARCHED, AuditAct.READ_SEARCH)

type Choices = Iterable[tuple[str, str]]


class MemberFilter(admin.SimpleListFilter):
    """Narrows to what one member did, also one who has left: an account is never deleted."""

    title, parameter_name = gettext_lazy("who"), "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer every member, and the program."""
        names = User.objects.order_by("username").values_list("username", flat=True)
        return [*((name, name) for name in names), (PROGRAM, _("The system"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events of whoever was chosen."""
        if not (chosen := self.value()):
            return queryset
        return (
            queryset.filter(by_program=True) if chosen == PROGRAM else queryset.filter(actor=chosen, by_program=False)
        )


class ActFilter(admin.SimpleListFilter):
    """Narrows to one act."""

    title, parameter_name = gettext_lazy("did what"), "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer every act in words, without what only one event can fill in."""
        blanks = defaultdict[str, str](lambda: "…")
        choices = [(act.value, str(act.label).format_map(blanks)) for act in AuditAct]
        return sorted(choices, key=lambda choice: choice[1].casefold())

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events of the act that was chosen."""
        return queryset.filter(act=self.value()) if self.value() else queryset


class MonthFilter(admin.SimpleListFilter):
    """Narrows to one month."""

    title, parameter_name = gettext_lazy("month"), "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer each month from the first event on, the newest first."""
        return [(f"{month:%Y-%m}", date_format(month, "F Y")) for month in _months()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events of the month that was chosen; none of a month that is not offered."""
        if not self.value():
            return queryset
        month = next((month for month in _months() if f"{month:%Y-%m}" == self.value()), None)
        if month is None:
            return queryset.none()
        return queryset.filter(at__gte=_begins(month), at__lt=_begins(_month_of(month + timedelta(days=31))))


def _months() -> Iterator[date]:
    first = AuditEvent.objects.order_by("seq").values_list("at", flat=True).first()
    month = _month_of(timezone.localdate())
    while first and month >= _month_of(timezone.localdate(first)):
        yield month
        month = _month_of(month - timedelta(days=1))


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class NewestPages(Paginator):
    """The newest events in pages. All of them are never counted."""

    @cached_property
    def count(self) -> int:
        """Return how many there are, up to MOST."""
        return cast("QuerySet[AuditEvent]", self.object_list)[:MOST].count()


class RecordLine(NamedTuple):
    """Equal events in a row, as one line: the newest of them, how many, when the first of them was, and of what.

    The tips of one list that a member saw parts of are one line as well.
    """

    event: AuditEvent
    words: str
    subjects: dict[str, str]
    times: int
    first: datetime


class AuditEventAdmin(ReadOnly):
    """The audit events, which nobody changes."""

    actions = ["as_csv"]
    change_list_template = "admin/reports/audit/record.html"
    fields = ["seq", "at", "who", "did", "subject", "previous", "hash"]
    list_filter = [MemberFilter, ActFilter, MonthFilter]
    list_per_page = PAGE
    ordering = ["-seq"]
    paginator = NewestPages
    search_fields = ["subject"]

    def get_urls(self) -> list[URLPattern]:
        """Add the look through the whole record."""
        verified = path("verify/", self.admin_site.admin_view(verify), name="reports_auditevent_verify")
        return [verified, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """Return the events without those of tips that are hidden from the asker."""
        if not request.user.has_perm("reports.view_auditevent"):
            raise PermissionDenied
        hidden = Tip.objects.filter(pk__in=hidden_from(request.user)).values("reference")
        return super().get_queryset(request).exclude(subject__in=hidden)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Return the events of exactly this subject; a reference is taken however it was typed."""
        text = search_term.strip()
        subject = text.upper() if len(text) == 9 and text[4] == "-" else text
        return (queryset.filter(subject=subject) if subject else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show a page of them, equal ones in a row as one line."""
        shown = {"title": _("The record"), "most": MOST} | (extra_context or {})
        answer: HttpResponse = super().changelist_view(request, shown)
        context = answer.context_data if isinstance(answer, TemplateResponse) else None
        if context and "cl" in context:
            context["lines"] = lines(context["cl"].result_list)
        return answer

    @admin.action(permissions=["view"], description=gettext_lazy("Take it as CSV"))
    def as_csv(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> HttpResponse:
        """Return what was asked for as a table, once that is on the record; up to MOST events, the newest first."""
        found = audit.take_away(queryset[:MOST], by=cast("User", request.user))
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow([_("number"), _("at"), _("who"), _("did"), _("act"), _("to what"), _("hash")])
        for event in found:
            at = timezone.localtime(event.at).isoformat(timespec="seconds")
            cells = (event.who, in_words(event), event.act, event.subject, event.hash)
            table.writerow([event.seq, at, *map(harmless, cells)])
        answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="record-{timezone.localdate():%Y-%m-%d}.csv"'
        return answer

    @admin.display(description=gettext_lazy("who"))
    def who(self, event: AuditEvent) -> str:
        """Return who did it."""
        return event.who

    @admin.display(description=gettext_lazy("did"))
    def did(self, event: AuditEvent) -> str:
        """Return the act in words."""
        return in_words(event)


def lines(events: Iterable[AuditEvent]) -> list[RecordLine]:
    """Return the events with equal ones in a row as one line."""
    found = []
    for _key, events_alike in groupby(events, key=_alike):
        run = list(events_alike)
        subjects = {event.subject: _subject(event) for event in run if event.subject}
        found.append(RecordLine(run[0], in_words(run[0]), subjects, len(run), run[-1].at))
    return found


def _alike(event: AuditEvent) -> tuple[str, str, str]:
    return event.who, in_words(event), "" if event.act == AuditAct.GLIMPSED else event.subject


def _subject(event: AuditEvent) -> str:
    """Return to what it was done; a search has a long number, of which a part is enough to find it again."""
    return _("search %(number)s") % {"number": event.subject[:8]} if event.act in OF_A_SEARCH else event.subject


def harmless(cell: str) -> str:
    """Return a cell, in one line, that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\g<0>'", " ".join(cell.split()))
