"""Filters of a list of the desk: choices in the form above it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString


class ChoiceFilter(admin.SimpleListFilter):
    """A choice in a list's form, of `options` or of what `lookups` returns, for a column (named as the parameter).

    While it is on, `in_words` is what it asks for, and `off` what an address loses that asks it no longer.
    """

    template = "admin/reports/pages/_choice.html"
    place = "form"
    options: Iterable[tuple[Any, Any]] = ()
    nothing: Any = "Any"  # what its box says while it is off
    column = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[Any, Any]]:
        """Return what is offered."""
        return self.options

    def value(self) -> str | None:
        """Return what is chosen; None for nothing, and for what is not offered."""
        asked = super().value()
        if asked in {str(value) for value, _label in self.lookup_choices}:
            return asked
        return None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Compare the column."""
        chosen = self.value()
        if chosen:
            return queryset.filter(**{self.column or str(self.parameter_name): chosen})
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Return none: its box has them."""
        return iter(())

    def grouped(self) -> Iterable[tuple[Any, Any]]:
        """Return what its box has: what is offered, or groups of it, each with its title."""
        return self.lookup_choices

    @property
    def box(self) -> SafeString:
        """Return its box for the form."""
        name = str(self.parameter_name)
        widget = forms.Select(choices=[("", self.nothing), *self.grouped()])
        return widget.render(name, self.value(), {"id": f"filter_{name}"})

    @property
    def in_words(self) -> Any:
        """Return what it asks for, in words; nothing while it is off."""
        return {str(value): label for value, label in self.lookup_choices}.get(
            self.value() or "", ""
        )

    @property
    def off(self) -> dict[str, None]:
        """Return the parameters that an address loses when it is taken off: also the page, as there are more."""
        return {str(self.parameter_name): None, "p": None}
