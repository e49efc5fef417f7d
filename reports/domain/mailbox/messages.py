"""What the desk writes to a sender, and the talk as staff see it: messages and answers in their order."""

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.domain import audit, triage
from reports.domain.errors import Refused, Swapped, too_long
from reports.domain.keys import sealed
from reports.domain.tips import metadata, opening, recusal
from reports.models import AuditAct, Message, Status, Tip
from reports.sealing import envelope
from reports.text import disclosure

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

LENGTH = 2_000  # characters; so a message always fits the smallest envelope, and all of them look alike


@dataclass(frozen=True)
class Line:
    """One message or answer; `seen` of a message: the sender had seen it before this week."""

    text: str = field(repr=False)
    message: Message | None = None  # None: the sender's answer
    seen: bool = False
    late: bool = False  # an answer that came after the receipt was burned: perhaps not from the sender


def write(*, tip: Tip, text: str, question: bool, by: "User", keys: "Keys") -> Message:
    """Send a message; a question moves the tip to “needs more” and waits for an answer.

    Raises Refused when it repeats what the sender wrote: whoever reads it may be somebody who found the words.
    """
    recusal.require_free(tip=tip, by=by)
    text = _checked(text)
    came = opening.arrivals(tip=tip, keys=keys)
    _require_no_echo(text, came)
    new = Message(id=uuid.uuid4(), tip=tip, author=by.get_username(), asks=question)
    with transaction.atomic():
        _seal(new, text, recipient=_reply_to(came))
        if question and tip.status != Status.NEEDS_MORE:
            triage.move(tip=tip, to=Status.NEEDS_MORE, by=by)
        if question:
            Tip.objects.filter(pk=tip.pk).update(answered=False)
        audit.record(
            by=by, act=AuditAct.ASKED if question else AuditAct.WROTE, subject=tip.reference, number=new.number
        )
    return new


def thread(*, reading: opening.Reading, keys: "Keys") -> tuple[Line, ...]:
    """Return the talk of a tip whose reading is on the record: each answer after the message that it answers."""
    tip, this_week = reading.tip, metadata.monday(timezone.localdate())
    broken = _("This message does not open, or does not belong here. Tell a lead.")
    written = [
        (
            message.number,
            Line(
                sealed.text(message, keys=keys, broken=broken),
                message,
                message.seen is not None and message.seen < this_week,
            ),
        )
        for message in tip.messages.all()
    ]
    replies = [arrival for arrival in reading.arrivals if arrival.kind == "reply"]
    answers = [
        (reply.after, Line(str(reply.answers.get("what", "")), late=is_late(tip, reply.entry.position)))
        for reply in replies
    ]
    # Stable: a message comes before the answers to it, and these in the order in which they came in.
    return tuple(line for _, line in sorted(written + answers, key=lambda pair: pair[0]))


def is_late(tip: Tip, position: int) -> bool:
    """Return whether what stands at this position of a tip came after its receipt was burned."""
    return tip.burned is not None and position > tip.burned


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Write something before you send it."))
    if len(text) > LENGTH:
        said = _("A message has room for %(room)s characters; this one has %(length)s.")
        raise too_long(said, room=LENGTH, text=text)
    return text


def _require_no_echo(text: str, came: list[opening.Arrival]) -> None:
    found = disclosure.find(text, [arrival.answers for arrival in came])
    if found:
        listed = ", ".join(f"“{echo.text}” ({echo.what})" for echo in found)
        said = _(
            "Leave out %(listed)s: it stands in the tip, and whoever reads the message may not be who sent the tip."
        )
        raise Refused(said % {"listed": listed})


def _reply_to(came: list[opening.Arrival]) -> str:
    """Return the sender's recipient; all that came under one receipt names the same."""
    named = {arrival.reply_to for arrival in came if arrival.reply_to}
    if not named:
        raise Refused(_("No receipt was given for this tip, so nobody could read this."))
    if len(named) > 1:
        raise Swapped(_("What came under this receipt names two different readers. Nothing was sent. Tell a lead."))
    return named.pop()


def _seal(new: Message, text: str, *, recipient: str) -> None:
    """Give a message its place in the order, seal it to both readers and store it."""
    tip = Tip.objects.select_for_update().get(pk=new.tip_id)
    if tip.burned is not None:
        raise Refused(_("The sender has burned the receipt, so nobody could read this."))
    new.number = (tip.messages.aggregate(last=Max("number"))["last"] or 0) + 1
    new.week = metadata.monday(timezone.localdate())
    sealed.fill(new, {"text": text})
    bound = new.bound_for_sender(tip.lookup)
    new.for_sender = envelope.seal(envelope.Bundle(bound, {"text": text}), recipients=[recipient])
    new.save(force_insert=True)
