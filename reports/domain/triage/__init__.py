"""What staff do with a tip: acknowledge, assign, move, note. Each act and its record are one transaction."""

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.errors import NoSuchMove, Refused, too_long
from reports.domain.figures import counting
from reports.domain.keys import sealed
from reports.domain.tips import recusal
from reports.domain.tips.metadata import monday
from reports.models import AuditAct, Label, Note, Status, Tip

if TYPE_CHECKING:
    from django.db.models import QuerySet

NOTE_LENGTH = 20_000  # characters

_DECIDED = {Status.LINKED, Status.PASSED_ON, Status.NO_ACTION, Status.NOT_FOR_US, Status.MALICIOUS, Status.SPAM}

# The status machine: from each status, where a member may move a tip. Reading moves new to being read by itself.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.READING, Status.SPAM}),
    Status.READING: frozenset({Status.NEEDS_MORE, *_DECIDED}),
    Status.NEEDS_MORE: frozenset({Status.READING, *_DECIDED}),
    Status.LINKED: frozenset({Status.READING, Status.NEEDS_MORE, Status.PASSED_ON, Status.NO_ACTION}),
    Status.PASSED_ON: frozenset({Status.READING, Status.NEEDS_MORE, Status.LINKED}),
    Status.NO_ACTION: frozenset({Status.READING, Status.NEEDS_MORE, Status.LINKED}),
    Status.NOT_FOR_US: frozenset({Status.READING}),
    Status.MALICIOUS: frozenset({Status.READING}),
    Status.SPAM: frozenset({Status.READING}),
}


def moves_from(status: str) -> list[Status]:
    """Return where a tip of this status may go, in the order of the statuses."""
    return [to for to in Status if to in TRANSITIONS[Status(status)]]


def move(*, tip: Tip, to: str, by: "User") -> None:
    """Move a tip through TRANSITIONS; raises NoSuchMove, also when a colleague has moved it meanwhile."""
    recusal.require_free(tip=tip, by=by)
    if to not in Status.values or Status(to) not in TRANSITIONS[Status(tip.status)]:
        said = _("A tip that is “%(status)s” cannot be moved there.")
        raise NoSuchMove(said % {"status": Status(tip.status).label})
    decided = monday(timezone.localdate()) if Status(to) in _DECIDED else None
    with transaction.atomic():
        moved = Tip.objects.filter(pk=tip.pk, status=tip.status).update(status=to, decided=decided)
        if not moved:
            raise NoSuchMove(_("A colleague has moved this tip meanwhile. Look at it again, then decide."))
        counting.moved(tip=tip, before=tip.status, after=to, today=timezone.localdate())
        audit.record(by=by, act=AuditAct.MOVED, subject=tip.reference, before=tip.status, after=to)
    tip.status, tip.decided = to, decided


def assign(*, tip: Tip, to: "User | None", by: "User") -> None:
    """Give a tip to a member who may triage, or to nobody."""
    recusal.require_free(tip=tip, by=by)
    if to is not None and not (to.is_active and to.has_perm("reports.triage_tip")):
        raise Refused(_("Only a member who can triage tips can be given one."))
    if to is not None and recusal.hides(tip=tip, user=to):
        raise Refused(_("This tip cannot be given to them. Choose somebody else."))
    with transaction.atomic():
        Tip.objects.filter(pk=tip.pk).update(assignee=to)
        audit.record(by=by, act=AuditAct.ASSIGNED, subject=tip.reference, to=to.get_username() if to else "")
    tip.assignee = to


def acknowledge(*, tip: Tip, by: "User") -> None:
    """Say that a person has taken notice of an urgent tip; stops the notices for it. Needs no unlocked desk."""
    recusal.require_free(tip=tip, by=by)
    changes: dict[str, Any] = {"acknowledged_by": by.get_username(), "acknowledged_at": timezone.now()}
    with transaction.atomic():
        if Tip.objects.filter(pk=tip.pk, urgent=True, acknowledged_at=None).update(**changes):
            audit.record(by=by, act=AuditAct.ACKNOWLEDGED, subject=tip.reference)


def note(*, tip: Tip, text: str, by: "User") -> Note:
    """Seal a note to the desk. Sealing needs only the public key, so a desk that has just locked loses no note."""
    recusal.require_free(tip=tip, by=by)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Write something before you save the note."))
    if len(text) > NOTE_LENGTH:
        said = _("A note has room for %(room)s characters; this one has %(length)s.")
        raise too_long(said, room=NOTE_LENGTH, text=text)
    new = Note(id=uuid.uuid4(), tip=tip, author=by.get_username())
    sealed.fill(new, {"text": text})
    with transaction.atomic():
        new.save(force_insert=True)
        audit.record(by=by, act=AuditAct.NOTED, subject=tip.reference)
    return new


def label(*, tip: Tip, label: Label, by: "User") -> None:
    """Put a label on a tip; one that is there already changes nothing. Refused for one that is no longer offered."""
    recusal.require_free(tip=tip, by=by)
    if label.retired:
        raise Refused(_("The label “%(label)s” is no longer offered.") % {"label": label.name})
    with transaction.atomic():
        _row, made = Tip.labels.through.objects.get_or_create(tip=tip, label=label)
        if made:
            audit.record(by=by, act=AuditAct.LABELLED, subject=tip.reference, label=label.name)


def unlabel(*, tip: Tip, label: Label, by: "User") -> None:
    """Take a label off a tip."""
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        if Tip.labels.through.objects.filter(tip=tip, label=label).delete()[0]:
            audit.record(by=by, act=AuditAct.UNLABELLED, subject=tip.reference, label=label.name)


def members() -> "QuerySet[User]":
    """Return the members who may triage, and so be given a tip."""
    can = User.objects.with_perm("reports.triage_tip", backend=recusal.BACKEND)
    return can.filter(is_active=True, is_staff=True).order_by("username")


def next_to_read(*, by: "User", after: Tip | None = None) -> Tip | None:
    """Return the tip that this member should read next: urgent first, then unread, none that is hidden from them."""
    tips = Tip.objects.unread().visible_to(by).in_reading_order()
    return (tips.exclude(pk=after.pk) if after else tips).first()
