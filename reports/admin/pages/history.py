"""The audit log in words."""

import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince

from reports.domain.errors import EditConflict, Refused
from reports.domain.intake.recorded_tips import CHANNELS
from reports.domain.tips.opening import REVEAL_REASONS
from reports.domain.tips.recusal import LIFT_REASONS
from reports.models import AuditAct, AuditEvent, EnquiryStatus, Status

MINUTE = timedelta(minutes=1)
UNLOCKING = (AuditAct.UNLOCKED, AuditAct.OPENED, AuditAct.CONFIRMED_ROWS)
SIGN_IN_WAYS = {
    "app": "a code from an app",
    "passkey": "a passkey",
    "recovery-code": "a recovery code",
    "password": "only a password",
}

CAPACITIES = {"editor": "an editor", "team_lead": "a team lead"}
ROLE_WORD = re.compile(
    "(?<=[a-z])(?=[A-Z])"
)  # where a role's name, such as TeamLead, begins a new word


class HistoryLine(NamedTuple):
    """One act, or several in a row that are shown as one: the same by the same person, or what unlocking the desk did.

    It has the newest of these events, in words, how many there are, when the first of them was, and if they differ each
    of them, the oldest first, with its words and of what it was.
    """

    event: AuditEvent
    words: str
    times: int
    first: datetime
    subject: str
    parts: list[tuple[AuditEvent, str, str]]


def in_words(event: AuditEvent) -> str:
    """Return what was done, without the name and the subject; an act that has no words keeps its name.

    An event whose detail is not as Streetlight writes it has words that say so.
    """
    if not isinstance(event.detail, dict):
        return (
            "did something that we cannot read, because the event was changed outside Streetlight"
        )
    detail = defaultdict(str, {name: str(value) for name, value in event.detail.items()})
    if event.act == AuditAct.MOVED:
        statuses = dict(EnquiryStatus.choices if "enquiry" in event.detail else Status.choices)
        detail["before"] = str(statuses.get(detail["before"], detail["before"]))
        detail["after"] = str(statuses.get(detail["after"], detail["after"]))
    for name in ("before", "after", "roles"):
        roles = event.detail.get(name)
        if isinstance(roles, list):
            words = [ROLE_WORD.sub(" ", str(role)).capitalize() for role in roles]
            detail[name] = ", ".join(words) or "no role"
    detail["way"] = SIGN_IN_WAYS.get(detail["way"], detail["way"])
    detail["capacity"] = CAPACITIES.get(detail["capacity"], detail["capacity"])
    with suppress(ValueError):  # none, or what was written outside Streetlight
        detail["day"] = date_format(date.fromisoformat(detail["day"]), "j M Y")
    detail["before"] = detail["before"] or "nobody"
    detail["to"] = detail["to"] or "nobody"
    detail["day"] = detail["day"] or "none"
    detail["channel"] = str(CHANNELS.get(detail["channel"], detail["channel"]))
    detail["typed"] = (
        " (they typed the tip, and not enough others could)" if event.detail.get("typed") else ""
    )
    detail["reason"] = (REVEAL_REASONS | LIFT_REASONS).get(detail["reason"], detail["reason"])
    if event.act not in AuditAct.values:
        return event.act
    return AuditAct(event.act).label.format_map(detail)


def refusal_text(refusal: Refused) -> str:
    """Return why an act was refused; where another member was faster, who did what, and how long ago."""
    event = refusal.change if isinstance(refusal, EditConflict) else None
    if not isinstance(event, AuditEvent):
        return str(refusal)
    did = in_words(event)
    ago = timesince(event.at, depth=1)
    when = "just now" if timezone.now() - event.at < MINUTE else f"{ago} ago"
    return f"{event.who} {did} {when}. We did not make your change. Look at it, then decide."


def history_lines(events: Iterable[AuditEvent], *, of_a_tip: bool = True) -> list[HistoryLine]:
    """Return a history that stays readable: equal events in a row are one line, as are the glimpses of one list.

    Where it is not `of_a_tip` alone, so is unlocking the desk with all that was opened then.
    """
    runs = list[list[AuditEvent]]()
    last = None
    for event in events:
        unlocking = event.act in UNLOCKING and not of_a_tip
        subject = "" if unlocking or event.act == AuditAct.GLIMPSED else event.subject
        words = "" if unlocking else in_words(event)
        alike = (event.who, words, subject)
        if alike != last:
            runs.append([])
        runs[-1].append(event)
        last = (
            None if unlocking and event.act == AuditAct.UNLOCKED else alike
        )  # the newest comes first
    return [_line(run) for run in runs]


def _line(run: list[AuditEvent]) -> HistoryLine:
    parts = [(event, in_words(event), _subject_in_words(event)) for event in reversed(run)]
    differ = len({(words, subject) for _event, words, subject in parts}) > 1
    _first, words, subject = parts[0]
    return HistoryLine(
        event=run[0],
        words=words,
        times=len(run),
        first=run[-1].at,
        subject=subject,
        parts=parts if differ else [],
    )


def _subject_in_words(event: AuditEvent) -> str:
    """Return to what it was done; a search has a long number, of which a part is enough to find it again."""
    if event.act in (AuditAct.SEARCHED, AuditAct.READ_SEARCH):
        return f"search {event.subject[:8]}"
    return event.subject
