"""The audit log in words."""

import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.domain.errors import EditConflict, Refused
from reports.domain.tips.opening import REVEAL_REASONS
from reports.domain.tips.recusal import LIFT_REASONS
from reports.models import AuditAct, AuditEvent, EnquiryStatus
from reports.models.tips import STAGES

MINUTE = timedelta(minutes=1)
UNLOCKING = (AuditAct.UNLOCKED, AuditAct.OPENED, AuditAct.CONFIRMED_ROWS)
SIGN_IN_WAYS = {
    "app": gettext_lazy("a code from an app"),
    "passkey": gettext_lazy("a passkey"),
    "recovery-code": gettext_lazy("a recovery code"),
    "password": gettext_lazy("only a password"),
}

CAPACITIES = {"editor": gettext_lazy("an editor"), "team_lead": gettext_lazy("a team lead")}
ROLE_WORD = re.compile("(?<=[a-z])(?=[A-Z])")  # where a role's name, such as TeamLead, begins a new word


class HistoryLine(NamedTuple):
    """One act, or the same act several times in a row by the same person, or what unlocking the desk did.

    It has the newest of these events, in words, how many there are, when the first of them was, of what they were, and
    if they differ each of them with its words, the oldest first.
    """

    event: AuditEvent
    words: str
    times: int
    first: datetime
    subjects: dict[str, str]
    parts: list[tuple[AuditEvent, str]] = []


def in_words(event: AuditEvent) -> str:
    """Return what was done, without the name and the subject; an act that has no words keeps its name.

    An event whose detail is not as Streetlight writes it has words that say so.
    """
    if not isinstance(event.detail, dict):
        return _("did something that we cannot read, because the event was changed outside Streetlight")
    detail = defaultdict(str, {name: str(value) for name, value in event.detail.items()})
    if event.act == AuditAct.MOVED:
        statuses = dict(EnquiryStatus.choices if "enquiry" in event.detail else STAGES)
        detail |= {name: str(statuses.get(detail[name], detail[name])) for name in ("before", "after")}
    for name in ("before", "after", "roles"):
        if isinstance(roles := event.detail.get(name), list):
            detail[name] = ", ".join(ROLE_WORD.sub(" ", str(role)).capitalize() for role in roles) or _("no role")
    detail["way"] = SIGN_IN_WAYS.get(detail["way"], detail["way"])
    detail["capacity"] = CAPACITIES.get(detail["capacity"], detail["capacity"])
    with suppress(ValueError):  # none, or what was written outside Streetlight
        detail["day"] = date_format(date.fromisoformat(detail["day"]), "j M Y")
    detail["to"], detail["day"] = detail["to"] or _("nobody"), detail["day"] or _("none")
    detail["reason"] = (REVEAL_REASONS | LIFT_REASONS).get(detail["reason"], detail["reason"])
    if event.act not in AuditAct.values:
        return event.act
    return AuditAct(event.act).label.format_map(detail)


def refusal_text(refusal: Refused) -> str:
    """Return why an act was refused; where another member was faster, who did what, and how long ago."""
    if not isinstance(refusal, EditConflict):
        return str(refusal)
    event = refusal.event
    words = {"who": event.who, "did": in_words(event), "ago": timesince(event.at, depth=1)}
    if timezone.now() - event.at < MINUTE:
        return _("%(who)s %(did)s just now. We did not make your change. Look at it, then decide.") % words
    return _("%(who)s %(did)s %(ago)s ago. We did not make your change. Look at it, then decide.") % words


def history_lines(events: Iterable[AuditEvent], *, of_a_tip: bool = True) -> list[HistoryLine]:
    """Return a history that stays readable: equal events in a row are one line, as are the glimpses of one list.

    Where it is not `of_a_tip` alone, so is unlocking the desk with all that was opened then.
    """
    keys, unlocks, lines = list[tuple[int, tuple[str, str, str]]](), 0, []
    for event in (listed := list(events)):
        keys.append((unlocks, _alike(event, of_a_tip=of_a_tip)))
        unlocks += event.act == AuditAct.UNLOCKED  # of its own group the last, as the newest event comes first
    for (_unlocks, (_who, words, _subject)), alike in groupby(zip(keys, listed, strict=True), key=itemgetter(0)):
        run = [event for _key, event in alike]
        subjects = {event.subject: _subject_in_words(event) for event in run if event.subject}
        parts = [] if words else [(event, in_words(event)) for event in reversed(run)]
        lines.append(HistoryLine(run[0], words or parts[0][1], len(run), run[-1].at, subjects, parts))
    return lines


def _alike(event: AuditEvent, *, of_a_tip: bool) -> tuple[str, str, str]:
    """Return what equal events have in common; without words where they are one act of several."""
    if event.act in UNLOCKING and not of_a_tip:
        return event.who, "", ""
    return event.who, in_words(event), "" if event.act == AuditAct.GLIMPSED else event.subject


def _subject_in_words(event: AuditEvent) -> str:
    """Return to what it was done; a search has a long number, of which a part is enough to find it again."""
    of_a_search = event.act in (AuditAct.SEARCHED, AuditAct.READ_SEARCH)
    return _("search %(number)s") % {"number": event.subject[:8]} if of_a_search else event.subject
