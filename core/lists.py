"""The lists of the admin and the tabs above them."""

from itertools import chain
from typing import Any, override

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

LONGEST_KEY = 18  # digits
TABS = "admin/_tabs.html"


class ColumnTabs(admin.ChoicesFieldListFilter):
    """Django's filter by a column with choices, as tabs: `list_filter = [("status", ColumnTabs)]`."""

    template = TABS
    place = "tabs"


class ListAdmin(admin.ModelAdmin):
    """The base of every list of the admin: an address narrows it by the filters that it shows, and by nothing else.

    Django lets any address look through each column of a list's own model: with `__regex` one cookie could hold a
    worker for a minute, and by counting rows its owner could learn what no page shows them.
    """

    @override
    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Return whether one of `list_filter` sends this: a column with an exact value, none, or a range of days."""
        if value.isdecimal() and len(value) > LONGEST_KEY:  # no database has such a number
            return False
        return lookup in set(chain.from_iterable(map(self._sent_by, self.get_list_filter(request))))

    @override
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the list under the name of what it lists."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def _sent_by(self, item: Any) -> list[str]:
        """Return the lookups that a filter's own links send."""
        if isinstance(item, type):
            return [str(vars(item)["parameter_name"])]
        if isinstance(item, tuple):
            item = item[0]
        field = self.opts.get_field(item)
        ends = ["", "__exact", "__isnull", "__id__exact"]
        if isinstance(field, models.DateField):
            ends += ["__gte", "__lt"]
        return [f"{item}{end}" for end in ends]
