"""Opening tips: what is in their entries, once the reading is recorded (docs/architecture.md lists its importers)."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, Model, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Length
from django.utils import timezone

from core.languages import NAMES
from reports.domain.audit import audit_log, columns, findings
from reports.domain.audit.findings import Finding
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused, Swapped
from reports.domain.intake import photos, receiving
from reports.domain.keys import unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import asking, digests, metadata, recusal, things
from reports.domain.tips.opened_entry import OpenedEntry
from reports.models import (
    AuditAct,
    AuditEvent,
    ChangedAnswer,
    ClosedPictures,
    Digest,
    Entry,
    Note,
    Recusal,
    Status,
    Tip,
    Translation,
    Wording,
)
from reports.questions import CONTACT_DETAILS
from reports.sealing import digest, envelope
from reports.text import weapons

LARGEST_TEXT = 700_000  # bytes of an envelope with the longest answers, in any script
SHORT_TEXT = 64_000  # bytes of an envelope that is opened for a list of tips: many long ones should not slow it down
BATCH = 500  # envelopes that one call opens at most
BUDGET = (
    0.3  # seconds after which a call begins no further one: many long ones should slow no page down
)
AT_ONCE = 25  # envelopes that are read from the database together
LATELY = timedelta(minutes=10)  # for which another member who read a tip is taken to have it open
SHAPE: dict[str, Any] = {  # anybody can seal any
    "kind": "",
    "answers": {},
    "suspect": [],
    "reply_to": "",
    "language": "",
    "after": 0,
}
KINDS = ("tip", "photos", "reply")
DANGER = "danger"
WORDS_IN = ("entry ", "wording ")  # names of rows whose words a digest has
ABOUT_DANGER = ("danger", "under_18", "kind")  # what a list shows of what a sender ticked
REVEAL_REASONS = {
    "asked": "The sender asked to be contacted",
    DANGER: "Someone may be in danger",
    "team_lead": "A team lead asked for them",
}
HEADINGS: dict[type[Model], Any] = {
    Note: "Note by %(author)s",
    Wording: "Our wording, by %(author)s",
    Translation: "Translation by %(author)s",
}


@dataclass(frozen=True)
class Remark:
    """One opened note."""

    note: Note
    text: str = field(repr=False)


@dataclass(frozen=True)
class Reading:
    """A tip as a member may see it."""

    tip: Tip
    entries: tuple[OpenedEntry, ...]
    notes: tuple[Remark, ...]
    has_contact: bool
    swapped: bool  # the kind, area or appeal in the row is not what any of its answers says
    doubts: tuple[Finding, ...] = ()  # what is not as the log says

    @property
    def has_one_holder(self) -> bool:
        """Return whether all that opens was sent with the same seven words."""
        return asking.has_one_holder(self.entries)

    @property
    def was_made_quiet(self) -> bool:
        """Return whether its sender named danger and the row is not urgent: only a change of the database does that."""
        return not self.tip.urgent and any(
            receiving.is_urgent(entry.answers) for entry in self.entries
        )

    def doubt(self, row: Entry) -> str:
        """Return what is wrong with an entry of it: changed, added, or "" where nothing is."""
        return next((doubt.what for doubt in self.doubts if doubt.is_of(row)), "")

    @property
    def doubts_in_words(self) -> list[str]:
        """Return what is not as the log says, each once."""
        return list(dict.fromkeys(doubt.sentence for doubt in self.doubts))


@dataclass(frozen=True)
class _New:
    """An entry that is opened for the first time: its content, None if it does not open, and its digest in clear."""

    entry: Entry
    content: dict[str, Any] | None = field(repr=False)
    digest: bytes = field(repr=False)
    alike: str = ""  # a keyed hash of a tip's whole text
    rings: bool = False  # what a public machine said of it is true: its sender fears for someone
    is_empty: bool = False  # it opens, and there is nothing in it to read


def open_new(*, by: User, keys: Keys, limit: int = BATCH, seconds: float = BUDGET) -> int:
    """Unseal up to `limit` entries for the first time, set their tips' metadata, and return how many were opened.

    No text is returned: an opened tip has not been read. An envelope that does not open stays as it is. Urgent tips
    come first, then the shortest, and those that are moved to the end of the queue last. No further entry is begun
    after `seconds` of work, so whoever sends many long ones holds up neither the others nor the page. What takes time
    is done before the transaction, which then takes only what nobody has opened or sealed again meanwhile.
    """
    return _open_new(_waiting(limit), by=by, keys=keys, seconds=seconds)


def _open_new(waiting: Sequence[UUID], *, by: User, keys: Keys, seconds: float = BUDGET) -> int:
    """Open these entries as `open_new` does."""
    tried = _tried(waiting, keys, seconds=seconds)
    # Entries that do not open go to the end of the queue, so that they never block others.
    closed = [new.entry.pk for new in tried if new.content is None]
    Entry.objects.filter(pk__in=closed, opened=False).update(broken=True)
    if len(tried) == len(closed):
        return 0
    hidden = _things_in_hidden(keys)
    with transaction.atomic():
        still_new = Entry.objects.filter(pk__in=[new.entry.pk for new in tried], opened=False)
        taken = dict(still_new.select_for_update().order_by("pk").values_list("pk", "key_index"))
        opened = [
            new
            for new in tried
            if new.content is not None and taken.get(new.entry.pk) == new.entry.key_index
        ]
        if opened:
            plains = _store(opened, by=by, keys=keys)
            _hide_unseen(plains, hidden, keys)
    return len(opened)


def _things_in_hidden(keys: Keys) -> dict[UUID, list[things.Thing]]:
    """Return which houses, plates and numbers each tip names that a member has hidden from themself."""
    hidden = set(Recusal.objects.order_by().values_list("tip", flat=True))
    plains: dict[UUID, bytes] = {}
    if hidden:
        plains = dict(digests.opened(Digest.objects.filter(pk__in=hidden), keys=keys))
    missing = hidden - plains.keys()
    if missing:
        plains |= digest_anew(tips=missing, keys=keys)
    return {pk: things.of_digest(digests.of_sender(plain)) for pk, plain in plains.items()}


def _hide_unseen(
    plains: Mapping[UUID, bytes], hidden: Mapping[UUID, list[things.Thing]], keys: Keys
) -> None:
    """Hide what is opened with the hidden tips that name the same, in the caller's transaction."""
    for pk, named in hidden.items():
        same = [
            other for other, plain in plains.items() if other != pk and things.shared(named, plain)
        ]
        others = Tip.objects.without_end().filter(pk__in=same)
        if others:
            recusal.hide_unseen(tip=Tip.objects.get(pk=pk), others=others, keys=keys)


def left() -> int:
    """Return how many entries still wait to be opened; those that do not open are not counted."""
    return Entry.objects.filter(opened=False, broken=False).count()


def _waiting(limit: int) -> list[UUID]:
    """Return the keys of the entries that are opened next."""
    waiting = Entry.objects.filter(opened=False).annotate(size=Length("sealed"))
    # The first entries of all tips before any follow-up: a tip's facts stand in its first.
    ringing = F("alarm_at").asc(nulls_last=True)
    # What a program seems to have sent comes last, or it would hold up people's by saying that it is urgent.
    in_turn = waiting.order_by(
        "broken", "tip__at_end", "-tip__urgent", ringing, "position", "size", "pk"
    )
    return list(in_turn.values_list("pk", flat=True)[:limit])


def _tried(waiting: Sequence[UUID], keys: Keys, *, seconds: float) -> list[_New]:
    """Return these entries, unsealed and digested, until the time is over; at least one."""
    tried = list[_New]()
    began = time.monotonic()
    cipher = digests.ciphers(keys)
    for at in range(0, len(waiting), AT_ONCE):
        rows = Entry.objects.select_related("tip").only(
            *("received", "key_index", "sealed", "tag", "position", "alarm_at"),
            *("tip__lookup", "tip__reference", "tip__urgent"),
        )
        some = waiting[at : at + AT_ONCE]
        entries = rows.in_bulk(some)
        tips = {entry.tip_id for entry in entries.values()}
        corrected = set(Translation.objects.filter(tip__in=tips).values_list("tip_id", flat=True))
        for entry in filter(None, map(entries.get, some)):
            if tried and time.monotonic() - began > seconds:
                return tried
            bundle = _bundle(entry, keys)
            content = bundle.content if bundle else None
            plain, alike = _digested(
                content, cipher, corrected="" if entry.tip_id in corrected else None
            )
            is_empty = bundle is not None and not (
                bundle.files or any(bundle.content.get("answers", {}).values())
            )
            # Of whichever holder: a false alarm costs a look, a silent one can cost a life. A tip that is not urgent
            # although its envelope says so was made quiet in the database.
            says_danger = receiving.is_urgent((content or {}).get("answers", {}))
            rings = says_danger and (entry.alarm_at is not None or not entry.tip.urgent)
            tried.append(_New(entry, content, plain, alike, rings=rings, is_empty=is_empty))
    return tried


def _digested(
    content: dict[str, Any] | None, cipher: digest.DigestKeys, *, corrected: str | None = None
) -> tuple[bytes, str]:
    """Return an entry's digest in clear, and the keyed hash of its whole text; both empty where it does not open.

    A language that is corrected already ("") is not guessed again.
    """
    if not content:
        return b"", ""
    plain = digests.plain(
        [content.get("answers", {})], pages=[content["language"]], corrected=corrected
    )
    return plain, digests.alike(plain, content, cipher=cipher)


def _store(opened: Sequence[_New], *, by: User, keys: Keys) -> dict[UUID, bytes]:
    """Set the metadata of these entries' tips and write their digests, in the caller's transaction; return what is new.

    These are the digests of what is opened, by the tip's key, in clear.
    """
    alike = {new.entry.pk: new.alike for new in opened}
    now = timezone.now()
    first, known = metadata.fill([(new.entry, new.content or {}) for new in opened], alike=alike)
    by_week: dict[date, list[UUID]] = defaultdict(list)
    empty = []
    ringing = set()
    for new in opened:
        by_week[metadata.monday(new.entry.received)].append(new.entry.pk)
        if new.is_empty:
            empty.append(new.entry.pk)
        if new.rings:
            ringing.add(new.entry.tip_id)
    for week, pks in by_week.items():
        Entry.objects.filter(pk__in=pks).update(opened=True, broken=False, received=week)
    Entry.objects.filter(pk__in=empty).update(broken=True)
    alarms = Tip.objects.filter(pk__in=ringing)
    done = Entry.objects.filter(pk__in=[new.entry.pk for new in opened]).exclude(
        tip__in=alarms.taken_again(now=now)
    )
    done.update(alarm_at=None)
    alarms.ring_again(now=now)
    plains: dict[UUID, bytes] = defaultdict(bytes)
    for new in opened:
        plains[new.entry.tip_id] = digest.extended(plains[new.entry.tip_id], new.digest)
    digests.write({tip: plains[tip] for tip in first}, keys=keys)
    digests.extend({tip: plains[tip] for tip in known}, keys=keys)
    by_tip: dict[str, list[Entry]] = defaultdict(list)
    for new in opened:
        new.entry.opened = True
        new.entry.received = metadata.monday(new.entry.received)
        by_tip[new.entry.tip.reference].append(new.entry)
    named = {tip: Named(entries, keys=keys) for tip, entries in by_tip.items()}
    audit_log.record_each(by=by, act=AuditAct.CONFIRMED_ROWS, subjects=list(named), rows=named)
    audit_log.record(by=by, act=AuditAct.OPENED, count=len(opened))
    return plains


def digest_anew(*, tips: Collection[UUID], keys: Keys) -> dict[UUID, bytes]:
    """Write the digests of tips from all that is opened of them and what we wrote; return these in clear, to compare.

    Nothing is written, and none returned, if the desk has a newer key: what is sealed to it would seem to be damaged.
    Nor is it written of a tip of which something that it holds is not as the log says.
    """
    if keys.outdated():
        return {}
    there = Tip.objects.in_bulk(tips)
    doubts = findings.compare(columns.of_tips(there.values()), proof=keys.audit_keys)
    changed = {doubt.subject for doubt in doubts if doubt.row.startswith(WORDS_IN)}
    entries_by_tip: dict[UUID, list[OpenedEntry]] = defaultdict(list)
    for entry in Entry.objects.filter(tip__in=there, opened=True).select_related("tip"):
        entries_by_tip[entry.tip_id].append(_open(entry, keys))
    with transaction.atomic():
        list(
            Tip.objects.select_for_update().order_by("pk").filter(pk__in=there)
        )  # see `digests.drop`
        our_texts = ours(tips=there.values(), keys=keys)
        languages = _languages(there.values(), keys)
        plains = {}
        for pk, entries in entries_by_tip.items():
            plains[pk] = digests.plain(
                [entry.answers for entry in entries],
                pages=[entry.language for entry in entries],
                ours=[text for _heading, text in our_texts.get(pk, ())],
                corrected=languages.get(pk),
            )
        unchanged = {pk: one for pk, one in plains.items() if there[pk].reference not in changed}
        digests.write(unchanged, keys=keys)
    return plains


def read(*, tip: Tip, by: User, keys: Keys) -> Reading:
    """Return a tip's text and notes, after recording that `by` has read it."""
    recusal.require_free(tip=tip, by=by)
    if Recusal.objects.filter(
        user=by
    ).exists():  # what it names may hide it from them, so that is looked at first
        _open_new(
            list(tip.entries.filter(opened=False).values_list("pk", flat=True)), by=by, keys=keys
        )
        recusal.require_free(tip=tip, by=by)
    with transaction.atomic():  # the row before the audit log, as in every verb, to avoid deadlocks
        parts = _note_read(tip=tip)
        audit_log.record(by=by, act=AuditAct.READ, subject=tip.reference, parts=parts)
    entries = open_all(tip=tip, keys=keys)
    entries.sort(
        key=lambda entry: entry.kind != "tip"
    )  # stable; pictures drained before the text come after it
    new = [entry.answers for entry in entries if not entry.row.opened]
    if any(
        answers.get("danger") == "unsure" for answers in new
    ):  # read before its turn: `open_new` says so later
        tip.unsure = bool(Tip.objects.filter(pk=tip.pk, decided=None).update(unsure=True))
    has_contact = any(map(_contact, entries))
    opened = [entry.row for entry in entries]
    return Reading(
        tip=tip,
        entries=tuple(map(without_contact, entries)),
        notes=tuple(Remark(note, unsealed.text(note, keys=keys)) for note in tip.notes.all()),
        has_contact=has_contact,
        swapped=facts_differ(tip, entries),
        doubts=tuple(
            findings.compare(columns.of_tips([tip], entries=opened), proof=keys.audit_keys)
        ),
    )


def readers(*, tip: Tip, by: User) -> list[str]:
    """Return which team members read a tip lately, by name."""
    read = AuditEvent.objects.filter(
        act=AuditAct.READ, subject=tip.reference, at__gt=timezone.now() - LATELY
    )
    return sorted(
        set(read.exclude(actor=by.get_username()).order_by().values_list("actor", flat=True))
    )


def handed_over(*, tips: Iterable[Tip], to: User, keys: Keys | None) -> dict[str, dict[str, Any]]:
    """Return `who` gave a member those of these tips that they have not read since, and when (`at`), by reference.

    With keys also `why`, from the note that was saved with it, once it is on the record that they saw a line of it.
    """
    own = {tip.reference: tip.pk for tip in tips if tip.assignee_id == to.pk}
    name = to.get_username()
    acts = AuditEvent.objects.filter(
        Q(act=AuditAct.ASSIGNED) | Q(act=AuditAct.READ, actor=name), subject__in=own
    )
    facts = acts.order_by("seq").values_list(
        "subject", "actor", "at", KT("detail__to"), KT("detail__note")
    )
    last = {}
    if own:
        last = {reference: rest for reference, *rest in facts}
    given = {}
    wanted = {}
    for reference, (who, at, receiver, note_key) in last.items():
        if receiver == name != who:
            given[reference] = (who, at, note_key)
            if note_key and keys:
                wanted[note_key] = reference
    noted = Note.objects.filter(tip__in=map(own.get, wanted.values()))
    notes = [note for note in noted if str(note.pk) in wanted]
    audit_log.record_each(
        by=to, act=AuditAct.GLIMPSED, subjects=[wanted[str(note.pk)] for note in notes]
    )
    why = {}
    if keys:
        why = {str(note.pk): unsealed.text(note, keys=keys) for note in notes}
    return {
        key: {"who": who, "at": at, "why": why.get(note_key)}
        for key, (who, at, note_key) in given.items()
    }


def read_up_to(*, tip: Tip, by: User) -> int:
    """Return how many parts of a tip had come when a member last read it; 0 if they never did."""
    read = AuditEvent.objects.filter(
        act=AuditAct.READ, subject=tip.reference, actor=by.get_username()
    )
    last = read.order_by("-seq").first()
    if last:
        return int(last.detail["parts"])
    return 0


def _note_read(*, tip: Tip) -> int:
    """Set what reading changes, unless a colleague has just changed it; return how many parts had come.

    An alarm is silenced by who takes the tip.
    """
    row = Tip.objects.filter(pk=tip.pk)
    parts = (
        tip.entries.aggregate(last=Max("position"))["last"] or 0
    )  # before it is read: what comes now counts as new
    # What its sender was not sure about goes with the decision, and here if that came before.
    row.update(unread=False, alike="", parts_read=parts, unsure=Q(unsure=True, decided=None))
    tip.unread = False
    tip.entries.filter(opened=True, alarm_at__isnull=False).update(alarm_at=None)
    if tip.status == Status.NEW:
        row.filter(status=Status.NEW).update(status=Status.READING)
        tip.refresh_from_db(fields=["status"])
    return parts


def glimpse(*, tips: Sequence[Tip], by: User, keys: Keys) -> dict[UUID, list[dict[str, Any]]]:
    """Return the answers in these tips by the tip's key, after recording that `by` saw parts; no contact details.

    The caller leaves out tips that are hidden from `by`.
    """
    return _answers(glimpse_entries(tips=tips, by=by, keys=keys))


def glimpse_entries(*, tips: Sequence[Tip], by: User, keys: Keys) -> dict[UUID, list[OpenedEntry]]:
    """As `glimpse`, but whole entries, of which one can be broken."""
    audit_log.record_each(by=by, act=AuditAct.GLIMPSED, subjects=[tip.reference for tip in tips])
    return _small_entries(tips, keys, largest=LARGEST_TEXT)


def reveal(*, tip: Tip, by: User, keys: Keys, reason: str) -> list[tuple[date, dict[str, str]]]:
    """Return every set of contact answers with its week, after recording who asked and why (a key of REVEAL_REASONS).

    Raises Refused where the sender did not choose to be phoned or emailed, unless the reason is DANGER.
    """
    if reason not in REVEAL_REASONS:
        raise Refused("Choose why you need the contact details.")
    recusal.require_free(tip=tip, by=by)
    entries = open_all(tip=tip, keys=keys)
    if reason != DANGER and not asking.may_phone(entries):
        raise Refused(
            "The sender did not choose to be phoned or emailed. We show these details only if someone may be in danger."
        )
    audit_log.record(by=by, act=AuditAct.REVEALED, subject=tip.reference, reason=reason)
    is_for_all = (
        reason == DANGER
    )  # else not what came once the words were stopped: it may be somebody else's number
    sets = []
    for entry in entries:
        is_shown = is_for_all or not asking.is_late(entry.row.tip, entry.row.position)
        contact = _contact(entry)
        if is_shown and contact:
            sets.append((metadata.monday(entry.row.received), contact))
    return sets


def picture_held(*, entry: Entry, number: int, keys: Keys) -> bytes:
    """Return a picture for hashing, or for an export that is recorded; it must not be shown.

    Raises Refused for one that is closed, so no page, referral or file has it.
    """
    if ClosedPictures.objects.standing().filter(tip=entry.tip_id).exists():
        raise Refused("The pictures of this tip are closed to everybody.")
    files = _unseal(entry, keys).files
    if not 0 <= number < len(files):
        raise Refused("We cannot find this picture.")
    return files[number]


def about_danger(*, tips: Iterable[Tip], keys: Keys) -> dict[UUID, list[dict[str, Any]]]:
    """Return by the tip's key what its sender ticked of ABOUT_DANGER, and no typed word: this is not a reading.

    `weapons` says whether a word of `reports/text/weapons` stands in it: lists are sorted by that, and no page shows
    it, as it would tell something of the text. Entries larger than SHORT_TEXT stay closed: their tip's page says it.
    """
    ticked = dict[UUID, list[dict[str, Any]]]()
    for pk, entries in small(tips=tips, keys=keys, largest=SHORT_TEXT).items():
        ticked[pk] = [_about_danger(answers) for answers in entries]
    return ticked


def _about_danger(answers: Mapping[str, Any]) -> dict[str, Any]:
    ticked = {name: answers[name] for name in ABOUT_DANGER if name in answers}
    typed = [str(answers[name]) for name in ("what", "dangers") if answers.get(name)]
    return ticked | {"weapons": weapons.named_in(typed)}


def small(
    *, tips: Iterable[Tip], keys: Keys, largest: int = LARGEST_TEXT
) -> dict[UUID, list[dict[str, Any]]]:
    """Return the answers by the tip's key, without contact details; a caller that shows any of it records that first.

    Entries larger than `largest` bytes (pictures, unless it says otherwise) stay closed.
    """
    return _answers(_small_entries(tips, keys, largest=largest))


def _small_entries(
    tips: Iterable[Tip], keys: Keys, *, largest: int
) -> dict[UUID, list[OpenedEntry]]:
    small = Entry.objects.annotate(size=Length("sealed")).filter(
        tip__in=list(tips), size__lte=largest
    )
    opened = [
        _open(entry, keys) for entry in small.select_related("tip").order_by("position", "pk")
    ]
    entries: dict[UUID, list[OpenedEntry]] = defaultdict(list)
    for entry in _with_changes(opened, keys):
        entries[entry.row.tip_id].append(without_contact(entry))
    return entries


def _answers(entries: Mapping[UUID, list[OpenedEntry]]) -> dict[UUID, list[dict[str, Any]]]:
    answers = defaultdict[UUID, list[dict[str, Any]]](list)
    for pk, its in entries.items():
        answers[pk] = [entry.answers for entry in its]
    return answers


def ours(*, tips: Iterable[Tip], keys: Keys) -> dict[UUID, list[tuple[str, str]]]:
    """Return notes and the latest wording of ours and translation, each with its heading, by the tip's key.

    A caller that shows any of it records that first. What does not open is left out.
    """
    texts: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    rows: list[Any] = [
        *Note.objects.filter(tip__in=list(tips)),
        *_newest(Wording, tips),
        *_newest(Translation, tips),
    ]
    for row in rows:
        with suppress(Swapped):
            heading = HEADINGS[type(row)] % {"author": row.author}
            texts[row.tip_id].append((heading, unsealed.content(row, keys=keys, text=str)["text"]))
    return texts


def _languages(tips: Iterable[Tip], keys: Keys) -> dict[UUID, str]:
    """Return the languages that members corrected, by the tip's key; "" for none that we can name."""
    languages: dict[UUID, str] = {}
    for row in _newest(Translation, tips):
        with suppress(Swapped):
            languages[row.tip_id] = unsealed.content(row, keys=keys, language=str)["language"]
    return languages


def _newest(model: Any, tips: Iterable[Tip]) -> list[Any]:
    """Return the latest version that each of these tips has."""
    return list(
        {
            row.tip_id: row for row in model.objects.filter(tip__in=list(tips)).order_by("version")
        }.values()
    )


def picture(*, entry: Entry, number: int, by: User, keys: Keys) -> bytes:
    """Return the `number`th picture (from 0) of an entry, drawn anew as JPEG, after recording that it was read."""
    recusal.require_free(tip=entry.tip, by=by)
    facts: dict[str, Any] = {
        "entry": entry.position,
        "number": number,
    }  # each entry counts its pictures from 0
    audit_log.record(by=by, act=AuditAct.READ_PICTURE, subject=entry.tip.reference, **facts)
    return photos.redrawn(picture_held(entry=entry, number=number, keys=keys))


def open_all(*, tip: Tip, keys: Keys) -> list[OpenedEntry]:
    """Return all entries of a tip, contact details included, for rules that compare and show nothing."""
    return _with_changes([_open(entry, keys) for entry in tip.entries.select_related("tip")], keys)


def alike(*, tip: Tip, keys: Keys) -> str:
    """Return the keyed hash of a tip's whole text, made afresh, as the stored one goes when it is read.

    Empty where more than one part has come, or where it does not open.
    """
    entries = list(tip.entries.select_related("tip")[:2])
    if len(entries) != 1:
        return ""
    bundle = _bundle(entries[0], keys)
    if bundle is None:
        return ""
    return _digested(bundle.content, digests.ciphers(keys))[1]


def is_unchanged(*, tip: Tip, keys: Keys) -> bool:
    """Return whether everything of a tip is as the log says."""
    return not findings.compare(columns.of_tips([tip]), proof=keys.audit_keys)


def _unseal(entry: Entry, keys: Keys) -> envelope.Bundle:
    try:
        bundle = unsealed.bundle(entry, keys=keys)
    except Swapped as error:
        raise Swapped(
            "We cannot open this part of the tip, or it belongs to another tip. Tell a team lead."
        ) from error
    content = envelope.readable(bundle.content)
    if not _is_ours(content):
        raise Swapped(
            "We cannot read this part of the tip: it did not come from our form. Tell a team lead."
        )
    code = content.get("language", "")
    if code not in NAMES:
        code = ""
    return replace(bundle, content=content | {"language": code})


def _is_ours(content: dict[str, Any]) -> bool:
    """Return whether an envelope holds what our pages put there: any other is closed, and stops no other."""
    if any(type(content.get(name, of)) is not type(of) for name, of in SHAPE.items()):
        return False
    for value in (*content.get("answers", {}).values(), *content.get("suspect", ())):
        is_text = isinstance(value, str) and "\0" not in value
        if not is_text and not isinstance(value, bool):
            return False
    return content.get("kind") in KINDS


def _bundle(entry: Entry, keys: Keys) -> envelope.Bundle | None:
    """Return what an entry holds; None if it does not open."""
    try:
        return _unseal(entry, keys)
    except Swapped:
        return None


def _open(entry: Entry, keys: Keys) -> OpenedEntry:
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
        language=content["language"],
        after=content.get("after", 0),
    )


def changed_answers(*, tips: Collection[UUID], keys: Keys) -> list[tuple[ChangedAnswer, str]]:
    """Return by tips' keys what members read of changed answers about the police; one that we cannot read is a no."""
    changes: list[tuple[ChangedAnswer, str]] = []
    for row in ChangedAnswer.objects.filter(tip__in=tips).select_related("tip"):
        answer = "no"
        with suppress(Swapped):
            if unsealed.content(row, keys=keys, answer=str)["answer"] == "words":
                answer = "words"
        changes.append((row, answer))
    return changes


def _with_changes(entries: list[OpenedEntry], keys: Keys) -> list[OpenedEntry]:
    """Return these with what members read in each of a stricter answer about the police."""
    changes: dict[tuple[UUID, int], list[str]] = defaultdict(list)
    for row, answer in changed_answers(tips={entry.row.tip_id for entry in entries}, keys=keys):
        changes[row.tip_id, row.position].append(answer)
    return [
        replace(each, changed=tuple(changes[each.row.tip_id, each.row.position]))
        for each in entries
    ]


def facts_differ(tip: Tip, entries: Sequence[OpenedEntry]) -> bool:
    """Return whether a tip's metadata match none of its entries: someone has changed the row."""
    facts_of_entries = [metadata.facts(entry.answers) for entry in entries if entry.kind == "tip"]
    row = {"category": tip.category, "area": tip.area, "appeal": tip.appeal}
    return tip.opened and bool(facts_of_entries) and row not in facts_of_entries


def _contact(entry: OpenedEntry) -> dict[str, str]:
    return {name: entry.answers[name] for name in CONTACT_DETAILS if entry.answers.get(name)}


def without_contact(entry: OpenedEntry) -> OpenedEntry:
    """Return an entry as pages may show it: contact details are revealed by an act of their own."""
    answers = {name: value for name, value in entry.answers.items() if name not in CONTACT_DETAILS}
    return replace(entry, answers=answers)
