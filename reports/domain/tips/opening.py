"""Unsealing: the only module that turns stored envelopes back into words, and it records before it returns them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.domain import audit
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed
from reports.domain.tips import digests, metadata, recusal
from reports.models import AuditAct, Digest, Entry, Note, Status, Tip
from reports.sealing import envelope

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

LARGEST_TEXT = 700_000  # bytes of an envelope with the longest answers, in any script
BATCH = 500  # envelopes that one call opens at the most (about 0.3 s)
CONTACT = ("contact_details", "contact_safe")  # answers that stay behind "Reveal"
REVEAL_REASONS = {
    "asked": gettext_lazy("The sender asked to be contacted"),
    "danger": gettext_lazy("Someone may be in danger"),
    "lead": gettext_lazy("A lead asked for it"),
}


@dataclass(frozen=True)
class Arrival:
    """One opened entry: what kind it is, its answers without contact details, and how many pictures it holds."""

    entry: Entry
    kind: str  # tip, photos, reply, or broken when the envelope does not open or does not belong here
    answers: dict[str, Any] = field(default_factory=dict, repr=False)
    pictures: int = 0
    suspect: tuple[str, ...] = ()
    reply_to: str = field(default="", repr=False)  # the sender's recipient
    after: int = 0  # of a reply: the newest message that its sender had seen


@dataclass(frozen=True)
class Remark:
    """One opened note."""

    note: Note
    text: str = field(repr=False)


@dataclass(frozen=True)
class Reading:
    """A tip as a member may see it."""

    tip: Tip
    arrivals: tuple[Arrival, ...]
    notes: tuple[Remark, ...]
    has_contact: bool
    swapped: bool  # the kind, area or appeal in the row is not what any of its answers says


def open_new(*, by: "User", keys: "Keys", limit: int = BATCH) -> int:
    """Unseal entries that nobody has opened yet, fill their tips' coarse facts and return how many were opened.

    Opened is not read: no text is returned. An envelope that does not open stays as it is.
    """
    waiting = Entry.objects.filter(opened=False).select_related("tip")
    entries = waiting.only("received", "key_index", "sealed", "tag", "tip__lookup")
    tried = [(entry, _content(entry, keys)) for entry in entries.order_by("broken", "tip_id", "position")[:limit]]
    opened = [(entry, content) for entry, content in tried if content is not None]
    # Those that do not open go to the end of the line, so that they never keep others from being opened.
    Entry.objects.filter(pk__in=[entry.pk for entry, content in tried if content is None]).update(broken=True)
    if not opened:
        return 0
    with transaction.atomic():
        told, known = metadata.fill(opened)
        for week in {metadata.monday(entry.received) for entry, _ in opened}:
            pks = [entry.pk for entry, _ in opened if metadata.monday(entry.received) == week]
            Entry.objects.filter(pk__in=pks).update(opened=True, broken=False, received=week)
        digests.write(told, keys=keys, known=known)
        audit.record(by=by, act=AuditAct.OPENED, count=len(opened))
    return len(opened)


def digest_missing(*, keys: "Keys", limit: int = BATCH) -> int:
    """Write the digests that opened tips lack, as in a database from before there were any.

    Return how many were looked at. Nothing of them is shown.
    """
    tips = list(Tip.objects.filter(opened=True, digested=False)[:limit])
    if not tips:
        return 0
    given: dict[UUID, list[dict[str, Any]]] = {tip.pk: [] for tip in tips}
    for entry in Entry.objects.filter(tip__in=tips, opened=True).select_related("tip"):
        given[entry.tip_id].append(_open(entry, keys).answers)
    with transaction.atomic():
        Digest.objects.filter(pk__in=given).delete()
        digests.write(given, keys=keys)
        Tip.objects.filter(pk__in=given).update(digested=True)
    return len(tips)


def read(*, tip: Tip, by: "User", keys: "Keys") -> Reading:
    """Return a tip's text and notes after recording that `by` has read it; unrecorded, nothing is shown."""
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():  # the row before the record, as every verb does: else two could wait for each other
        _note_read(tip=tip, by=by)
        audit.record(by=by, act=AuditAct.READ, subject=tip.reference)
    came = arrivals(tip=tip, keys=keys)
    came.sort(key=lambda arrival: arrival.kind != "tip")  # stable: pictures that were drained first come after
    has_contact = any(arrival.answers.get(name) for arrival in came for name in CONTACT)
    broken = _("This note does not open, or does not belong here. Tell a lead.")
    return Reading(
        tip=tip,
        arrivals=tuple(_without_contact(arrival) for arrival in came),
        notes=tuple(Remark(note, sealed.text(note, keys=keys, broken=broken)) for note in tip.notes.all()),
        has_contact=has_contact,
        swapped=_facts_differ(tip, came),
    )


def _note_read(*, tip: Tip, by: "User") -> None:
    """Set what reading changes, as far as the row still allows it: a colleague may have moved the tip just now."""
    row = Tip.objects.filter(pk=tip.pk)
    row.update(unread=False)
    tip.unread = False
    if tip.status == Status.NEW:
        row.filter(status=Status.NEW).update(status=Status.READING)
        tip.refresh_from_db(fields=["status"])
    if tip.urgent and tip.acknowledged_at is None:
        row.filter(acknowledged_at=None).update(acknowledged_at=timezone.now(), acknowledged_by=by.get_username())
        tip.refresh_from_db(fields=["acknowledged_at", "acknowledged_by"])


def glimpse(*, tips: Sequence[Tip], by: "User", keys: "Keys") -> dict[UUID, list[dict[str, Any]]]:
    """Return what senders wrote in these tips, by tip, after recording that `by` saw parts of each; no contact details.

    The caller has left out what is hidden from `by`. Pictures, and whatever is larger than any text, stay closed.
    """
    audit.record_each(by=by, act=AuditAct.GLIMPSED, subjects=[tip.reference for tip in tips])
    return _small(tips, keys)


def reveal(*, tip: Tip, by: "User", keys: "Keys", reason: str) -> dict[str, str]:
    """Return the sender's contact answers, after recording who asked and why (a key of REVEAL_REASONS)."""
    if reason not in REVEAL_REASONS:
        raise Refused(_("Choose why you need the contact details."))
    recusal.require_free(tip=tip, by=by)
    audit.record(by=by, act=AuditAct.REVEALED, subject=tip.reference, reason=reason)
    contact: dict[str, str] = {}
    for arrival in arrivals(tip=tip, keys=keys):
        contact |= {name: arrival.answers[name] for name in CONTACT if arrival.answers.get(name)}
    return contact


def picture_held(*, entry: Entry, number: int, keys: "Keys") -> bytes:
    """Return a picture to hash it, or to print it where its leaving is recorded: nothing of it is shown."""
    files = _unseal(entry, keys).files
    if not 0 <= number < len(files):
        raise Refused(_("There is no such picture."))
    return files[number]


def texts(*, tips: Iterable[Tip], keys: "Keys") -> dict[UUID, list[str]]:
    """Return what senders typed, by the tips' keys, without contact details, for a machine to compare.

    Whoever shows any of it records that first. Envelopes too large for a text hold pictures and stay shut.
    """
    return {
        pk: [text for answers in told for text in answers.values() if isinstance(text, str)]
        for pk, told in _small(tips, keys).items()
    }


def _small(tips: Iterable[Tip], keys: "Keys") -> dict[UUID, list[dict[str, Any]]]:
    """Return the answers under these tips, by the tips' keys, from envelopes that can be opened in a list."""
    small = Entry.objects.annotate(size=Length("sealed")).filter(tip__in=list(tips), size__lte=LARGEST_TEXT)
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for entry in small.select_related("tip").order_by("position", "pk"):
        found[entry.tip_id].append(_without_contact(_open(entry, keys)).answers)
    return found


def picture(*, entry: Entry, number: int, by: "User", keys: "Keys") -> bytes:
    """Return the `number`th picture (from 0) of an entry as JPEG bytes, after recording that it was read."""
    recusal.require_free(tip=entry.tip, by=by)
    audit.record(by=by, act=AuditAct.READ_PICTURE, subject=entry.tip.reference, number=number)
    return picture_held(entry=entry, number=number, keys=keys)


def arrivals(*, tip: Tip, keys: "Keys") -> list[Arrival]:
    """Return all that came under a receipt, contact details too: for rules that compare, and show nothing of it."""
    return [_open(entry, keys) for entry in tip.entries.select_related("tip")]


def _unseal(entry: Entry, keys: "Keys") -> envelope.Bundle:
    try:
        return envelope.open_sealed(bytes(entry.sealed), identities=keys.identities, bound=entry.bound())
    except envelope.EnvelopeError as error:
        raise Swapped(_("This envelope does not open, or does not belong to this tip. Tell a lead.")) from error


def _content(entry: Entry, keys: "Keys") -> dict[str, Any] | None:
    """Return what is in an envelope but for its files; None for one that cannot be opened."""
    try:
        return _unseal(entry, keys).content
    except Swapped:
        return None


def _open(entry: Entry, keys: "Keys") -> Arrival:
    """Return an opened entry; one that cannot be opened is `broken`, and the rest of the tip still shows."""
    try:
        bundle = _unseal(entry, keys)
    except Swapped:
        return Arrival(entry, "broken")
    content = bundle.content
    return Arrival(
        entry,
        content["kind"],
        content.get("answers", {}),
        len(bundle.files),
        suspect=tuple(content.get("suspect", ())),
        reply_to=content.get("reply_to", ""),
        after=content.get("after", 0),
    )


def _facts_differ(tip: Tip, arrivals: Sequence[Arrival]) -> bool:
    """Return whether a tip's clear facts are those of no answers that it holds: somebody has changed the row."""
    held = [metadata.facts(arrival.answers) for arrival in arrivals if arrival.kind == "tip"]
    row = {"category": tip.category, "area": tip.area, "appeal": tip.appeal}
    return tip.opened and bool(held) and row not in held


def _without_contact(arrival: Arrival) -> Arrival:
    shown = {name: value for name, value in arrival.answers.items() if name not in CONTACT}
    return replace(arrival, answers=shown)
