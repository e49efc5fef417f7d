"""Undo: for a day, one press of a button can be taken back, while no act has changed the tip since.

It works from the audit events of that press, which say what stood before, and is an event itself: the log keeps both.
It puts back what stood there, so it does not ask `TRANSITIONS`; what the police have stays as it is.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import get_text_list

from reports.domain.audit import audit_log
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.figures import counting
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import recusal
from reports.domain.triage import safety, spam, triaging
from reports.models import AuditAct, AuditEvent, Enquiry, Label, SafetyDecision, Status, Tip
from reports.models.tips import UNDECIDED, TipQuerySet

WITHIN = timedelta(days=1)
COLUMNS = (
    *("status", "malicious", "decided", "unsure", "new_answer", "at_end"),
    *("assignee", "acknowledged_by", "acknowledged_at", "alarm_at"),
)
# Acts that change nothing of a tip: they show it, or say who may see it. Every other act stands in the way.
CHANGE_NOTHING = frozenset(
    {
        AuditAct.GLIMPSED,
        AuditAct.READ,
        AuditAct.READ_REFERRAL,
        AuditAct.READ_PICTURE,
        AuditAct.READ_REASON,
        AuditAct.REVEALED,
        AuditAct.RECUSED,
        AuditAct.RECUSAL_LIFTED,
        AuditAct.CONFIRMED_ROWS,
        AuditAct.LOOKED_AT_DANGER,
        AuditAct.LOOK_AGAIN,  # which undoing leaves as it is
        AuditAct.RANG_AGAIN,  # and undoing silences it no more
    }
)


# Acts of a press that undoing it leaves as they are, and what it says of each.
STAYS = {
    AuditAct.NOTED: "the note",
    AuditAct.LOOK_AGAIN: "the day to look again",
    AuditAct.BEGAN: "the new enquiry",
}
LOOKED_AT = "the decision about danger, which a team lead has looked at"


class UndoResult(NamedTuple):
    """How many tips are as they were before, and why others are not: their references, each with its refusal."""

    number: int
    refused: list[tuple[str, Refused]]


def new_press() -> str:
    """Return a new name for a press: 16 characters that say nothing."""
    return secrets.token_hex(8)


def offers(*, press: str) -> bool:
    """Return whether the press did anything, within the last day, that can be undone."""
    return _events(press).exists()


def of_tip(*, tip: Tip) -> list[AuditEvent]:
    """Return what the last press did to a tip, if that can be undone now; the oldest event first."""
    last = (
        AuditEvent.objects.filter(subject=tip.reference)
        .exclude(act__in=CHANGE_NOTHING)
        .order_by("-seq")
        .first()
    )
    if last is None or "press" not in last.detail:
        return []
    events = list(_events(last.detail["press"]).filter(subject=tip.reference))
    if events and _against(tip, events, last=last, police=bool(_with_police([tip]))):
        return []
    return events


def tips_of(*, press: str, user: User) -> TipQuerySet:
    """Return the tips that a press changed, without those that are hidden from a user."""
    return Tip.objects.filter(reference__in=_events(press).values("subject")).visible_to(user)


def stays(*, press: str) -> list[str]:
    """Return what a press did that stays although it was undone, in words."""
    acts = set(
        AuditEvent.objects.filter(detail__press=press, act__in=list(STAYS)).values_list(
            "act", flat=True
        )
    )
    looked_at = SafetyDecision.objects.filter(pk__in=_decisions(_events(press))).exists()
    sentences = [str(words) for act, words in STAYS.items() if act in acts]
    if looked_at:
        sentences.append(LOOKED_AT)
    return sentences


def undo(*, press: str, by: User, keys: Keys) -> UndoResult:
    """Put back what a press changed of all its tips.

    Tips that are hidden from `by` are left out without a word. Raises Refused where there is nothing to undo.
    """
    by_tip: dict[str, list[AuditEvent]] = defaultdict(list)
    for event in _events(press):
        by_tip[event.subject].append(event)
    with transaction.atomic():
        rows = list(tips_of(press=press, user=by).select_for_update().order_by("pk"))
        if not rows:
            raise Refused("There is nothing to undo. You can undo a change for one day.")
        latest = _latest(by_tip)
        police = _with_police(rows)
        done = []
        refused = []
        for row in rows:
            events = by_tip[row.reference]
            refusal = _against(row, events, last=latest[row.reference], police=row.pk in police)
            if refusal is None:
                done.append(row)
            else:
                refused.append((row.reference, refusal))
        for row in done:
            for event in reversed(by_tip[row.reference]):
                PUT_BACK[event.act](row, event)
        Tip.objects.bulk_update(done, COLUMNS)
        details = {
            row.reference: {"press": press, "who": by_tip[row.reference][0].actor} for row in done
        }
        taken_back = {row.reference: _take_decision_back(by_tip[row.reference]) for row in done}
        deleted = {
            reference: Named(deleted=rows, keys=keys)
            for reference, rows in taken_back.items()
            if rows
        }
        audit_log.record_each(
            by=by, act=AuditAct.UNDID, subjects=list(details), details=details, rows=deleted
        )
    return UndoResult(len(done), refused)


def _events(press: str) -> QuerySet[AuditEvent]:
    """Return the events of a press that can be undone, the oldest first."""
    lately = AuditEvent.objects.filter(act__in=list(PUT_BACK), at__gte=timezone.now() - WITHIN)
    return lately.filter(detail__press=press).order_by("seq")


def _latest(references: Iterable[str]) -> dict[str, AuditEvent]:
    """Return the last act on each of these tips that is not one of CHANGE_NOTHING."""
    done = AuditEvent.objects.filter(subject__in=list(references)).exclude(act__in=CHANGE_NOTHING)
    return {event.subject: event for event in done.order_by("seq")}


def _with_police(tips: Iterable[Tip]) -> set[UUID]:
    """Return the keys of those tips that the police have."""
    passed_on = Tip.objects.filter(pk__in=[tip.pk for tip in tips]).told_to_police()
    return set(passed_on.values_list("pk", flat=True))


def _against(
    row: Tip, events: list[AuditEvent], *, last: AuditEvent, police: bool
) -> Refused | None:
    """Return why this cannot be undone; None where it can. `last`: the last act on the tip; `police`: they have it."""
    if last.seq > events[-1].seq:
        undone = last.act == AuditAct.UNDID and last.detail["press"] == events[-1].detail["press"]
        message = "%(who)s has changed this tip since then."
        if undone:
            message = "%(who)s has already undone this."
        return Refused(message % {"who": last.who})
    before = next((event.detail["before"] for event in events if event.act == AuditAct.MOVED), "")
    if police or before == Status.PASSED_ON:
        return Refused("The police have this tip, so you can no longer undo changes to it.")
    left = [event.detail["was"]["enquiry"] for event in events if event.act == AuditAct.UNLINKED]
    if left and Enquiry.objects.under_way().filter(pk__in=left).count() < len(left):
        return Refused("The enquiry has been closed, so this tip cannot be part of it again.")
    if before and before not in UNDECIDED and (safety.is_asked(tip=row) or _rings(row)):
        return Refused(
            "This tip is or may be about danger, or someone under 18. Open it and decide it on its own page."
        )
    if before == Status.SPAM and (reasons := spam.kept_from_spam(tip=row)):
        return Refused(f"This tip cannot be spam again. It {get_text_list(reasons, 'and')}.")
    return None


def _rings(row: Tip) -> bool:
    """Return whether it is urgent and someone has yet to read it, or to take it."""
    return row.urgent and (row.unread or row.acknowledged_at is None)


def _move_back(row: Tip, event: AuditEvent) -> None:
    """Put the status back, and the week of its decision.

    A new tip that was read since is being read, as is one that waited for its sender: something has come since.
    """
    counting.take_back(tip=row, event=event)
    before = event.detail["before"]
    decided = event.detail["was"]["decided"]
    over = {Status.NEW: not row.unread, Status.NEEDS_MORE: row.unread}.get(before, False)
    row.status = Status.READING if over else Status(before)
    row.decided = date.fromisoformat(decided) if decided else None
    row.unsure |= event.detail["was"].get("unsure", False)
    row.new_answer |= event.detail["was"].get("new_answer", False)


def _mark_back(row: Tip, event: AuditEvent) -> None:
    """Take the mark “possibly malicious” off, or put it back."""
    counting.take_back(tip=row, event=event)
    row.malicious = event.act == AuditAct.UNMARKED_MALICIOUS


def _assign_back(row: Tip, event: AuditEvent) -> None:
    """Give it to who had it; to nobody where they cannot have it any more."""
    row.assignee = _who_can_have_it(row, event.detail["was"]["assignee"])


def _who_can_have_it(row: Tip, username: str) -> User | None:
    """Return the member of this name, if they may triage and the tip is not hidden from them."""
    member = triaging.members().filter(username=username).first()
    if member is None or recusal.hides(tip=row, user=member):
        return None
    return member


def _let_ring(row: Tip, event: AuditEvent) -> None:
    """Put back who had taken it, but silence no alarm that has begun since, as the sender named danger again."""
    if row.acknowledged_at is not None:
        _take_as_before(row, event)


def _silence(row: Tip, event: AuditEvent) -> None:
    """Put back who had taken it; where something has come since, which may name danger, the alarm rings on."""
    if row.entries.count() == event.detail["was"]["entries"]:
        _take_as_before(row, event)


def _take_as_before(row: Tip, event: AuditEvent) -> None:
    """Put back who had taken it, and since when; where nobody has it now, or can, its alarm begins again."""
    was = event.detail["was"]
    member = None
    if was["acknowledged_at"]:
        member = _who_can_have_it(row, was["acknowledged_by"])
    row.acknowledged_by = member.get_username() if member else ""
    row.acknowledged_at = None
    if member:
        row.acknowledged_at = datetime.fromisoformat(was["acknowledged_at"])
    row.alarm_at = None


def _decisions(events: Iterable[AuditEvent]) -> list[str]:
    """Return the keys of the decisions about danger that these events made."""
    return [
        event.detail["was"]["without"] for event in events if event.act == AuditAct.CLOSED_DANGER
    ]


def _take_decision_back(events: Iterable[AuditEvent]) -> list[SafetyDecision]:
    """Delete and return the decisions about danger of these events, but for what a team lead has looked at."""
    rows = list(
        SafetyDecision.objects.select_for_update().filter(pk__in=_decisions(events), looked_on=None)
    )
    SafetyDecision.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return rows


def _leave(_row: Tip, _event: AuditEvent) -> None:
    """Change nothing of the tip: `_take_decision_back` has to name the row that goes."""


def _put_at_end(row: Tip, event: AuditEvent) -> None:
    """Move it back up, or to the end again unless it is urgent: its sender may have named danger since."""
    row.at_end = event.act == AuditAct.MOVED_BACK_UP and not row.urgent


PUT_BACK: dict[str, Callable[[Tip, AuditEvent], None]] = {
    AuditAct.CLOSED_DANGER: _leave,
    AuditAct.MOVED: _move_back,
    AuditAct.ASSIGNED: _assign_back,
    AuditAct.ACKNOWLEDGED: _let_ring,
    AuditAct.HANDED_BACK: _silence,
    AuditAct.LABELLED: lambda row, event: row.labels.remove(
        *Label.objects.filter(pk=event.detail["was"]["without"])
    ),
    AuditAct.UNLABELLED: lambda row, event: row.labels.add(
        *Label.objects.filter(pk=event.detail["was"]["label"])
    ),
    AuditAct.MARKED_MALICIOUS: _mark_back,
    AuditAct.UNMARKED_MALICIOUS: _mark_back,
    AuditAct.MOVED_TO_END: _put_at_end,
    AuditAct.MOVED_BACK_UP: _put_at_end,
}
