"""The rows of the queue, worded once for all that say the same: a page draws forty, and most of them repeat."""

from collections.abc import Sequence
from functools import cache, partial
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports import answers
from reports.admin import present
from reports.models import Status, Tip

NOTHING = mark_safe('<span class="none">–</span>')


class Row(NamedTuple):
    """A tip as the queue shows it: a plain template draws it, at a tenth of what a list of the admin costs."""

    tip: Tip
    pk: str
    reference: str
    flags: SafeString
    received: str
    status: str
    kind: SafeString
    area: SafeString
    given_to: SafeString


def rows(tips: Sequence[Tip]) -> list[Row]:
    """Return the rows of a page of the queue; whatever several of them say is put into words once."""
    days = {(tip.received, tip.opened): tip for tip in tips}
    received = {day: present.received(tip) for day, tip in days.items()}
    flags, status, name = cache(_flags), cache(_status), cache(_or_nothing)
    kind, area = cache(partial(_answer, "kind")), cache(partial(_answer, "area"))
    return [
        Row(
            tip,
            str(tip.pk),
            tip.reference,
            flags(tip.urgent, tip.acknowledged_at is not None, tip.unread, tip.answered),
            received[tip.received, tip.opened],
            status(tip.status),
            kind(tip.category, tip.opened),
            area(tip.area, tip.opened),
            name(tip.given_to),  # type: ignore[attr-defined] # the queue adds it
        )
        for tip in tips
    ]


def _flags(urgent: bool, acknowledged: bool, unread: bool, answered: bool) -> SafeString:
    """Return the chips of a tip's state."""
    chips = []
    if urgent:
        chips.append(("calm", _("Urgent, acknowledged")) if acknowledged else ("urgent", _("Urgent")))
    if unread:
        chips.append(("unread", _("Answered") if answered else _("Unread")))
    drawn = [format_html('<span class="chip chip-{}">{}</span>', *chip) for chip in chips]
    return mark_safe(" ".join(drawn)) if drawn else NOTHING  # noqa: S308 - each is safe


def _answer(field: str, value: str, opened: bool) -> SafeString:
    """Return a coarse fact, which nobody knows before the tip is opened."""
    if not opened:
        return format_html('<span class="sealed">{}</span>', _("sealed"))
    return _or_nothing(str(answers.label(field, value)) if value else "")


def _or_nothing(text: str | None) -> SafeString:
    return format_html("{}", text) if text else NOTHING


def _status(status: str) -> str:
    return str(Status(status).label)
