"""Days and instants as pages tell them. Django's own filter asks again each time for what a day is called."""

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format

REMEMBERED = 4096  # days

register = template.Library()


@register.filter
def day(when: date | datetime | None, form: str = "j F Y") -> str:
    """Return the day, by the town's clock, as readers say it: 22 November 2023; nothing for none."""
    if when is None:
        return ""
    local = _local(when)
    return _named(local.year, local.month, local.day, form)


@register.filter
def iso(when: date | datetime | None) -> str:
    """Return the day or the instant, by the town's clock, as machines read it (ISO 8601); nothing for none."""
    if when is None:
        return ""
    return _local(when).isoformat()


def _local(when: date | datetime) -> date | datetime:
    # The town has one zone: to ask which is current takes longer than to tell the time in it.
    return timezone.localtime(when, timezone.get_default_timezone()) if isinstance(when, datetime) else when


@lru_cache(maxsize=REMEMBERED)
def _named(year: int, month: int, number: int, form: str) -> str:
    return date_format(date(year, month, number), form)
