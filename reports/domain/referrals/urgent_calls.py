"""Urgent calls: a member who passed a tip on by phone records it, and a second one reviews it the next day.

Every call takes the sender's agreement or a ground (`consent`). A call to the police is a police referral: it passes
the tip on.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import format_lazy

from reports.domain.audit import audit_log
from reports.domain.audit.columns import hashes
from reports.domain.audit.named_rows import Named
from reports.domain.errors import DangerOpen, Refused, Swapped
from reports.domain.intake import outbox
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import roles, second_person
from reports.domain.referrals import consent, own_words
from reports.domain.rights import RUN_DESK, TRIAGE_TIP
from reports.domain.tips import opening, reasons, recusal
from reports.domain.tips.metadata import monday
from reports.domain.tips.opened_entry import OpenedEntry
from reports.domain.triage import safety, triaging
from reports.models import AuditAct, Status, Tip, UrgentCall, hidden_from
from reports.models.urgent_calls import MISTAKEN

POLICE = "999"  # sealed in the records of calls
CHILDREN = "children"
SAFEGUARDING = "safeguarding"
ADULTS = "adults"
TO = {
    POLICE: format_lazy("The police: {emergency} or {police}", **settings.PLACE.numbers),
    CHILDREN: "Children’s services",
    SAFEGUARDING: "The safeguarding contact",
    ADULTS: "Adult safeguarding",
    "other": "Someone else",
}
PROTECT_CHILDREN = (
    CHILDREN,
    SAFEGUARDING,
)  # for these the sender's tick "I am under 18" is a ground
PROTECT_ADULTS = (POLICE, ADULTS)  # whom alone the danger to an adult lets us tell
PROTECTORS = (
    POLICE,
    *PROTECT_CHILDREN,
    ADULTS,
)  # a call to them says what was done about the danger
_DONE = {
    POLICE: "The police were told by %(who)s, %(when)s.",
    CHILDREN: "Children’s services were told by %(who)s, %(when)s.",
    SAFEGUARDING: "The safeguarding contact was told by %(who)s, %(when)s.",
    ADULTS: "Adult safeguarding was told by %(who)s, %(when)s.",
}
LENGTH = 500  # characters of each answer
ANSWERS = ("to", "whom", "when", "reference", "ground", "danger")


def add(
    *,
    tip: Tip,
    to: str,
    whom: str,
    when: str,
    by: User,
    keys: Keys,
    reference: str = "",
    ground: str = "",
    danger: str = "",
    position: int | None = None,
    called_before: bool = False,
) -> UrgentCall:
    """Record that a tip was passed on by phone; a call to the police passes it on, unless it `_stays_open`.

    Sealed: a key of TO, whom, when, their reference, a key of `consent.Ground` and the danger in a sentence. Raises
    Refused, also where the sender has not agreed and there is no ground.
    `position` is of the newest entry that the caller had before them: where a call rests on the sender's yes and
    something is later, or waits, it takes a ground, or that they `called_before` that came.
    """
    recusal.require_free(tip=tip, by=by)
    grounds = consent.grounds_for([tip])
    answers = _answers(
        to, ground, grounds, whom=whom, when=when, reference=reference, danger=danger
    )
    known = _known(tip, position, by=by, called_before=called_before and not ground, keys=keys)
    written = ground if answers["danger"] else ""
    answers |= _rests_on(tip, to, known, grounds, written=written, called_before=called_before)
    new = UrgentCall(id=uuid.uuid4(), tip=tip, author=by.get_username(), police=to == POLICE)
    sealed.fill(new, {"to": to} | answers)
    with transaction.atomic():
        row = Tip.objects.select_for_update().get(pk=tip.pk)
        if to in PROTECTORS:
            last = row.entries.aggregate(last=Max("position"))["last"] or 0
            new.position = known[-1].row.position if known and "called_before" in answers else last
        new.save(force_insert=True)
        audit_log.record(
            by=by, act=AuditAct.CALLED, subject=tip.reference, rows=Named([new], keys=keys)
        )
        if answers["ground"]:  # written or ticked: the log does not say which, nor which ground
            audit_log.record(by=by, act=AuditAct.DANGER_NAMED, subject=tip.reference)
        if new.police and not _stays_open(row, known or (), keys=keys):
            _pass_on(row, by=by, keys=keys)
    tip.status = row.status
    tip.decided = row.decided
    return new


def review(*, call: UrgentCall, result: str, by: User, keys: Keys) -> None:
    """Review a call as a second person, never as its author; `result` becomes a note on the tip.

    A team lead alone reviews one that was made, its author says, before the sender wrote again, or that does not open.
    From this week on the schedule counts for a tip that the call gave to the police.
    """
    recusal.require_free(tip=call.tip, by=by)
    if call.author == by.get_username():
        raise Refused("You made this call, so someone else must review it.")
    second_person.require_settled(TRIAGE_TIP, user=by)
    if needs_team_lead(call, content(call, keys=keys)):
        reasons.require_team_lead(by=by)
        second_person.require_settled(RUN_DESK, user=by)
    today = timezone.localdate()
    with transaction.atomic():
        triaging.note(tip=call.tip, text=result, by=by)
        row = UrgentCall.objects.select_for_update().select_related("tip").get(pk=call.pk)
        if row.reviewed_on is not None:
            raise Refused("Another team member has already reviewed this call.")
        was = hashes(row)
        row.reviewed_by = by.get_username()
        row.reviewed_on = today
        row.save(update_fields=["reviewed_by", "reviewed_on"])
        if call.police and not unseen(tip=call.tip).exists():
            Tip.objects.filter(pk=call.tip_id).update(confirmed=monday(today))
        rows = Named([row], was=was, keys=keys)
        audit_log.record(by=by, act=AuditAct.REVIEWED_CALL, subject=call.tip.reference, rows=rows)


def mark_mistaken(*, call: UrgentCall, by: User, keys: Keys) -> None:
    """Mark an own call that nobody has reviewed as a mistake: the row stays, and counts for nothing.

    A tip that the police have by this call alone goes back to “undecided”.
    """
    recusal.require_free(tip=call.tip, by=by)
    with transaction.atomic():
        row = UrgentCall.objects.select_for_update().select_related("tip").get(pk=call.pk)
        if row.author != by.get_username():
            raise Refused(
                "Another team member recorded this call. Only they can mark it as a mistake."
            )
        if row.reviewed_on is not None:
            raise Refused("Another team member has already reviewed this call.")
        was = hashes(row)
        row.reviewed_on = timezone.localdate()
        row.police = False
        row.position = 0
        row.save(update_fields=["reviewed_on", "police", "position"])
        rows = Named([row], was=was, keys=keys)
        audit_log.record(by=by, act=AuditAct.MISTAKEN_CALL, subject=row.tip.reference, rows=rows)
        tip = Tip.objects.filter(pk=row.tip_id, status=Status.PASSED_ON)
        if tip.exists() and not tip.told_to_police().exists():
            triaging.move(tip=row.tip, to=Status.READING, by=by)


def unseen(*, tip: Tip) -> QuerySet[UrgentCall]:
    """Return the tip's calls to the police that no second person has looked at."""
    return UrgentCall.objects.filter(tip=tip, police=True, reviewed_on=None)


def waiting(*, user: User, today: date) -> QuerySet[UrgentCall]:
    """Return earlier days' calls without a review, the user's own too, so that a lone operator sees them."""
    rows = UrgentCall.objects.filter(reviewed_on=None, since__lt=today)
    return (
        rows.exclude(tip__in=hidden_from(user)).select_related("tip")
        if rows.exists()
        else rows.none()
    )


def needs_team_lead(call: UrgentCall, answers: dict[str, Any]) -> bool:
    """Return whether a team lead must review the call with this `content`, as there is one beside its author."""
    return bool({"called_before", "problem"} & answers.keys()) and has_reviewer(
        author=call.author, team_lead=True
    )


def has_reviewer(*, author: str, team_lead: bool = False) -> bool:
    """Return whether any member, or any team lead, but `author` can review a call."""
    among = (
        triaging.members().filter(pk__in=roles.with_right(RUN_DESK))
        if team_lead
        else triaging.members()
    )
    user = User.objects.filter(username=author).first()
    put_out = user and second_person.put_out_until(user=user)  # who was put out may come back
    return bool(put_out or second_person.others(among, beside=author))


def no_reviewer(*, author: str) -> str:
    """Return that nobody but `author` can review a call now, and from when somebody can; "" where somebody can."""
    among = second_person.from_when(triaging.members().exclude(username=author), TRIAGE_TIP)
    if any(when is None for _name, when in among):
        return ""
    first = min((timezone.localtime(when) for _name, when in among if when), default=None)
    then = f"Someone else can from {date_format(first, 'j F, H:i')}." if first else ""
    return f"A second person must look at this call, but nobody else here can do so yet. {then}"


def content(call: UrgentCall, *, keys: Keys) -> dict[str, Any]:
    """Return the sealed answers, or `problem` if they do not open. The caller has recorded that the tip is read."""
    try:
        answers = unsealed.content(
            call, keys=keys, called_before=str | None, **dict.fromkeys(ANSWERS, str)
        )
    except Swapped as refusal:
        return {"problem": str(refusal)}
    named = {
        "ground": consent.ground_in_words(answers["ground"]),
        "to": TO.get(answers["to"], answers["to"]),
    }
    return answers | named


def before_a_change(entries: Iterable[OpenedEntry]) -> list[OpenedEntry]:
    """Return the longest beginning of a tip with which its sender says yes to the police; all where none does."""
    entries = sorted(entries, key=lambda entry: entry.row.position)
    beginnings = (entries[:end] for end in range(len(entries), 0, -1))
    return next((some for some in beginnings if consent.known(some).police == consent.YES), entries)


def in_words(call: UrgentCall, *, answers: dict[str, Any]) -> str:
    """Return who was told by whom and when, from the call's `content`; "" if that is nobody who protects people."""
    to = protector(answers)
    return str(_DONE[to]) % {"who": call.author, "when": answers["when"]} if to else ""


def protector(answers: dict[str, Any]) -> str:
    """Return which of PROTECTORS was told, from a call's `content`; "" for anybody else, and where it does not open."""
    return next((to for to in PROTECTORS if str(TO[to]) == str(answers.get("to"))), "")


def protected_by(answers: dict[str, Any]) -> str:
    """Return the same, with CHILDREN for both who keep children safe."""
    to = protector(answers)
    return CHILDREN if to in PROTECT_CHILDREN else to


def _known(
    tip: Tip, position: int | None, *, by: User, called_before: bool, keys: Keys
) -> list[OpenedEntry] | None:
    """Return the entries that the caller had before them, by what they have read, whatever a page sends.

    None where nobody knows what they say.
    """
    if not opening.is_unchanged(tip=tip, keys=keys):
        return None
    entries = opening.open_all(tip=tip, keys=keys)
    read = opening.read_up_to(tip=tip, by=by)
    known = entries if position is None else own_words.up_to(min(position, read), entries)
    return before_a_change(known) if called_before else known


def _rests_on(
    tip: Tip,
    to: str,
    known: list[OpenedEntry] | None,
    grounds: Collection[consent.Ground],
    *,
    written: str,
    called_before: bool,
) -> dict[str, str]:
    """Return the ground of a call, "" for the sender's yes alone, and whether it came before something later.

    Raises Refused where the call may not be made, or nobody said what it rests on.
    """
    waits = outbox.can_take_in(
        tip.lookup
    )  # before the entries: what is taken in meanwhile is one of the two
    later = waits or tip.entries.count() > len(known or ())
    sender_says = consent.known(known)
    ground = consent.ground_for_call(
        sender_says,
        written=written,
        to_protect_children=to in PROTECT_CHILDREN,
        to_protect_adults=to in PROTECT_ADULTS,
    )
    if written and not ground:
        raise Refused(
            "That an adult may be in danger lets you call only the police or adult safeguarding. If someone’s life is "
            "at risk or a child may be in danger too, choose that."
        )
    police = to == POLICE
    if refusal := consent.against_call(
        sender_says.police, ground=ground, to_police=police, grounds=grounds
    ):
        raise Refused(refusal)
    if not ground and consent.typists(known or ()):
        raise Refused(
            "A team member typed this tip, so nobody passes it on alone by the sender’s yes. Choose the danger and "
            "write why, or draft a police referral."
        )
    if later and not ground and not called_before:
        raise Refused(
            "The sender wrote again, and you had not read it. Choose the danger and write why, or tick “We called "
            "before this came”."
        )
    said = {"ground": ground}
    if later and not ground:
        said["called_before"] = "yes"
    return said


def _answers(
    to: str, ground: str, grounds: Collection[consent.Ground], **typed: str
) -> dict[str, str]:
    """Return what was typed, trimmed; raises Refused for what is missing or too long."""
    if to not in TO:
        raise Refused("Choose who you called.")
    answers = {name: sealed.typed(text, most=LENGTH, what="Answer") for name, text in typed.items()}
    if not answers["whom"] or not answers["when"]:
        raise Refused("Enter who you spoke to, and when.")
    # The page begins with the ground of a child: without a sentence the sender's tick alone counts (`_rests_on`).
    if answers["danger"] or ground != consent.Ground.CHILD or to not in PROTECT_CHILDREN:
        consent.require_ground(ground, reason=answers["danger"], grounds=grounds)
    return answers


def is_about_a_child(entries: Iterable[OpenedEntry], *, grounds: Iterable[str] = ()) -> bool:
    """Return whether a tip is about a child: its sender says so, or one of the calls' grounds, in words."""
    listed = list(entries)
    children = any(entry.answers.get("kind") == "children" for entry in listed)
    return (
        consent.under_18(listed)
        or children
        or consent.ground_in_words(consent.Ground.CHILD) in grounds
    )


def require_child_told(*, tip: Tip, keys: Keys) -> None:
    """Raise DangerOpen for a tip about a child while nobody has told who keeps the child safe."""
    if _has_more_to_do(tip, opening.open_all(tip=tip, keys=keys), keys=keys):
        message = (
            "This tip is about a child. Record the calls under “Do this now”, or say what was done, before you close "
            "it."
        )
        raise DangerOpen(message, part="choice")


def _stays_open(tip: Tip, known: Iterable[OpenedEntry], *, keys: Keys) -> bool:
    """Return whether a tip stays open although the police were told.

    A child needs another call, or something came after this one and nobody has said what was done about its danger.
    """
    return _has_more_to_do(tip, known, keys=keys) or safety.is_asked(tip=tip)


def _has_more_to_do(tip: Tip, entries: Iterable[OpenedEntry], *, keys: Keys) -> bool:
    """Return whether a tip stays open although the police were told: nobody has told who keeps its child safe."""
    calls = [(call, content(call, keys=keys)) for call in tip.urgent_calls.exclude(MISTAKEN)]
    return child_untold(list(entries), calls=calls)


def child_untold(
    entries: Collection[OpenedEntry], *, calls: Collection[tuple[UrgentCall, dict[str, Any]]]
) -> bool:
    """Return whether a tip is about a child, and none of these opened calls told who keeps it safe all that came."""
    newest = max((entry.row.position for entry in entries), default=0)
    told_all = [told for call, told in calls if call.position >= max(newest, 1)]
    protected = any(protector(told) in PROTECT_CHILDREN for told in told_all)
    return (
        is_about_a_child(entries, grounds=[told.get("ground", "") for _call, told in calls])
        and not protected
    )


def _pass_on(tip: Tip, *, by: User, keys: Keys) -> None:
    """Pass on a tip that the police were told; the schedule waits for a second person where there is one."""
    alone = not has_reviewer(author=by.get_username())
    Tip.objects.filter(pk=tip.pk).update(confirmed=monday(timezone.localdate()) if alone else None)
    triaging.pass_on(tip=tip, by=by, keys=keys)
