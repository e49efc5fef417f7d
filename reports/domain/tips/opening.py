"""Opening: the only module that unseals stored entries. It records the reading before it returns text."""

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
from reports.questions import CONTACT_DETAILS
from reports.sealing import envelope

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from reports.domain.keys.keyholders import Keys

LARGEST_TEXT = 700_000  # bytes of an envelope with the longest answers, in any script
BATCH = 500  # envelopes that one call opens at the most (about 0.3 s)
REVEAL_REASONS = {
    "asked": gettext_lazy("The sender asked to be contacted"),
    "danger": gettext_lazy("Someone may be in danger"),
    "lead": gettext_lazy("A lead asked for it"),
}


@dataclass(frozen=True)
class OpenedEntry:
    """One opened entry: its kind, its answers, and its number of pictures."""

    entry: Entry
    kind: str  # tip, photos, reply, or broken: the envelope does not open, or belongs to another row
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
    arrivals: tuple[OpenedEntry, ...]
    notes: tuple[Remark, ...]
    has_contact: bool
    swapped: bool  # the kind, area or appeal in the row is not what any of its answers says


def open_new(*, by: "User", keys: "Keys", limit: int = BATCH) -> int:
    """Unseal up to `limit` entries for the first time, set their tips' metadata, and return how many were opened.

    No text is returned: an opened tip has not been read. An envelope that does not open stays as it is.
    """
    waiting = Entry.objects.filter(opened=False)
    if not waiting.exists():  # nearly always: a list then asks for no sealed byte
        return 0
    entries = waiting.select_related("tip").only("received", "key_index", "sealed", "tag", "tip__lookup")
    tried = [(entry, _content(entry, keys)) for entry in entries.order_by("broken", "tip_id", "position")[:limit]]
    opened = [(entry, content) for entry, content in tried if content is not None]
    # Entries that do not open go to the end of the queue, so that they never block others.
    Entry.objects.filter(pk__in=[entry.pk for entry, content in tried if content is None]).update(broken=True)
    if not opened:
        return 0
    with transaction.atomic():
        answers_by_tip, known = metadata.fill(opened)
        for week in {metadata.monday(entry.received) for entry, _ in opened}:
            pks = [entry.pk for entry, _ in opened if metadata.monday(entry.received) == week]
            Entry.objects.filter(pk__in=pks).update(opened=True, broken=False, received=week)
        digests.write(answers_by_tip, keys=keys, known=known)
        audit.record(by=by, act=AuditAct.OPENED, count=len(opened))
    return len(opened)


def digest_missing(*, keys: "Keys", limit: int = BATCH) -> int:
    """Write the missing digests of opened tips, and return how many were written; no text is shown."""
    tips = list(Tip.objects.filter(opened=True, digested=False)[:limit])
    if not tips:
        return 0
    answers_by_tip: dict[UUID, list[dict[str, Any]]] = {tip.pk: [] for tip in tips}
    for entry in Entry.objects.filter(tip__in=tips, opened=True).select_related("tip"):
        answers_by_tip[entry.tip_id].append(_open(entry, keys).answers)
    with transaction.atomic():
        Digest.objects.filter(pk__in=answers_by_tip).delete()
        digests.write(answers_by_tip, keys=keys)
        Tip.objects.filter(pk__in=answers_by_tip).update(digested=True)
    return len(tips)


def read(*, tip: Tip, by: "User", keys: "Keys") -> Reading:
    """Return a tip's text and notes, after recording that `by` has read it."""
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():  # the row before the audit log, as in every verb, to avoid deadlocks
        _note_read(tip=tip, by=by)
        audit.record(by=by, act=AuditAct.READ, subject=tip.reference)
    entries = arrivals(tip=tip, keys=keys)
    entries.sort(key=lambda arrival: arrival.kind != "tip")  # stable; pictures drained before the text come after it
    has_contact = any(arrival.answers.get(name) for arrival in entries for name in CONTACT_DETAILS)
    broken = _("This note does not open, or does not belong here. Tell a lead.")
    return Reading(
        tip=tip,
        arrivals=tuple(_without_contact(arrival) for arrival in entries),
        notes=tuple(Remark(note, sealed.text(note, keys=keys, broken=broken)) for note in tip.notes.all()),
        has_contact=has_contact,
        swapped=_facts_differ(tip, entries),
    )


def _note_read(*, tip: Tip, by: "User") -> None:
    """Set what reading changes, unless a colleague has just changed it."""
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
    """Return the answers in these tips by the tip's key, after recording that `by` saw parts; no contact details.

    The caller leaves out tips that are hidden from `by`. Entries larger than any text (pictures) stay closed.
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
        contact |= {name: arrival.answers[name] for name in CONTACT_DETAILS if arrival.answers.get(name)}
    return contact


def picture_held(*, entry: Entry, number: int, keys: "Keys") -> bytes:
    """Return a picture for hashing, or for an export that is recorded; it must not be shown."""
    files = _unseal(entry, keys).files
    if not 0 <= number < len(files):
        raise Refused(_("There is no such picture."))
    return files[number]


def texts(*, tips: Iterable[Tip], keys: "Keys") -> dict[UUID, list[str]]:
    """Return the typed answers by the tip's key, without contact details, for comparison by code.

    A caller that shows any of it records that first. Entries larger than any text (pictures) stay closed.
    """
    return {
        pk: [text for answers in entries for text in answers.values() if isinstance(text, str)]
        for pk, entries in _small(tips, keys).items()
    }


def _small(tips: Iterable[Tip], keys: "Keys") -> dict[UUID, list[dict[str, Any]]]:
    """Return the answers by the tip's key, from entries small enough to be texts."""
    small = Entry.objects.annotate(size=Length("sealed")).filter(tip__in=list(tips), size__lte=LARGEST_TEXT)
    answers: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for entry in small.select_related("tip").order_by("position", "pk"):
        answers[entry.tip_id].append(_without_contact(_open(entry, keys)).answers)
    return answers


def picture(*, entry: Entry, number: int, by: "User", keys: "Keys") -> bytes:
    """Return the `number`th picture (from 0) of an entry as JPEG bytes, after recording that it was read."""
    recusal.require_free(tip=entry.tip, by=by)
    audit.record(by=by, act=AuditAct.READ_PICTURE, subject=entry.tip.reference, number=number)
    return picture_held(entry=entry, number=number, keys=keys)


def arrivals(*, tip: Tip, keys: "Keys") -> list[OpenedEntry]:
    """Return all entries of a tip, contact details included, for rules that compare and show nothing."""
    return [_open(entry, keys) for entry in tip.entries.select_related("tip")]


def _unseal(entry: Entry, keys: "Keys") -> envelope.Bundle:
    try:
        return envelope.open_sealed(bytes(entry.sealed), identities=keys.identities, bound=entry.bound())
    except envelope.EnvelopeError as error:
        raise Swapped(_("This envelope does not open, or does not belong to this tip. Tell a lead.")) from error


def _content(entry: Entry, keys: "Keys") -> dict[str, Any] | None:
    """Return the content of an entry without its files; None if it does not open."""
    try:
        return _unseal(entry, keys).content
    except Swapped:
        return None


def _open(entry: Entry, keys: "Keys") -> OpenedEntry:
    """Return an opened entry; one that does not open is `broken`, and the rest of the tip still shows."""
    try:
        bundle = _unseal(entry, keys)
    except Swapped:
        return OpenedEntry(entry, "broken")
    content = bundle.content
    return OpenedEntry(
        entry,
        content["kind"],
        content.get("answers", {}),
        len(bundle.files),
        suspect=tuple(content.get("suspect", ())),
        reply_to=content.get("reply_to", ""),
        after=content.get("after", 0),
    )


def _facts_differ(tip: Tip, arrivals: Sequence[OpenedEntry]) -> bool:
    """Return whether a tip's metadata match none of its entries: somebody has changed the row."""
    facts_of_entries = [metadata.facts(arrival.answers) for arrival in arrivals if arrival.kind == "tip"]
    row = {"category": tip.category, "area": tip.area, "appeal": tip.appeal}
    return tip.opened and bool(facts_of_entries) and row not in facts_of_entries


def _without_contact(arrival: OpenedEntry) -> OpenedEntry:
    answers = {name: value for name, value in arrival.answers.items() if name not in CONTACT_DETAILS}
    return replace(arrival, answers=answers)
