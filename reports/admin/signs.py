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
from django.utils.translation import gettext_lazy, ngettext

from reports import questions
from reports.admin import tip_reading
from reports.domain.handover import consent
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.domain.tips.opening import OpenedEntry
from reports.domain.triage import aside, signs
from reports.domain.triage.signs import Signs
from reports.models import Status, Tip
from reports.models.tips import SET_ASIDE

MINUTE = timedelta(minutes=1)
LINE = 120  # characters of a first line
STATUSES = {status.value: status.label for status in Status}  # Django's own way hashes all of them for each row
POLICE: dict[str, tuple[str | Promise, str]] = {
    consent.NO: (gettext_lazy("no to police"), "urgent"),
    consent.WORDS: (gettext_lazy("own words only"), ""),
    consent.UNSAID: (gettext_lazy("police: not said"), ""),
}


class Chip(NamedTuple):
    """A word or two, and how it looks: urgent, unread, calm, label, or plain."""

    text: str | Promise
    look: str = ""


class QueueRow(NamedTuple):
    """A tip as the queue shows it, with what a template cannot find out by itself."""

    tip: Tip
    received: str
    kind: Any
    area: Any
    status: str | Promise
    ticked: bool
    chips: Sequence[Chip]
    readers: Sequence[str]
    line: str = ""
    same: int = 0  # unread tips that say the same, this one included; 0 for one by itself


def rows(
    tips: Sequence[Tip], *, by: User, keys: Keys | None, now: datetime, ticked: Iterable[str], lines: bool
) -> list[QueueRow]:
    """Return a page's rows; what senders ticked on an unlocked desk, and first lines once they are on the record.

    Raises DatabaseError if the glimpses cannot be recorded.
    """
    beside, chosen = signs.signs(tips=tips, by=by, now=now), set(ticked)
    opened = [tip for tip in tips if tip.opened] if keys else []
    said = opening.choices(tips=opened, keys=cast("Keys", keys)) if opened else {}
    same = aside.counts(tips=tips, by=by)
    first = first_lines(opened, by=by, keys=cast("Keys", keys)) if opened and lines else {}
    return [
        QueueRow(
            tip,
            tip_reading.received(tip),
            questions.label("kind", tip.category),
            questions.label("area", tip.area),
            STATUSES[tip.status],
            str(tip.pk) in chosen,
            [*_state(tip), *_choices(tip, said, unlocked=keys is not None), *_clear(beside[tip.pk])],
            [_open_with(reader, at, now) for reader, at in beside[tip.pk].readers.items()],
            first.get(tip.pk, ""),
            same.get(tip.pk, 0),
        )
        for tip in tips
    ]


def first_lines(tips: Sequence[Tip], *, by: User, keys: Keys) -> dict[UUID, str]:
    """Return how each tip begins, after recording that the member glimpsed it."""
    return {pk: line(entries) for pk, entries in opening.glimpse(tips=tips, by=by, keys=keys).items()}


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


def _choices(tip: Tip, said: Mapping[UUID, list[OpenedEntry]], *, unlocked: bool) -> Iterable[Chip]:
    """Yield what the sender ticked that changes how the tip must be handled."""
    if not unlocked or not tip.opened:
        return
    if tip.pk not in said:
        yield Chip(_("long: see inside for consent and danger"))
        return
    care = tip_reading.care(said[tip.pk])
    if care.danger:
        yield Chip(_("Danger"), "urgent")
    if care.under_18:
        yield Chip(_("Under 18"), "urgent")
    police = consent.police(said[tip.pk])
    if police in POLICE:
        yield Chip(*POLICE[police])
    if care.guessable:
        yield Chip(_("could be guessed"))


def _clear(beside: Signs) -> Iterable[Chip]:
    for name in beside.labels:
        yield Chip(name, "label")
    for name in beside.enquiries:
        yield Chip(name, "enquiry")
    if beside.related:
        said = ngettext("%(count)d related", "%(count)d related", beside.related)
        yield Chip(said % {"count": beside.related})


def _open_with(reader: str, at: datetime, now: datetime) -> str:
    if now - at < MINUTE:
        return _("%(who)s opened it just now") % {"who": reader}
    return _("%(who)s opened it %(ago)s ago") % {"who": reader, "ago": timesince(at, now, depth=1)}
