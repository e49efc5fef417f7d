"""The record in words: what each act means to the person who reads it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from reports.domain.errors import Meanwhile, Refused
from reports.domain.tips.opening import REVEAL_REASONS
from reports.models import AuditAct, AuditEvent, EnquiryStatus, Status

MINUTE = timedelta(minutes=1)


STATUSES = dict(Status.choices) | dict(EnquiryStatus.choices)


class Line(NamedTuple):
    """One act, or the same act several times in a row by the same person."""

    event: AuditEvent
    words: str
    times: int


def in_words(event: AuditEvent) -> str:
    """Return what was done, without who and to what; an act that has no words yet keeps its name."""
    detail = defaultdict(str, {name: str(value) for name, value in event.detail.items()})
    for name in ("before", "after"):
        detail[name] = str(STATUSES.get(detail[name], detail[name]))
    detail["to"] = detail["to"] or _("nobody")
    detail["reason"] = REVEAL_REASONS.get(detail["reason"], detail["reason"])
    if event.act not in AuditAct.values:
        return event.act
    return AuditAct(event.act).label.format_map(detail)


def meanwhile(refusal: Refused) -> str:
    """Return why an act was refused; where a colleague was faster, who did what, and how long ago."""
    if not isinstance(refusal, Meanwhile):
        return str(refusal)
    event = refusal.event
    said = {"who": event.actor, "did": in_words(event), "ago": timesince(event.at, depth=1)}
    if timezone.now() - event.at < MINUTE:
        return _("%(who)s %(did)s just now. Nothing of theirs was changed. Look at it, then decide.") % said
    return _("%(who)s %(did)s %(ago)s ago. Nothing of theirs was changed. Look at it, then decide.") % said


def lines(events: Iterable[AuditEvent]) -> list[Line]:
    """Return a history that stays readable: repeated acts are one line, with the newest of them."""
    runs = [list(run) for _key, run in groupby(events, key=lambda event: (event.actor, in_words(event)))]
    return [Line(run[0], in_words(run[0]), len(run)) for run in runs]
