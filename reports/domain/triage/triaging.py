"""Triage: acknowledge, assign, move, note and label tips. Each act and its audit event are one transaction.

`press` names what one press of a button does, to one tip or to several: an act that is given one can be undone
(`undo`), and its event says what stood before.
"""

import uuid
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from core import transitions
from reports.domain.audit import audit_log
from reports.domain.audit.named_rows import Named
from reports.domain.errors import NoSuchMove, Refused
from reports.domain.figures import counting
from reports.domain.keys import keyholders, sealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import roles
from reports.domain.rights import READ_TIP, RUN_DESK, TRIAGE_TIP
from reports.domain.tips import digests, opening, recusal
from reports.domain.tips.metadata import monday
from reports.domain.tips.opened_entry import danger_place
from reports.domain.triage import alarm, safety, spam, stuck
from reports.domain.triage.safety import Danger
from reports.models import (
    AuditAct,
    AuditEvent,
    Enquiry,
    Label,
    Link,
    Note,
    SafetyDecision,
    Status,
    Tip,
)
from reports.models.tips import LEFT, UNDECIDED, UNREAD, UNSURE, URGENT

NOTE_LENGTH = 20_000  # characters
LOOKED_AT = (
    50  # urgent tips of which an unlocked desk looks, to sort them, for children and weapons
)

# What these verbs change of a tip, and read again of the caller's.
CHANGED = (
    "status",
    "malicious",
    "decided",
    "assignee",
    "acknowledged_by",
    "acknowledged_at",
    "alarm_at",
    "urgent",
    "unread",
    "new_answer",
    "look_again",
)
_DECIDED = frozenset(Status) - frozenset(UNDECIDED)
CLOSING = _DECIDED - {Status.PASSED_ON}  # the decisions that a member chooses
DELETING = _DECIDED - {Status.LINKED}  # the decisions by which a tip is deleted in the end

# From each status, to which a member may move a tip. Reading moves new to undecided by itself.
TRANSITIONS: dict[str, dict[str, Any]] = {
    Status.NEW: transitions.straight(Status.READING, Status.SPAM),
    Status.READING: transitions.straight(*CLOSING),
    Status.NEEDS_MORE: transitions.straight(Status.READING, *CLOSING),
    Status.LINKED: transitions.straight(Status.READING, Status.NO_ACTION),
    Status.PASSED_ON: transitions.straight(Status.READING, Status.LINKED),
    Status.NO_ACTION: transitions.straight(Status.READING, Status.LINKED),
    Status.NOT_FOR_US: transitions.straight(Status.READING),
    Status.SPAM: transitions.straight(Status.READING),
}
# "Passed to the police" is chosen nowhere: from these it follows once the police have the tip (`pass_on`), and a tip
# that has left it since may be moved back.
PASSED_FROM = frozenset({Status.READING, Status.NEEDS_MORE, Status.LINKED, Status.NO_ACTION})
_PASSING = dict.fromkeys(PASSED_FROM, transitions.straight(Status.PASSED_ON))
# "Asked" is chosen nowhere either: from these it follows from a question to the sender (`wait_for_answer`).
ASKED_FROM = frozenset({Status.READING, Status.LINKED, Status.PASSED_ON, Status.NO_ACTION})
_ASKING = dict.fromkeys(TRANSITIONS, transitions.straight())
_ASKING |= dict.fromkeys(ASKED_FROM, transitions.straight(Status.NEEDS_MORE))


def moves_of(*, tip: Tip) -> list[str]:
    """Return the statuses that this tip may be moved to: “passed on” too where the police have it already."""
    passed = tip.status in PASSED_FROM and Tip.objects.filter(pk=tip.pk).told_to_police().exists()
    return [
        to for to in Status if to in TRANSITIONS[tip.status] or (passed and to == Status.PASSED_ON)
    ]


def move(
    *,
    tip: Tip,
    to: str,
    by: User,
    danger: Danger | None = None,
    keys: Keys | None = None,
    press: str = "",
) -> None:
    """Move a tip to one of `moves_of`; raises NoSuchMove, also if another member has moved it since then.

    An urgent tip, or one whose sender is not sure about danger, leaves the open statuses only with `danger` and `keys`,
    unless a call about it is on record, the latter also as spam: else DangerOpen; and never while something in it is
    unread. Raises Refused where it would be spam and something keeps it: of an urgent one, unless `danger` says that
    there is none. A move to one of DELETING takes `keys`, and is refused over an approved referral that was not sent.
    """
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        row = transitions.locked(tip)
        if to == Status.SPAM:
            # Without a choice what is missing is said first, by `_store_move`.
            chosen = (
                danger.choice if danger and danger.choice in safety.CHOICES else safety.NO_DANGER
            )
            spam.require_unneeded(tip=row, harmless=chosen == safety.NO_DANGER)
        if to in DELETING:
            stuck.require_sent(tip=row, by=by)
        if to == Status.PASSED_ON and to not in moves_of(tip=row):
            raise NoSuchMove(
                "You cannot choose “Passed to the police”. A tip gets this status when the police confirm a "
                "police referral, or when you record a call to them."
            )
        table = _PASSING if to == Status.PASSED_ON else TRANSITIONS
        transitions.after(row, to, table=table, status=row.status)
        _store_move(row, to, table=table, by=by, danger=danger, keys=keys, press=press)
    tip.refresh_from_db(fields=CHANGED)


def wait_for_answer(*, tip: Tip, by: User) -> None:
    """Move a tip to “asked”, in the transaction of the question from which that follows; raises NoSuchMove."""
    row = transitions.locked(tip)
    transitions.after(row, Status.NEEDS_MORE, table=_ASKING, status=row.status)
    _store_move(row, Status.NEEDS_MORE, table=_ASKING, by=by, danger=None)
    tip.refresh_from_db(fields=CHANGED)


def leave_as_it_is(*, tip: Tip, by: User) -> None:
    """Decide after reading a new answer that nothing changes: the tip no longer waits for that."""
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        if Tip.objects.filter(pk=tip.pk, unread=False, new_answer=True).update(new_answer=False):
            audit_log.record(by=by, act=AuditAct.LEFT_AS_IT_IS, subject=tip.reference)
    tip.refresh_from_db(fields=CHANGED)


def require_own(*, tip: Tip, to: str = "") -> None:
    """Raise Refused for a decision on a tip that is or may be urgent, or about a child: no press for many ends that.

    It also does not say what was done about its danger. By itself such a decision is `move`'s: it takes the tip in the
    member's name. Without `to` it is marked as possibly malicious.
    """
    if to == Status.SPAM:
        spam.require_unneeded(tip=tip)
    is_about_a_child = tip.category == "children" and to in (
        "",
        Status.NO_ACTION,
        Status.NOT_FOR_US,
    )
    may_be_urgent = tip.urgent or tip.unsure or is_about_a_child
    decides = not to or (to in _DECIDED and to != tip.status)
    if may_be_urgent and decides:
        raise Refused("This tip may be urgent. Open it and decide it on its own page.")


def pass_on(*, tip: Tip, by: User, keys: Keys | None, danger: Danger | None = None) -> None:
    """Move a tip that the police have to “passed on”, in the transaction of the act from which that follows.

    One that an enquiry under way needs stays with it, and follows when that ends; from a status that does not lead
    there nothing is moved, nor is one that may be malicious.
    """
    can_follow = tip.status in PASSED_FROM and not tip.malicious
    if can_follow and not (tip.status == Status.LINKED and _needed(tip)):
        row = transitions.locked(tip)
        _store_move(
            row, Status.PASSED_ON, table=_PASSING, by=by, danger=danger, keys=keys, chosen=False
        )
        tip.refresh_from_db(fields=CHANGED)


def _needed(tip: Tip) -> bool:
    """Return whether an enquiry that is not closed has the tip."""
    return Link.objects.standing().filter(tip=tip, enquiry__in=Enquiry.objects.under_way()).exists()


def _store_move(
    row: Tip,
    to: str,
    *,
    table: transitions.Table,
    by: User,
    danger: Danger | None,
    keys: Keys | None = None,
    press: str = "",
    chosen: bool = True,
) -> None:
    """Store the move of a locked row, count it and record it.

    Every move goes through here, so no tip that may be about danger is closed without its Danger, nor, where a member
    has `chosen` that, over what nobody has read. The event of one to DELETING has a MAC: nothing is deleted by another.
    """
    today = timezone.localdate()
    before = row.status
    was_decided = row.decided
    decided = monday(today) if to in _DECIDED else None
    closes = decided is not None and before in UNDECIDED
    is_about_danger = row.urgent or row.unsure
    if closes and chosen and is_about_danger and row.unread:
        raise Refused("Something new has come that nobody has read. Read it first, then decide.")
    if closes:
        safety.require(tip=row, to=to, danger=danger)
    row.status = transitions.after(row, to, table=table, status=before)
    was_unsure = row.unsure
    row.unsure = row.unsure and decided is None
    row.decided = decided
    was_new = row.new_answer
    row.new_answer = row.new_answer and (row.unread or not chosen)
    row.save(update_fields=["status", "decided", "unsure", "new_answer"])
    counted = counting.moved(tip=row, before=before, after=to, today=today)
    if closes and danger and (chosen or is_about_danger):
        said = {"kind": SafetyDecision.Kind.CLOSED, "choice": danger.choice, "text": danger.text}
        safety.add(tip=row, **said, by=by, keys=keys, press=press)
    was = can_be_undone(
        press, decided=was_decided, counted=counted, unsure=was_unsure, new_answer=was_new
    )
    rows = Named(keys=keys) if to in DELETING else None
    audit_log.record(
        by=by, act=AuditAct.MOVED, subject=row.reference, rows=rows, before=before, after=to, **was
    )
    if row.urgent:
        _take_by_move(row, was_decided=was_decided, by=by, press=press)


def _take_by_move(row: Tip, *, was_decided: date | None, by: User, press: str) -> None:
    """Silence an urgent tip's alarm: who decides it, as spam too, or takes a decision back, has taken it."""
    if was_decided and not row.decided:
        _take(row, by=by, again=True, press=press)
    elif (
        row.decided and row.acknowledged_at is None and not row.unread
    ):  # what is unread goes on ringing
        _take(row, by=by, press=press)


def can_be_undone(press: str, **was: Any) -> dict[str, Any]:
    """Return what the event of an act says so that it can be undone: the press, and what stood before, in clear."""
    if not press:
        return {}
    said: dict[str, Any] = {"press": press}
    if was:
        said["was"] = dict(was)
        for name, value in was.items():
            if isinstance(value, date | datetime):
                said["was"][name] = value.isoformat()
    return said


def assign(
    *, tip: Tip, to: User | None, by: User, why: Note | None = None, press: str = ""
) -> None:
    """Assign a tip to a member who may triage, or to nobody; a note may say why (`opening.handed_over`).

    Who gives an urgent tip to themself takes it (`acknowledge`), from another member too. Giving it to someone else
    silences nothing: where that takes it from who had taken it, its alarm rings again.
    """
    recusal.require_free(tip=tip, by=by)
    if to is not None and not (to.is_active and to.has_perm(TRIAGE_TIP)):
        raise Refused("You can assign a tip only to a team member who can decide tips.")
    if to is not None and recusal.hides(tip=tip, user=to):
        raise Refused("You cannot assign this tip to them. Choose someone else.")
    with transaction.atomic():
        row = Tip.objects.select_for_update().get(pk=tip.pk)
        _store_assignee(row, to, by=by, why=why, press=press)
        if row.urgent and row.decided is None and to == by:
            require_reader(by=by)
            _take(row, by=by, press=press)
        elif (
            row.urgent
            and row.decided is None
            and not (to and to.get_username() == row.acknowledged_by)
        ):
            _give_back(row, by=by, press=press)
    tip.refresh_from_db(fields=CHANGED)


def acknowledge(*, tip: Tip, by: User) -> None:
    """Take an urgent tip: it is given to `by`, and its alarm is silent for a while. Needs no unlocked desk.

    Raises Refused if another member has taken it: who takes it from them gives it to themself.
    """
    recusal.require_free(tip=tip, by=by)
    require_reader(by=by)
    with transaction.atomic():
        row = Tip.objects.select_for_update().get(pk=tip.pk)
        if row.acknowledged_at and row.acknowledged_by != by.get_username():
            raise Refused(f"{row.acknowledged_by} has it already.")
        alarm.reopen(
            tips=Tip.objects.filter(pk=row.pk)
        )  # taken while it is closed, it would never ring again
        if row.urgent:
            _take(row, by=by)
            if row.assignee_id != by.pk:
                _store_assignee(row, by, by=by)
    tip.refresh_from_db(fields=CHANGED)


def require_reader(*, by: User) -> None:
    """Raise Refused for who cannot open tips: one that they had would remind nobody else."""
    if not by.has_perm(READ_TIP) or keyholders.state_of(by) != "granted":
        raise Refused(
            "You cannot open tips yet, so you cannot have one. Ask a team lead to give you access."
        )


def hand_back(*, tip: Tip, by: User) -> None:
    """Give an urgent tip back that `by` has taken and not decided: nobody has it, and its alarm rings again.

    A team lead does it for a member who cannot. Needs no unlocked desk.
    """
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        row = Tip.objects.taken().select_for_update().filter(pk=tip.pk).first()
        if row is None:
            raise Refused(
                "Nobody has it, or there is a decision already. There is nothing to hand back."
            )
        if by.get_username() != row.acknowledged_by and not by.has_perm(RUN_DESK):
            raise Refused(
                f"{row.acknowledged_by} has it. Only they or a team lead can hand it back."
            )
        if row.assignee is not None and row.assignee.get_username() == row.acknowledged_by:
            _store_assignee(row, None, by=by)
        _give_back(row, by=by)
    tip.refresh_from_db(fields=CHANGED)


def locked_tips_of(member: User) -> list[Tip]:
    """Lock and return the tips that are assigned to a member, or that they have taken on."""
    taken = Tip.objects.taken().filter(acknowledged_by=member.get_username())
    return list((Tip.objects.filter(assignee=member) | taken).select_for_update().order_by("pk"))


def unassign(*, tips: list[Tip], member: User, by: User) -> None:
    """Unassign these locked tips, hidden ones too, of a member who leaves; what they had taken on reminds again."""
    for row in tips:
        if row.assignee_id == member.pk:
            _store_assignee(row, None, by=by)
        if row.decided is None and row.acknowledged_by == member.get_username():
            _give_back(row, by=by)


def _store_assignee(
    row: Tip, to: User | None, *, by: User, why: Note | None = None, press: str = ""
) -> None:
    before = row.assignee.get_username() if row.assignee else ""
    was = can_be_undone(press, assignee=before)
    was |= {"note": str(why.pk)} if why else {}
    Tip.objects.filter(pk=row.pk).update(assignee=to)
    audit_log.record(
        by=by,
        act=AuditAct.ASSIGNED,
        subject=row.reference,
        before=before,
        to=to.get_username() if to else "",
        **was,
    )
    row.assignee = to


def _take(row: Tip, *, by: User, again: bool = False, press: str = "") -> None:
    """Silence the alarm of a tip in the name of `by`; if they have it already, only where its time begins `again`."""
    if again or row.acknowledged_at is None or row.acknowledged_by != by.get_username():
        was = can_be_undone(
            press, acknowledged_by=row.acknowledged_by, acknowledged_at=row.acknowledged_at
        )
        row.acknowledged_by = by.get_username()
        row.acknowledged_at = timezone.now()
        row.alarm_at = None
        row.save(update_fields=["acknowledged_by", "acknowledged_at", "alarm_at"])
        audit_log.record(by=by, act=AuditAct.ACKNOWLEDGED, subject=row.reference, **was)


def _give_back(row: Tip, *, by: User, press: str = "") -> None:
    """Let the alarm of a locked tip ring again, if someone had silenced it."""
    if row.acknowledged_at is not None:
        taken = {"acknowledged_by": row.acknowledged_by, "acknowledged_at": row.acknowledged_at}
        was = can_be_undone(press, **taken, entries=row.entries.count())
        row.acknowledged_by = ""
        row.acknowledged_at = None
        row.alarm_at = None
        row.save(update_fields=["acknowledged_by", "acknowledged_at", "alarm_at"])
        audit_log.record(by=by, act=AuditAct.HANDED_BACK, subject=row.reference, **was)


def look_again(*, tip: Tip, on: date | None, by: User, press: str = "") -> None:
    """Set the day from which the first screen lists the tip to be looked at again; None takes it off that list."""
    recusal.require_free(tip=tip, by=by)
    if on and on < timezone.localdate():
        raise Refused("Choose a day that is not over yet.")
    with transaction.atomic():
        Tip.objects.filter(pk=tip.pk).update(look_again=on)
        day = on.isoformat() if on else ""
        audit_log.record(
            by=by, act=AuditAct.LOOK_AGAIN, subject=tip.reference, day=day, **can_be_undone(press)
        )


def note(*, tip: Tip, text: str, by: User, press: str = "") -> Note:
    """Seal a note to the desk."""
    recusal.require_free(tip=tip, by=by)
    missing = "Write something before you save the note."
    text = sealed.typed(text, most=NOTE_LENGTH, what="Note", missing=missing)
    new = Note(id=uuid.uuid4(), tip=tip, author=by.get_username())
    sealed.fill(new, {"text": text})
    with transaction.atomic():
        digests.drop(tip)
        new.save(force_insert=True)
        audit_log.record(by=by, act=AuditAct.NOTED, subject=tip.reference, **can_be_undone(press))
    return new


def label(*, tip: Tip, label: Label, by: User, press: str = "") -> None:
    """Put a label on a tip that may have it already; raises Refused for a retired label."""
    recusal.require_free(tip=tip, by=by)
    if label.retired:
        raise Refused(f"You can no longer add the label “{label.name}” here. Choose another.")
    with transaction.atomic():
        _row, made = Tip.labels.through.objects.get_or_create(tip=tip, label=label)
        if made:
            was = can_be_undone(press, without=label.pk)
            audit_log.record(
                by=by, act=AuditAct.LABELLED, subject=tip.reference, label=label.name, **was
            )


def unlabel(*, tip: Tip, label: Label, by: User, press: str = "") -> None:
    """Take a label off a tip."""
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        if Tip.labels.through.objects.filter(tip=tip, label=label).delete()[0]:
            was = can_be_undone(press, label=label.pk)
            audit_log.record(
                by=by, act=AuditAct.UNLABELLED, subject=tip.reference, label=label.name, **was
            )


def members() -> QuerySet[User]:
    """Return the members who may triage, by name."""
    return roles.with_right(TRIAGE_TIP).filter(is_staff=True).order_by("username")


def next_to_read(
    *,
    by: User,
    after: Tip | None = None,
    decided: Collection[str] = (),
    since: datetime | None = None,
    keys: Keys | None = None,
) -> Tip | None:
    """Return the next tip to read, none that is hidden from the member, in each class the oldest first.

    First urgent ones that nobody has taken, then those whose sender is not sure about danger, then unread ones, then
    those that are read and undecided and that nobody has. What the member has opened `since` they unlocked comes only
    if something came after that, whoever has read it meanwhile; an urgent one always, after those that they have not
    opened. With `keys` urgent ones with children or weapons come first. Last come unread tips that say the same as one
    with a hash in `decided` (`opening.alike`).
    """
    tips = Tip.objects.visible_to(by).order_by("received", "reference")
    if after:
        tips = tips.exclude(pk=after.pk)
    read = AuditEvent.objects.filter(
        act=AuditAct.READ, actor=by.get_username(), subject=OuterRef("reference")
    )
    read = read.alias(parts=Cast(KT("detail__parts"), IntegerField())).filter(
        parts__gte=OuterRef("parts_read")
    )
    last = (
        read.filter(at__gte=since).order_by("-seq").values("seq")[:1]
        if since
        else read.none().values("seq")
    )
    looked = tips.annotate(looked=Case(When(unread=False, then=Subquery(last)), default=None))
    if urgent := list(looked.filter(rank=URGENT)[:LOOKED_AT]):
        answers = (
            opening.about_danger(tips=[tip for tip in urgent if tip.opened], keys=keys)
            if keys
            else {}
        )
        return min(
            urgent,
            key=lambda tip: (vars(tip)["looked"] or 0, danger_place(answers.get(tip.pk, []))),
        )
    # An answer that who has the tip still has to decide is theirs, once anybody has read it.
    unread = Q(rank=UNREAD) & (Q(unread=True) | Q(assignee=None) | Q(assignee=by.pk))
    classes = (Q(rank=UNSURE), unread & ~Q(alike__in=decided), LEFT, unread)
    unseen = looked.filter(looked=None)
    for tips_of_class in classes:
        tip = unseen.filter(tips_of_class).first()
        if tip:
            return tip
    return None
