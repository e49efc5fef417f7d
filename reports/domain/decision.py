"""What becomes of a tip, in one step: status, person, labels and enquiries together or not at all.

It joins triage and enquiries.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypedDict

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.formats import date_format

from reports.domain import enquiries
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.domain.triage import at_end, malicious, triaging
from reports.domain.triage.queue import PAGE
from reports.domain.triage.safety import Danger
from reports.models import AuditAct, Enquiry, Label, Note, Status, Tip

# By which act a change of this part comes too late. Labels and enquiries are changed by differences, which hold
# whatever another member did.
STALE_AFTER = {
    "status": (AuditAct.MOVED, AuditAct.UNDID),
    "malicious": (AuditAct.MARKED_MALICIOUS, AuditAct.UNMARKED_MALICIOUS, AuditAct.UNDID),
    "as_it_is": (AuditAct.MOVED, AuditAct.UNDID, AuditAct.LEFT_AS_IT_IS),
    "assignee": (AuditAct.ASSIGNED, AuditAct.ACKNOWLEDGED, AuditAct.UNDID),
    "look_again": (AuditAct.LOOK_AGAIN,),
}


class TipChanges(TypedDict, total=False):
    """What to change of a tip; what is not named stays as it is."""

    status: str
    malicious: bool  # possibly, which changes no status
    why_malicious: str  # a key of `malicious.REASONS`, which a note keeps
    as_it_is: bool  # a new answer is read, and nothing changes
    assignee: User | None
    why: Note  # that says to its new assignee why they get it
    look_again: date | None
    put_on: Iterable[Label]
    take_off: Iterable[Label]
    link: Iterable[Enquiry]
    begin: str  # the codename of a new enquiry
    unlink: Iterable[Enquiry]
    danger: Danger  # what was done about the danger, for an urgent tip that this closes


def save(
    *,
    tip: Tip,
    changes: TipChanges,
    seen: int,
    by: User,
    keys: Keys | None = None,
    among_others: bool = False,
    press: str = "",
) -> None:
    """Make all changes in one transaction, each by its own verb and with its own audit event.

    Raises EditConflict if anyone has changed one of these parts after event `seen`, and what the verbs raise.
    `among_others` says that one press does it to several tips: it decides no urgent one. With a `press`, all but
    the day to look again can be put back (`triage.undoing`). What was done about danger takes `keys`, and so does a
    status by which the tip is deleted in the end.
    """
    with transaction.atomic():
        stale_after = list[AuditAct]()
        for part, acts in STALE_AFTER.items():
            if part in changes:
                stale_after += acts
        row = Tip.objects.select_for_update().get(pk=tip.pk)
        but_by = (
            by.username if among_others else ""
        )  # one tip was looked at: what they did in another tab counts
        staleness.require_unchanged(
            subject=tip.reference, seen=seen, stale_after=stale_after, but_by=but_by
        )
        decides = changes.get("link") and Status.LINKED in triaging.TRANSITIONS[row.status]
        to = changes.get("status")
        if decides and not to:
            to = Status.LINKED
        if among_others and to:
            triaging.require_own(tip=row, to=to)
        if among_others and changes.get("malicious") and not row.malicious:
            triaging.require_own(tip=row)
        _mark(row, changes, by=by, press=press)
        must_move_first = [*triaging.TRANSITIONS[row.status]] == [
            Status.READING
        ]  # such as spam, which no enquiry takes
        for step in (_move, _link) if must_move_first else (_link, _move):
            step(row, changes, by=by, keys=keys, press=press)
    tip.refresh_from_db(fields=triaging.CHANGED)


def _mark(row: Tip, changes: TipChanges, *, by: User, press: str) -> None:
    if "assignee" in changes:
        triaging.assign(tip=row, to=changes["assignee"], by=by, why=changes.get("why"), press=press)
    for label in changes.get("put_on", ()):
        triaging.label(tip=row, label=label, by=by, press=press)
    for label in changes.get("take_off", ()):
        triaging.unlabel(tip=row, label=label, by=by, press=press)
    if "malicious" in changes:
        if changes["malicious"] and not row.malicious:
            why = malicious.reason_in_words(changes.get("why_malicious", ""))
            triaging.note(tip=row, text=why, by=by, press=press)
        malicious.mark(tip=row, malicious=changes["malicious"], by=by, press=press)
    if "look_again" in changes:
        triaging.look_again(tip=row, on=changes["look_again"], by=by, press=press)


def save_copies(
    *,
    tip: Tip,
    references: Sequence[str],
    put_on: Iterable[Label],
    seen: int,
    by: User,
    keys: Keys,
    press: str,
) -> tuple[int, list[tuple[str, Refused]]]:
    """Give copies of a decided tip its status and these labels, each by itself, and return how many.

    Also returns why others stay as they are: their references, each with its refusal. Each text is compared afresh.
    Whatever becomes anything but spam is recorded as read, as `by` has read the same text.
    """
    number = 0
    refused = list[tuple[str, Refused]]()
    changes = TipChanges(status=tip.status, put_on=put_on)
    if tip.malicious:
        changes |= {"malicious": True, "why_malicious": malicious.SAYS_THE_SAME}
    for copy in at_end.copies(tip=tip, by=by, keys=keys).filter(reference__in=references[:PAGE]):
        if (
            opening.alike(tip=copy, keys=keys) != copy.alike
        ):  # whoever writes the database made it seem so
            refused.append(
                (
                    copy.reference,
                    Refused("This tip does not say the same. Open it, read it and decide."),
                )
            )
            continue
        try:
            with transaction.atomic():
                if tip.status != Status.SPAM:
                    opening.read(tip=copy, by=by, keys=keys)
                save(
                    tip=copy,
                    changes=changes,
                    seen=seen,
                    by=by,
                    keys=keys,
                    among_others=True,
                    press=press,
                )
            number += 1
        except Refused as refusal:
            refused.append((copy.reference, refusal))
    return number, refused


def add_to_enquiry(*, enquiry: Enquiry, references: str, by: User, press: str) -> int:
    """Add the tips with these references, as somebody typed them, to an enquiry; return how many there are.

    Raises Refused, and adds none, if one of them cannot be found or added.
    """
    typed = references.replace(",", " ").split()
    none_added = " None of these tips was added." if len(typed) > 1 else ""
    with transaction.atomic():
        for reference in typed:
            tip = Tip.objects.visible_to(by).with_reference(reference).first()
            if tip is None:
                problem = f"We cannot find a tip with the reference {reference}."
                raise Refused(f"{problem}{none_added}")
            try:
                save(
                    tip=tip,
                    changes=TipChanges(link=[enquiry]),
                    seen=0,
                    by=by,
                    among_others=True,
                    press=press,
                )
            except Refused as refusal:
                raise Refused(f"{reference}: {refusal}{none_added}") from refusal
    return len(typed)


def _move(row: Tip, changes: TipChanges, *, by: User, keys: Keys | None, press: str) -> None:
    """Move the tip where it was meant to go, unless a link has brought it there already."""
    if changes.get("as_it_is"):
        triaging.leave_as_it_is(tip=row, by=by)
    if "status" in changes and row.status != changes["status"]:
        danger = changes.get("danger")
        triaging.move(tip=row, to=changes["status"], by=by, danger=danger, keys=keys, press=press)


def _link(row: Tip, changes: TipChanges, *, by: User, keys: Keys | None, press: str) -> None:
    """Link before unlinking, so that a tip that changes its enquiry stays “part of an enquiry”."""
    danger = changes.get("danger")
    for enquiry in changes.get("link", ()):
        enquiries.link(tip=row, enquiry=enquiry, by=by, danger=danger, keys=keys, press=press)
    if "begin" in changes:
        enquiries.begin_with(
            tip=row, codename=changes["begin"], by=by, danger=danger, keys=keys, press=press
        )
    for enquiry in changes.get("unlink", ()):
        enquiries.unlink(tip=row, enquiry=enquiry, by=by, keys=keys, press=press)


def in_words(changes: TipChanges) -> list[str]:
    """Return what was changed, to be said of one tip or of several."""
    words = []
    if "assignee" in changes:
        member = changes["assignee"]
        words.append(f"assigned to {member.get_username()}" if member else "assigned to nobody")
    words += [f"labelled “{label.name}”" for label in changes.get("put_on", ())]
    words += [f"no longer labelled “{label.name}”" for label in changes.get("take_off", ())]
    into = [enquiry.codename for enquiry in changes.get("link", ())]
    if "begin" in changes:
        into.append(changes["begin"])
    words += [f"now part of “{name}”" for name in into]
    out = [enquiry.codename for enquiry in changes.get("unlink", ())]
    words += [f"no longer part of “{name}”" for name in out]
    if "status" in changes:
        to = Status(changes["status"])
        moved = f"moved to “{to.label}”"
        words.append("marked as spam" if to == Status.SPAM else moved)
    if "malicious" in changes:
        marked = "marked as possibly malicious"
        unmarked = "no longer marked as possibly malicious"
        words.append(marked if changes["malicious"] else unmarked)
    if changes.get("as_it_is"):
        words.append("read, nothing changes")
    if "look_again" in changes:
        day = changes["look_again"]
        until = ""
        if day:
            until = f"to look at again on {date_format(day, 'j M Y')}"
        words.append(until or "no longer to look at again")
    return words
