"""The rows of the queue: a page draws forty, and most of them say what others say."""

from collections.abc import Sequence
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
    """Return the rows of a page of the queue."""
    return [
        Row(
            tip,
            str(tip.pk),
            tip.reference,
            _flags(tip.urgent, tip.acknowledged_at is not None, tip.unread, tip.answered),
            present.received(tip),
            _status(tip.status),
            _answer("kind", tip.category, tip.opened),
            _answer("area", tip.area, tip.opened),
            _or_nothing(tip.given_to),  # type: ignore[attr-defined] # the queue adds it
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
