"""The audit log as a list: who did what to what, newest first, by subject, member, act and day; and as a table."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from reports.admin.audit.verify import say_clock_was_wrong, verify
from reports.admin.pages.filters import ChoiceFilter
from reports.admin.pages.history import history_lines, in_words
from reports.admin.pages.paging import ReadOnly
from reports.domain.audit import audit_log
from reports.domain.rights import VIEW_AUDIT_LOG
from reports.models import AuditAct, AuditEvent, Referral, Tip, hidden_from
from reports.models.referrals import kept_hidden
from reports.models.tips import references_of

PAGE = 100  # events on a page
MOST = 20_000  # events in one table that is taken away
PROGRAM = "*"  # no username: the events of the program itself
ANY = "reading"  # no act: all of READING
READING = (
    *(
        AuditAct.READ,
        AuditAct.GLIMPSED,
        AuditAct.READ_PICTURE,
        AuditAct.READ_REASON,
        AuditAct.REVEALED,
    ),
    AuditAct.MATCHED_CONTACT,
    *(AuditAct.SEARCHED, AuditAct.READ_SEARCH, AuditAct.READ_SUMMARY, AuditAct.READ_REFERRAL),
    AuditAct.OPENED_BOXES,
)
# With which a spreadsheet begins to calculate, be it of full width, also one that takes a semicolon for a cell's end.
FORMULA = re.compile("(^|;) *(?=[=+@\uff1d\uff0b\uff0d\uff20-])")
GROUPS = {  # of acts, by the first of each in the order of AuditAct
    AuditAct.FOUNDED: "The desk and its keys",
    AuditAct.INVITED: "People",
    AuditAct.OPENED: "Reading tips",
    AuditAct.RECORDED: "Deciding tips",
    AuditAct.HELD: "How long tips are kept",
    AuditAct.BEGAN: "Enquiries",
    AuditAct.PROPOSED_OUTCOME: "Public results and figures",
    AuditAct.GRADED: "Police referrals",
    AuditAct.CONFIRMED_ROWS: "The audit log",
}

type Choices = Iterable[tuple[str, str]]


class MemberFilter(ChoiceFilter):
    """Narrows to what one member did, also one who has left: an account is never deleted."""

    title = "user"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer every member, and the program."""
        names = User.objects.order_by("username").values_list("username", flat=True)
        return [*((name, name) for name in names), (PROGRAM, "The system")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        """Return the events of the chosen user."""
        if not (chosen := self.value()):
            return queryset
        if chosen == PROGRAM:
            return queryset.filter(by_program=True)
        return queryset.filter(actor=chosen, by_program=False)


class ActFilter(ChoiceFilter):
    """Narrows to one act, or to all that show what is in a tip."""

    title = "action"
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Offer every act in words, without what only one event can fill in."""
        blanks = defaultdict[str, str](lambda: "…")
        acts = [(act.value, str(act.label).format_map(blanks)) for act in AuditAct]
        return [(ANY, "any reading of what is in tips"), *acts]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        """Return the events of the chosen act, or of all that are reading."""
        if self.value() == ANY:
            return queryset.filter(act__in=READING)
        return super().queryset(request, queryset)

    def grouped(self) -> Iterable[tuple[Any, Any]]:
        """Return the acts in their groups, by the alphabet in each, after what stands for several."""
        several, *acts = self.lookup_choices
        groups: list[tuple[Any, Any]] = []
        for value, words in acts:
            if value in GROUPS:
                groups.append((GROUPS[AuditAct(value)], []))
            groups[-1][1].append((value, words))
        for _title, of_group in groups:
            of_group.sort(key=lambda act: str(act[1]).casefold())
        return [several, *groups]


class FirstDayFilter(ChoiceFilter):
    """Narrows to what was done from a day on."""

    title = "first day"
    parameter_name = "from"
    options = [("", "")]
    column = "at__gte"
    later = timedelta(0)

    def value(self) -> str | None:
        """Return the day that is typed, as an address has it; None for what is no day."""
        with suppress(ValueError):
            day = date.fromisoformat(self.used_parameters.get(self.parameter_name, ""))
            if day.year in range(2000, 3000):  # whose midnights exist in every zone
                return day.isoformat()
        return None

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        """Compare with the midnight at which the day begins, or ends."""
        if not (day := self.value()):
            return queryset
        return queryset.filter(
            **{self.column: timezone.make_aware(datetime.fromisoformat(day) + self.later)}
        )

    @property
    def box(self) -> SafeString:
        """Return its box for the form."""
        widget = forms.DateInput({"type": "date"})
        name = str(self.parameter_name)
        return widget.render(name, self.value(), {"id": f"filter_{name}"})


class LastDayFilter(FirstDayFilter):
    """Narrows to what was done up to the end of a day."""

    title = "last day"
    parameter_name = "to"
    column = "at__lt"
    later = timedelta(days=1)


class AuditEventAdmin(ReadOnly):
    """The audit events, which nobody changes."""

    actions = ["as_csv"]
    change_list_template = "admin/reports/audit/log.html"
    fields = ["seq", "at", "who", "did", "subject", "previous", "hash"]
    list_filter = [MemberFilter, ActFilter, FirstDayFilter, LastDayFilter]
    list_per_page = PAGE
    ordering = ["-seq"]
    search_fields = ["subject"]

    def get_urls(self) -> list[URLPattern]:
        """Add the check of the whole log, and what a team lead says of a wrong clock."""
        verified = path(
            "verify/", self.admin_site.admin_view(verify), name="reports_auditevent_verify"
        )
        clock = self.admin_site.admin_view(say_clock_was_wrong)
        said = path("verify/clock/", clock, name="reports_auditevent_clock")
        return [verified, said, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """Return the events without those of tips, and of their referrals, that are hidden from the asker."""
        if not request.user.has_perm(VIEW_AUDIT_LOG):
            raise PermissionDenied
        hidden = Tip.objects.filter(pk__in=hidden_from(request.user)).values("reference")
        of_hidden = Referral.objects.hidden_from(request.user).values("reference")
        events = super().get_queryset(request).exclude(subject__in=hidden)
        return events.exclude(subject__in=of_hidden).exclude(subject__in=kept_hidden(request.user))

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Return the events of exactly this subject; a reference is taken however it was typed."""
        text = search_term.strip()
        return (
            queryset.filter(subject__in=[text, *references_of(text)]) if text else queryset
        ), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a page of them, equal ones in a row as one line."""
        shown = {"title": "Audit log", "most": MOST} | (extra_context or {})
        answer: HttpResponse = super().changelist_view(request, shown)
        context = None
        if isinstance(answer, TemplateResponse):
            context = answer.context_data
        if context and "cl" in context:
            context["lines"] = history_lines(context["cl"].result_list, of_a_tip=False)
        return answer

    @admin.action(permissions=["view"], description="Download CSV")
    def as_csv(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> HttpResponse:
        """Return what was asked for as a table, once that is in the log; up to MOST events, the newest first."""
        events = audit_log.take_away(queryset[:MOST], by=cast("User", request.user))
        head = ["number", "time", "user", "action", "action code", "item", "hash"]
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow(head)
        for event in events:
            row = [
                event.seq,
                _at(event),
                event.who,
                in_words(event),
                event.act,
                event.subject,
                event.hash,
            ]
            table.writerow([harmless(str(cell)) for cell in row])
        headers = {
            "Content-Disposition": f'attachment; filename="audit-log-{timezone.localdate():%Y-%m-%d}.csv"'
        }
        return HttpResponse(
            text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers
        )

    @admin.display(description="user")
    def who(self, event: AuditEvent) -> str:
        """Return who did it."""
        return event.who

    @admin.display(description="action")
    def did(self, event: AuditEvent) -> str:
        """Return the act in words."""
        return in_words(event)


def _at(event: AuditEvent) -> str:
    return timezone.localtime(event.at).isoformat(timespec="seconds")


def harmless(cell: str) -> str:
    """Return a cell, in one line, that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\g<0>'", " ".join(cell.split()))
