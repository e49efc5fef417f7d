"""What follows from a decision about a tip, in a sentence beside each choice."""

from datetime import date

from django.forms.boundfield import BoundField, BoundWidget
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from reports.domain import retention
from reports.models import Status, Tip
from reports.models.tips import MALICIOUS, UNDECIDED


def choices(radios: BoundField, tip: Tip, *, due_on: date | None, may_stay: bool) -> list[tuple[BoundWidget, str]]:
    """Return each choice of a decision with what follows from it.

    `due_on` is the tip's day of deletion as it stands; `may_stay`: another decision does not set a day by itself.
    """
    return [(radio, _follows(tip, radio.data["value"], due_on=due_on, may_stay=may_stay)) for radio in radios]


def _follows(tip: Tip, stage: str, *, due_on: date | None, may_stay: bool) -> str:
    """Return what follows: for the reminders, for how long we keep the tip, and what its sender reads."""
    stays = stage == tip.status
    stage = tip.stage if stays else stage
    lines = []
    if tip.urgent:
        go_on = stage in UNDECIDED or (stays and tip.acknowledged_at is None)
        lines.append(_("Reminders go on.") if go_on else _("Reminders end."))
    lines.append(_how_long(tip, stage, due_on=due_on if stays else _if_decided(stage), may_stay=may_stay and not stays))
    lines.append(_("The sender sees only that we read it, and our messages."))
    if stage == MALICIOUS:
        lines.append(_("It gets a label, so we tell its sender no result and count it nowhere."))
    if stays and stage == MALICIOUS:
        lines.append(_("To take the label off, choose “Undecided”."))
    return " ".join(lines)


def _if_decided(stage: str) -> date | None:
    status = Status.NO_ACTION if stage == MALICIOUS else stage
    return retention.due_if_decided(status, today=timezone.localdate())


def _how_long(tip: Tip, stage: str, *, due_on: date | None, may_stay: bool) -> str:
    """Return how long we keep the tip with this stage, as “History and keeping” will say it."""
    if stage == Status.LINKED:
        return _("We keep it until its enquiries are closed.")
    if stage == Status.PASSED_ON and tip.confirmed is None:
        return _("We keep it until someone else has looked at the call.")
    if not due_on:
        return _("We keep it.")
    words = {"day": formats.date_format(due_on, "j M Y")}
    return (_("We delete it on %(day)s at the earliest.") if may_stay else _("We delete it on %(day)s.")) % words
