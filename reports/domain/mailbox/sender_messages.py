"""Messages to a sender, and the thread for staff: messages and replies in their order."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format

from reports import questions, replies, who
from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.rights import RUN_DESK
from reports.domain.tips import asking, metadata, opening, recusal
from reports.domain.tips.opened_entry import OpenedEntry
from reports.domain.triage import safety as decisions
from reports.domain.triage import triaging
from reports.models import AuditAct, AuditEvent, Message, SafetyDecision, Status, Tip
from reports.sealing import envelope
from reports.text import commonest, disclosure

QUESTION_MARK = re.compile(r"[?؟⁇？\u037e]")  # of the scripts that we are likely to write in
LENGTH = 2_000  # characters; in any script a message fits the smallest envelope, so all of them look alike
IN_ENGLISH = "In English, for the team"
CHECKED = "Someone who reads it has checked it"
NOBODY = "Nobody was given seven words for this tip, so nobody could read your message."
REPEATED_WITHIN = timedelta(
    minutes=10
)  # the same text is a second press, a second tab, or two members at once


@dataclass(frozen=True)
class ThreadItem:
    """One message or reply; `seen`: the sender had seen the message before this week.

    `taken_back` says whether a member took it back in this week ("now"), when nobody may know yet whether it had been
    seen, or earlier ("before").
    """

    text: str = field(repr=False)
    message: Message | None = None  # None: the sender's answer
    seen: bool = False
    taken_back: str = ""
    late: bool = (
        False  # an answer that came after the receipt was stopped: perhaps not from the sender
    )
    week: date | None = None  # of an answer, the Monday of the week in which it came
    choices: tuple[
        tuple[questions.Question, questions.Text], ...
    ] = ()  # of an answer, what its sender ticked
    english: str = field(
        default="", repr=False
    )  # of a message in another language, what it says: the desk's alone
    pages: questions.Text = ""  # of an answer, the language of its pages, unless that is English


def write(
    *,
    tip: Tip,
    text: str,
    question: bool,
    by: User,
    keys: Keys,
    safety: str = "",
    to: int = 0,
    english: str = "",
    checked: bool = False,
) -> Message:
    """Send a message; a question moves the tip to “needs more” and waits for an answer.

    To a sender who asked not to be asked only a message about their own safety goes, never a question: `safety` says
    why, for the team lead who looks at it. Raises Refused for anything else to them, for what they were sent within the
    last ten minutes, and if it names anyone or anything of a tip: its reader may be someone who found the receipt, or
    who wrote to learn what others told. `to` is the position of an entry: where not all came with the same seven words,
    a team lead says by it who gets the message. Of one in another language the desk keeps the `english`, and where its
    script hides names somebody has `checked` it: their own safety waits for neither.
    """
    recusal.require_free(tip=tip, by=by)
    text = sealed.typed(
        text, most=LENGTH, what="Message", missing="Write something before you send it."
    )
    english = sealed.typed(english, most=LENGTH, what=IN_ENGLISH)
    reason = safety.strip()
    entries = opening.open_all(tip=tip, keys=keys)
    if reason:
        _require_no_question(text, asks=question)
    else:
        asking.require(entries)
        _require_read(text, english=english, checked=checked)
    if refusal := against(text=text, english=english, answers=[entry.answers for entry in entries]):
        raise Refused(refusal)
    recipient = _reply_to(entries, to=to, by=by)
    new = Message(id=uuid.uuid4(), tip=tip, author=by.get_username(), asks=question)
    with transaction.atomic():
        if asking.has_one_holder(entries):  # else the same text may be for the other one
            _require_new(tip, text, keys=keys)
        _seal(new, text, english=english, recipient=recipient)
        _record(new, reason=reason, by=by, keys=keys)
    return new


def _record(new: Message, *, reason: str, by: User, keys: Keys) -> None:
    """Let the tip wait for the answer to a question, and put the message and its reason on the record."""
    tip = new.tip
    if new.asks and tip.status != Status.NEEDS_MORE:
        triaging.wait_for_answer(tip=tip, by=by)
    if new.asks:
        Tip.objects.filter(pk=tip.pk).update(answered=False, new_answer=False)
    act = AuditAct.ASKED if new.asks else AuditAct.WROTE
    audit_log.record(by=by, act=act, subject=tip.reference, number=new.number)
    if reason:
        decisions.add(
            tip=tip, kind=SafetyDecision.Kind.WROTE, choice="", text=reason, by=by, keys=keys
        )


def write_about_safety(
    *, tip: Tip, text: str, reason: str, by: User, keys: Keys, to: int = 0, english: str = ""
) -> Message:
    """Send a message about the sender's own safety, whatever they said about being asked; raises Refused as `write`."""
    if not reason.strip():
        raise Refused(
            "Say in a sentence why this is about the sender’s own safety. Only the team can read it."
        )
    return write(
        tip=tip, text=text, question=False, by=by, keys=keys, safety=reason, to=to, english=english
    )


def _require_no_question(text: str, *, asks: bool) -> None:
    """Raise Refused if a message about the sender's own safety asks something."""
    if asks:
        raise Refused("A message about the sender’s own safety cannot ask anything.")
    if QUESTION_MARK.search(text):
        raise Refused(
            "A message about the sender’s own safety cannot ask anything. Remove the question."
        )


def is_foreign(text: str) -> bool:
    """Return whether a text is clearly in another language than English."""
    return disclosure.is_unreadable(text) or commonest.guess(text) not in ("", "en")


def _require_read(text: str, *, english: str, checked: bool) -> None:
    """Raise Refused if nobody could tell what a message in another language says, or whom it names."""
    unreadable = disclosure.is_unreadable(text) and not replies.is_built_in(text)
    if not english and is_foreign(text):
        raise Refused("Write beside it in English what it says. Only the team can read that.")
    if unreadable and not checked:
        raise Refused(
            "We cannot look for names in this script. Let someone who reads it check your message, then tick"
            f" “{CHECKED}”. If it is about the sender’s own safety, do not wait: press “Write about the sender’s"
            " own safety” below."
        )


def against(*, text: str, english: str = "", answers: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return why no sender may be told this, and what to do; "" where they may. `answers` are those of their own tip.

    It is compared with no other tip, and not with contact details: to be told what stands there would be an oracle,
    which asks for no reason and leaves no trace. `english` is what it says.
    """
    answers = [_without_contact(given) for given in answers]
    public = settings.PLACE.public_names | {str(who.operator()["controller"]): ""}
    findings = {}
    for each in (text, english):
        for finding in disclosure.find(each, answers, public=public):
            findings[finding.text] = finding.what
    if not findings:
        return ""
    listed = ", ".join(f"“{its_text}” ({what})" for its_text, what in findings.items())
    refusal = f"Remove {listed}. Anyone who has the seven words can read this, and that may not be the sender."
    if any(what is disclosure.CAPITAL for what in findings.values()):
        refusal += " If a word is not a name, write it with a small letter."
    return refusal


def _without_contact(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answers.items() if name not in questions.CONTACT_DETAILS}


def take_back(*, message: Message, by: User) -> None:
    """Take a message back: if its sender has never been shown it, nobody can read it any more.

    Whether they had is told nobody before the week is over (docs/decisions), so this says nothing of it either; a
    member who tries it again and again would otherwise learn the hour at which the sender comes.
    """
    recusal.require_free(tip=message.tip, by=by)
    this_week = metadata.monday(timezone.localdate())
    if _is_known_seen(message, this_week):
        raise Refused("The sender has seen this message, so you cannot withdraw it.")
    with transaction.atomic():
        if not Message.objects.filter(pk=message.pk, taken_back=None).update(taken_back=this_week):
            raise Refused("This message has already been withdrawn.")
        Message.objects.filter(pk=message.pk, seen=None).update(for_sender=None)
        audit_log.record(
            by=by, act=AuditAct.TOOK_BACK, subject=message.tip.reference, number=message.number
        )
        transaction.on_commit(state_files.empty_write_ahead_log)


def _is_known_seen(message: Message, this_week: date) -> bool:
    """Return whether staff may know that the sender has seen a message: the week is over."""
    return message.seen is not None and message.seen < this_week


def thread(*, reading: opening.Reading, keys: Keys) -> tuple[ThreadItem, ...]:
    """Return the thread of a tip whose reading is recorded, each reply after the message that it answers."""
    tip = reading.tip
    this_week = metadata.monday(timezone.localdate())
    numbered = [
        (message.number, _written(message, this_week, keys=keys)) for message in tip.messages.all()
    ]
    numbered += [
        (entry.after, _answer(tip, entry)) for entry in reading.entries if entry.kind == "reply"
    ]
    # Stable: a message comes before the answers to it, and these in the order in which they came in.
    numbered.sort(key=lambda pair: pair[0])
    return tuple(line for _number, line in numbered)


def _written(message: Message, this_week: date, *, keys: Keys) -> ThreadItem:
    try:
        said = unsealed.content(message, keys=keys, text=str, english=str | None)
    except Swapped as refusal:
        said = {"text": str(refusal)}
    taken_back = ""
    if message.taken_back is not None:
        taken_back = "before" if message.taken_back < this_week else "now"
    seen = _is_known_seen(message, this_week)
    return ThreadItem(said["text"], message, seen, taken_back, english=said.get("english") or "")


def _answer(tip: Tip, reply: OpenedEntry) -> ThreadItem:
    late = asking.is_late(tip, reply.row.position)
    ticked = {name: value for name, value in reply.answers.items() if name != "what"}
    choices = tuple(questions.in_reading_order(ticked))
    week = metadata.monday(reply.row.received)
    facts: dict[str, Any] = {
        "late": late,
        "week": week,
        "choices": choices,
        "pages": commonest.NAMES.get(reply.language, ""),
    }
    return ThreadItem(str(reply.answers.get("what", "")), **facts)


def newest_answers(lines: Sequence[ThreadItem]) -> list[ThreadItem]:
    """Return the answers in a thread since the last question; the last one where its sender had not seen that."""
    asked_at = max(
        (at for at, line in enumerate(lines) if line.message and line.message.asks), default=-1
    )
    since = [line for line in lines[asked_at + 1 :] if line.week]
    if since:
        return since
    return [line for line in lines if line.week][-1:]


def readers(entries: Iterable[OpenedEntry]) -> list[OpenedEntry]:
    """Return the first entry of each sender who could read a message."""
    firsts = {entry.reply_to: entry for entry in reversed([*entries]) if entry.reply_to}
    return sorted(firsts.values(), key=lambda entry: entry.row.position)


def _reply_to(entries: list[OpenedEntry], *, to: int, by: User) -> str:
    """Return the sender's recipient, which all entries share or a team lead has chosen; raises Refused."""
    recipients = {entry.row.position: entry.reply_to for entry in readers(entries)}
    if not recipients:
        raise Refused(NOBODY)
    if asking.has_one_holder(entries):
        return next(iter(recipients.values()))
    if not by.has_perm(RUN_DESK):
        raise Refused(
            "Not all of this tip was sent with the same seven words. A team lead must choose who gets your message."
        )
    if to not in recipients:
        raise Refused(
            "Choose who gets your message. Not all of this tip was sent with the same seven words."
        )
    return recipients[to]


def _require_new(tip: Tip, text: str, *, keys: Keys) -> None:
    """Raise Refused if the sender was sent the same text within REPEATED_WITHIN; members take turns."""
    Tip.objects.select_for_update().get(pk=tip.pk)
    acts = (AuditAct.ASKED, AuditAct.WROTE)
    since = timezone.now() - REPEATED_WITHIN
    events = AuditEvent.objects.filter(subject=tip.reference, act__in=acts, at__gte=since)
    sent = {event.detail["number"]: event for event in events}
    for message in tip.messages.filter(number__in=sent, taken_back=None):
        if unsealed.text(message, keys=keys) == text:
            event = sent[message.number]
            who = event.who
            time = date_format(timezone.localtime(event.at), "H:i")
            refusal = f"{who} sent the sender the same message at {time}. We did not send it again."
            raise Refused(refusal)


def _seal(new: Message, text: str, *, english: str, recipient: str) -> None:
    """Set the number of a message, seal it to both readers and store it."""
    tip = Tip.objects.select_for_update().get(pk=new.tip_id)
    if tip.stopped is not None:
        raise Refused(
            "The sender has stopped their seven words working, so nobody could read your message."
        )
    new.number = (tip.messages.aggregate(last=Max("number"))["last"] or 0) + 1
    new.week = metadata.monday(timezone.localdate())
    inside = {"text": text}
    if english:
        inside["english"] = english
    sealed.fill(new, inside)
    bound = new.bound_for_sender(tip.lookup)
    try:
        new.for_sender = envelope.seal(
            envelope.Bundle(bound, {"text": text}), recipients=[recipient]
        )
    except envelope.EnvelopeError as error:  # who left it may have named what is no recipient
        raise Refused(NOBODY) from error
    new.save(force_insert=True)
