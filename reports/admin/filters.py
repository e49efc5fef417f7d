"""How the queue can be narrowed: one row a filter, all of which combine, as fields of one plain form."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from reports import answers
from reports.domain import desk
from reports.domain.reading.queue import Narrowing
from reports.models import Label, Status

type Text = str | Promise

SELECTED = mark_safe(" selected")


def _waiting() -> Iterable[tuple[str, Text]]:
    return (
        ("urgent", _("Urgent, not acknowledged")),
        ("unread", _("Unread")),
        ("answers", _("Answered, not read")),
        ("mine", _("Mine, not decided")),
        ("nobody", _("Given to nobody, not decided")),
    )


def appeals() -> Iterable[tuple[str, Text]]:
    """Return the open appeals by key, as the public form knows them: a file, no query."""
    return ((key, appeal.title) for key, appeal in desk.form_state().appeals.items())


def _labels() -> Iterable[tuple[str, Text]]:
    return ((str(label.pk), label.name) for label in Label.objects.all())


def _fact(column: str) -> Callable[[Narrowing, str], Narrowing]:
    return lambda narrowed, value: replace(narrowed, facts={**narrowed.facts, column: value})


class Filter(NamedTuple):
    """A filter: its name in the address, its title, its choices, and how a choice narrows the queue.

    `open`: it takes values that are not among its choices by now, such as the key of an appeal that has closed.
    `fixed`: its choices are part of the program, so that they are drawn once.
    """

    name: str
    title: Text
    choices: Callable[[], Iterable[tuple[str, Text]]]
    narrow: Callable[[Narrowing, str], Narrowing]
    open: bool = False
    fixed: bool = True


FILTERS: tuple[Filter, ...] = (
    Filter("waiting", _("What waits"), _waiting, lambda narrowed, value: replace(narrowed, waiting=value)),
    Filter("status", _("Status"), lambda: Status.choices, _fact("status")),
    Filter("category", _("Kind"), lambda: answers.CHOICES["kind"], _fact("category")),
    Filter("area", _("Area"), lambda: answers.CHOICES["area"], _fact("area")),
    Filter("appeal", _("Appeal"), appeals, _fact("appeal"), open=True, fixed=False),
    Filter("label", _("Label"), _labels, lambda narrowed, value: replace(narrowed, label=int(value)), fixed=False),
    Filter("urgent", _("Urgency"), lambda: (("1", _("Urgent")),), lambda narrowed, _: replace(narrowed, urgent=True)),
)


class Shown(NamedTuple):
    """A filter as the form draws it."""

    name: str
    title: Text
    choices: list[tuple[str, Text]]
    chosen: str
    options: SafeString


def read(asked: Mapping[str, str]) -> tuple[Narrowing, list[Shown]]:
    """Return what an address asks for, and the form that says so; a choice that does not exist is none."""
    narrowed, shown = Narrowing(), []
    for one in FILTERS:
        choices, chosen = list(one.choices()), asked.get(one.name, "")
        if chosen and chosen not in dict(choices):
            choices, chosen = ([*choices, (chosen, chosen)], chosen) if one.open else (choices, "")
        if chosen:
            narrowed = one.narrow(narrowed, chosen)
        drawn = _fixed_options(one, chosen) if one.fixed else options(choices, chosen)
        shown.append(Shown(one.name, one.title, choices, chosen, drawn))
    return narrowed, shown


def options(choices: Iterable[tuple[Any, Text]], chosen: str = "") -> SafeString:
    """Return a select's options; a template takes four times as long for them."""
    rows = ((value, SELECTED if value == chosen and chosen else "", label) for value, label in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


def _fixed_options(one: Filter, chosen: str) -> SafeString:
    return options(one.choices(), chosen)
