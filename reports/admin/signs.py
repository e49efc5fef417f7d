"""What the queue says of a tip: its chips, its first line after a press, and who has it open."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.admin import tip_reading
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.domain.tips.opening import OpenedEntry
from reports.domain.triage import aside, signs
from reports.models import Tip
from reports.models.tips import SET_ASIDE

MINUTE = timedelta(minutes=1)
LINE = 120  # characters of a first line


class Chip(NamedTuple):
    """A word or two, and how it looks: urgent, unread, calm, label, enquiry, or plain."""

    text: str | Promise
    look: str = "plain"


class Beside(NamedTuple):
    """What the queue says beside a tip that is not in its columns."""

    chips: Sequence[Chip]
    readers: Sequence[str]
    same: int  # unread tips that say the same, this one included; 0 for one by itself
    line: str
    ticked: bool


def of(tip: Tip) -> Beside:
    """Return what `put_beside` put there."""
    return cast("Beside", vars(tip)["beside"])


def put_beside(
    tips: Iterable[Tip], *, by: User, keys: Keys | None, now: datetime, lines: Mapping[UUID, str], ticked: bool
) -> None:
    """Put beside each tip of a page what the queue says of it; on an unlocked desk also what speaks of danger.

    Only urgent tips are opened for that: who names a danger, or is under 18, has sent an urgent one.
    """
    urgent = [tip for tip in tips if tip.urgent and tip.opened] if keys else []
    ticks = opening.choices(tips=urgent, keys=cast("Keys", keys)) if urgent else {}
    related, readers = signs.related(tips=tips, by=by), signs.readers(tips=tips, by=by, now=now)
    same = aside.counts(tips=tips, by=by)
    for tip in tips:
        danger = _danger(ticks.get(tip.pk)) if tip in urgent else ()
        vars(tip)["beside"] = Beside(
            [*_state(tip), *danger, *_clear(tip, related[tip.pk])],
            [_open_with(reader, at, now) for reader, at in readers.get(tip.reference, {}).items()],
            same.get(tip.pk, 0),
            lines.get(tip.pk, ""),
            ticked,
        )


def first_lines(tips: Iterable[Tip], *, by: User, keys: Keys) -> dict[UUID, str]:
    """Return how each opened tip begins, after recording that the member glimpsed it."""
    opened = [tip for tip in tips if tip.opened]
    return {pk: line(entries) for pk, entries in opening.glimpse(tips=opened, by=by, keys=keys).items()}


def line(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return how a tip begins, from its answers."""
    text = next((str(answers["what"]) for answers in entries if answers.get("what")), "")
    return Truncator(" ".join(text.split())).chars(LINE)


def alarm(tip: Tip) -> Chip:
    """Return who has an urgent tip, as the first screen and the tip's page say it too (`tip/_alarm.html`)."""
    if tip.acknowledged_at and tip.decided:
        return Chip(_("Urgent, decided"), "calm")
    if tip.acknowledged_at:
        return Chip(_("Urgent: %(who)s has it") % {"who": tip.acknowledged_by}, "calm")
    if tip.acknowledged_by:
        return Chip(_("Urgent: %(who)s took it, undecided") % {"who": tip.acknowledged_by}, "urgent")
    return Chip(_("Urgent: nobody has it"), "urgent")


def _state(tip: Tip) -> Iterable[Chip]:
    if tip.rank == SET_ASIDE:
        yield Chip(_("Set aside"))
    if tip.urgent:
        yield alarm(tip)
    if tip.unread:
        yield Chip(_("Answered") if tip.answered else _("Unread"), "unread")


def _danger(ticks: list[OpenedEntry] | None) -> Iterable[Chip]:
    """Yield what makes a tip urgent; `ticks` is None for a text that is too long to be opened for a list."""
    if ticks is None:
        yield Chip(_("long: see inside for danger"))
        return
    care = tip_reading.care(ticks)
    if care.danger:
        yield Chip(_("Danger"), "urgent")
    if care.under_18:
        yield Chip(_("Under 18"), "urgent")


def _clear(tip: Tip, related: int) -> Iterable[Chip]:
    """Yield what the list has fetched with the tip."""
    for name in sorted((label.name for label in tip.labels.all()), key=str.casefold):
        yield Chip(name, "label")
    for name in sorted((link.enquiry.codename for link in tip.links.all()), key=str.casefold):
        yield Chip(name, "enquiry")
    if related:
        yield Chip(ngettext("%(count)d related", "%(count)d related", related) % {"count": related})


def _open_with(reader: str, at: datetime, now: datetime) -> str:
    if now - at < MINUTE:
        return _("%(who)s opened it just now") % {"who": reader}
    return _("%(who)s opened it %(ago)s ago") % {"who": reader, "ago": timesince(at, now, depth=1)}
