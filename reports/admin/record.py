"""The record's page: who did what to what, newest first, asked by reference, member, act and days; and as a table."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import MAXYEAR, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.admin.audit import in_words, verify
from reports.admin.lock import page
from reports.admin.paging import ReadOnly
from reports.domain import audit
from reports.models import AuditAct, AuditEvent, Tip, hidden_from

PAGE = 100  # events on a page
MOST = 20_000  # events in one table that is taken away
PROGRAM = "*"  # no username: the events of the program itself
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to calculate
OF_A_SEARCH = (AuditAct.SEARCHED, AuditAct.READ_SEARCH)


class AuditEventAdmin(ReadOnly):
    """The audit events: a page of our own for all of them, Django's for one."""

    fields = ["seq", "at", "who", "did", "subject", "previous", "hash"]

    def get_urls(self) -> list[URLPattern]:
        """Add the look through the whole record, and the table."""
        wrap = self.admin_site.admin_view
        return [
            path("verify/", wrap(verify), name="reports_auditevent_verify"),
            path("csv/", wrap(as_csv), name="reports_auditevent_csv"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        """Return the events that the asker may see."""
        return visible(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show what was asked for."""
        return show(request)

    @admin.display(description=gettext_lazy("who"))
    def who(self, event: AuditEvent) -> str:
        """Return who did it."""
        return event.who

    @admin.display(description=gettext_lazy("did"))
    def did(self, event: AuditEvent) -> str:
        """Return the act in words."""
        return in_words(event)


class DayInput(forms.DateInput):
    """A day, as browsers ask for it."""

    input_type = "date"

    def __init__(self) -> None:
        """Send and show it as 2026-11-26."""
        super().__init__(format="%Y-%m-%d")


class RecordForm(forms.Form):
    """What the record is asked. Nothing of it is secret: a reference says nothing, so it may stand in an address."""

    subject = forms.CharField(
        label=gettext_lazy("Reference, or a name"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    actor = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    act = forms.ChoiceField(label=gettext_lazy("Did what"), required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput)
    until = forms.DateField(label=gettext_lazy("To, that day included"), required=False, widget=DayInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every member, also those who have left: an account is never deleted."""
        super().__init__(*args, **({"auto_id": "record_%s", "label_suffix": ""} | kwargs))
        names = list(User.objects.order_by("username").values_list("username", flat=True))
        members = [("", _("Anybody")), *((name, name) for name in names), (PROGRAM, _("The system"))]
        cast("forms.ChoiceField", self.fields["actor"]).choices = members
        cast("forms.ChoiceField", self.fields["act"]).choices = [("", _("Anything")), *_acts()]

    def clean_subject(self) -> str:
        """Take a reference however it was typed."""
        text = str(self.cleaned_data["subject"]).strip()
        return text.upper() if len(text) == 9 and text[4] == "-" else text

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        data = self.cleaned_data
        for name in ("since", "until"):
            if data.get(name) and data[name].year >= MAXYEAR:
                self.add_error(name, _("Enter a valid date."))
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", _("This day is before the first one."))
        return data

    @property
    def chosen(self) -> dict[str, str]:
        """Return what is asked, as an address says it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def narrow(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that are asked for; none while the form has errors."""
        if not self.is_valid():
            return events.none()
        data = self.cleaned_data
        for name in ("subject", "act"):
            if data[name]:
                events = events.filter(**{name: data[name]})
        if data["actor"] == PROGRAM:
            events = events.filter(by_program=True)
        elif data["actor"]:
            events = events.filter(actor=data["actor"], by_program=False)
        if data["since"]:
            events = events.filter(at__gte=_begins(data["since"]))
        if data["until"]:
            events = events.filter(at__lt=_begins(data["until"] + timedelta(days=1)))
        return events


def _begins(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _acts() -> list[tuple[str, str]]:
    """Return every act in words, without what only one event can fill in."""
    blanks = defaultdict[str, str](lambda: "…")
    choices = [(act.value, str(act.label).format_map(blanks)) for act in AuditAct]
    return sorted(choices, key=lambda choice: choice[1].casefold())


class RecordLine(NamedTuple):
    """Equal events in a row, as one line: the newest of them, how many, when the first of them was, and of what.

    The tips of one list that a member saw parts of are one line as well.
    """

    event: AuditEvent
    words: str
    subjects: dict[str, str]
    times: int
    first: datetime


class PositionForm(forms.Form):
    """The event below which a page begins."""

    before = forms.IntegerField(required=False, min_value=1, max_value=10**18)


def visible(request: HttpRequest) -> QuerySet[AuditEvent]:
    """Return the events, newest first, without those of tips that are hidden from the asker."""
    if not request.user.has_perm("reports.view_auditevent"):
        raise PermissionDenied
    hidden = Tip.objects.filter(pk__in=hidden_from(request.user)).values("reference")
    return AuditEvent.objects.exclude(subject__in=hidden).order_by("-seq")


def show(request: HttpRequest) -> HttpResponse:
    """Show a page of what was asked for; an empty form asks for everything."""
    form, position = RecordForm(request.GET), PositionForm(request.GET)
    events = form.narrow(visible(request))
    before = position.cleaned_data["before"] if position.is_valid() else None
    if before:
        events = events.filter(seq__lt=before)
    found = list(events[: PAGE + 1])
    rows, chosen = found[:PAGE], form.chosen
    context = page(request, title=_("The record")) | {
        "form": form,
        "chosen": chosen,
        "lines": lines(rows),
        "count": len(rows),
        "onward": f"?{urlencode(chosen | {'before': rows[-1].seq})}" if len(found) > PAGE else "",
        "top": f"?{urlencode(chosen)}" if before else "",
        "opts": AuditEvent._meta,  # noqa: SLF001 - Django's public name
        "most": MOST,
    }
    return TemplateResponse(request, "admin/reports/audit/record.html", context)


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


def as_csv(request: HttpRequest) -> HttpResponse:
    """Return what was asked for as a table, once that is on the record; up to MOST events, the newest first."""
    events = visible(request)
    if request.method != "POST":
        return redirect("admin:reports_auditevent_changelist")
    form = RecordForm(request.POST)
    asked_for = form.narrow(events)[:MOST]
    if not form.is_valid():
        return redirect("admin:reports_auditevent_changelist")
    found = audit.take_away(asked_for, by=cast("User", request.user))
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


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
