"""How the queue can be narrowed."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reports import answers
from reports.models import Tip


class Waiting(admin.SimpleListFilter):
    """What needs somebody now."""

    title = _("what waits")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the choices."""
        return [
            ("unread", _("Unread")),
            ("urgent", _("Urgent, not acknowledged")),
            ("answers", _("Answered, not read")),
            ("mine", _("Mine, not decided")),
            ("nobody", _("Given to nobody, not decided")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        """Narrow the queue; the questions are the model's own."""
        match self.value():
            case "unread":
                return queryset & Tip.objects.unread()
            case "urgent":
                return queryset & Tip.objects.urgent_waiting()
            case "answers":
                return queryset & Tip.objects.answered()
            case "mine":
                return queryset.filter(assignee=request.user.pk, decided=None)
            case "nobody":
                return queryset.filter(assignee=None, decided=None)
        return queryset


class Fact(admin.SimpleListFilter):
    """One of the coarse facts that stand in clear once a tip is opened."""

    column = ""
    question = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the question's own choices."""
        return answers.CHOICES[self.question]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tip]) -> QuerySet[Tip]:
        """Keep the tips that say so."""
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


class Kind(Fact):
    """What kind of thing it is."""

    title = _("kind")
    parameter_name = column = "category"
    question = "kind"


class Place(Fact):
    """In which part of town."""

    title = _("area")
    parameter_name = column = question = "area"
