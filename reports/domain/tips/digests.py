"""Digests of opened tips: written on opening, packed into segments by an unlocked desk, deleted with the tip.

A digest holds the words and entities that senders wrote, without notes, sanitised texts and contact details. Segments
are a cache: an act that changes a tip's digest deletes its segment in the same transaction, and later searches pack
the digests again, some at a time.
"""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, Sum

from reports import questions
from reports.domain import desk
from reports.models import Digest, Segment, Tip
from reports.sealing import digest, envelope, query, segment

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys

LOOSE = 256  # unpacked digests below this number are opened one by one; otherwise they are packed first
SIZE = 1_024  # bytes that a digest is at least padded to, so that its length reveals little

# What is ticked beside a text, each once. A test fails for a new question until it stands in one of the two.
ANOTHER = ("kind", "area")  # who chooses another one means something else, and says another thing
THE_SAME = ("danger", "under_18", "ongoing", "source", "guessable", "contact", "police")  # about the sender, or a risk


def ciphers(keys: "Keys") -> digest.DigestKeys:
    """Return an unlocked desk's keys for digests."""
    return digest.DigestKeys(keys.identities)


def texts(answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the searchable answers, in the form's order: what was typed to a question, without contact details."""
    given = {name: answers.get(name) for name in questions.SEARCHABLE}
    return {name: text for name, text in given.items() if text and isinstance(text, str)}


def plain(answers: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the digest of these answers, in clear. A long text takes some hundredths of a second."""
    return digest.digest([text for entry in answers for text in texts(entry).values()])


def alike(plain: bytes, content: Mapping[str, Any], *, cipher: digest.DigestKeys) -> str:
    """Return the keyed hash of a tip's whole text, from its digest in clear; empty for what is no tip.

    Equal for tips of which all that was typed is equal, case, spaces and punctuation apart, and also the kind, the
    area, the appeal and the contact details: who means another place, or is another person, says something else. What
    stands in THE_SAME makes no difference, or a program that ticks at random would fill the queue with one text.
    """
    answers = content.get("answers", {})
    beside = (*ANOTHER, "appeal", *sorted(questions.CONTACT_DETAILS))
    facts = [" ".join(str(answers.get(name, "")).casefold().split()) for name in beside]
    return cipher.alike(plain, *facts) if content["kind"] == "tip" else ""


def write(plains: Mapping[UUID, Sequence[bytes]], *, keys: "Keys", known: Iterable[UUID] = ()) -> None:
    """Write tips' digests (their entries', by the tip's key) in the caller's transaction; extend those of `known`."""
    rows = Digest.objects.filter(pk__in=known).select_for_update()
    older = dict(opened(rows, keys=keys))
    drop_segments(rows.values_list("segment_id", flat=True))
    parts = {tip: [older[tip], *new] if tip in older else new for tip, new in plains.items()}
    store({tip: functools.reduce(digest.extended, entries) for tip, entries in parts.items()}, keys=keys)


def store(plains: Mapping[UUID, bytes], *, keys: "Keys") -> None:
    """Seal these digests and store them, unpacked."""
    index, cipher = desk.public_key().index, ciphers(keys)
    rows = [Digest(tip_id=tip, key_index=index) for tip in plains]
    for row in rows:
        row.sealed = _sealed(row.bound(), plains[row.tip_id], cipher)
    fields = ("key_index", "sealed", "segment")
    Digest.objects.bulk_create(rows, update_conflicts=True, unique_fields=["tip"], update_fields=fields)


def forget(*, tip: Tip) -> None:
    """Delete the segment of a tip's digest; the caller deletes the tip in the same transaction."""
    drop_segments(Digest.objects.filter(tip=tip).values_list("segment_id", flat=True))


def drop_segments(numbers: Iterable[int | None]) -> None:
    """Delete these segments. Their digests stay, and a later search packs them again."""
    dropped = {number for number in numbers if number is not None}
    if dropped:
        with transaction.atomic():
            Digest.objects.filter(segment__in=dropped).update(segment=None)
            Segment.objects.filter(pk__in=dropped).delete()


def take_whole(rows: Sequence[Digest]) -> list[Digest]:
    """Lock these digests' tips and all digests of their segments; return those of which nobody else holds anything.

    The caller is in a transaction. Sealing one again changes it twice, for which PostgreSQL locks its tip, and changes
    its segment's other digests.
    """
    tips = Tip.objects.filter(pk__in=[row.tip_id for row in rows]).select_for_update(skip_locked=True)
    members = Digest.objects.filter(segment__in={row.segment_id for row in rows} - {None})
    free = set(tips.values_list("pk", flat=True))
    held = set(members.select_for_update(skip_locked=True).values_list("pk", flat=True))
    cut = {segment for pk, segment in members.values_list("pk", "segment_id") if pk not in held}
    return [row for row in rows if row.tip_id in free and row.segment_id not in cut]


def seal_again(row: Digest, *, keys: "Keys", index: int) -> bool:
    """Seal a digest to the current desk key and delete its segment; False if it does not open, or has changed."""
    cipher = ciphers(keys)
    try:
        plain = _opened(row.bound(), row.sealed, cipher)
    except digest.DigestError:
        return False
    was = row.key_index
    row.key_index = index
    row.sealed = _sealed(row.bound(), plain, cipher)
    with transaction.atomic():
        drop_segments([row.segment_id])
        same = Digest.objects.filter(pk=row.pk, key_index=was)
        return bool(same.update(sealed=row.sealed, key_index=index))


def drop_older(*, index: int, limit: int) -> int:
    """Delete up to `limit` segments sealed to another desk key than `index`, and return how many were deleted."""
    older = list(Segment.objects.exclude(key_index=index).order_by("number").values_list("pk", flat=True)[:limit])
    drop_segments(older)
    return len(older)


def ready() -> tuple[int, int]:
    """Return how many tips can be searched without packing first, and how many there are."""
    packed = Segment.objects.aggregate(sum=Sum("count"))["sum"] or 0
    loose, missing = (
        Digest.objects.filter(segment=None).count(),
        Tip.objects.filter(opened=True, digested=False).count(),
    )
    return packed + (loose if loose < LOOSE else 0), packed + loose + missing


def prepare(*, keys: "Keys") -> bool:
    """Pack one segment, in about a tenth of a second; return False if fewer than LOOSE digests are unpacked."""
    loose = Digest.objects.filter(segment=None).order_by("tip_id")
    if not loose[LOOSE - 1 : LOOSE].exists():
        return False
    with transaction.atomic():
        _pack(list(loose.select_for_update()[: segment.PACKED]), ciphers(keys))
    return True


def opened(rows: "QuerySet[Digest]", *, keys: "Keys") -> Iterator[tuple[UUID, bytes]]:
    """Yield the tip and the plaintext of each digest that opens."""
    cipher = ciphers(keys)
    for tip, index, sealed in rows.values_list("tip_id", "key_index", "sealed"):
        try:
            yield tip, _opened(Digest.facts(tip, key_index=index), sealed, cipher)
        except digest.DigestError:
            continue


def holding(row: Segment, terms: Sequence[query.Term], *, cipher: digest.DigestKeys) -> list[tuple[int, UUID]]:
    """Return the position and tip of each digest in a segment that holds all terms, the last first.

    A segment that does not open, or was just deleted, gives none; the next search packs its digests again.
    """
    try:
        index = segment.Index(cipher.open(bytes(row.sealed), bound=_bound("index", row.bound())))
        places = list(index.matching(terms, texts=lambda: _texts(row.number, cipher)))
    except Segment.DoesNotExist:
        return []
    except digest.DigestError:
        drop_segments([row.number])
        return []
    return [(place, UUID(bytes=index.tip(place))) for place in places]


def holders(row: Segment, names: Iterable[str], *, cipher: digest.DigestKeys) -> dict[str, list[UUID]]:
    """Return the tips in a segment by each of these entities (`#plate:AB12CDE`), the last first."""
    try:
        index = segment.Index(cipher.open(bytes(row.sealed), bound=_bound("index", row.bound())))
    except digest.DigestError:
        drop_segments([row.number])
        return {}
    places = {name: index.matching([query.Term((name,))], texts=bytes) for name in names}
    return {name: [UUID(bytes=index.tip(place)) for place in positions] for name, positions in places.items()}


def _texts(number: int, cipher: digest.DigestKeys) -> bytes:
    row = Segment.objects.defer("sealed").get(pk=number)
    return cipher.open(bytes(row.texts), bound=_bound("texts", row.bound()))


def _pack(rows: list[Digest], cipher: digest.DigestKeys) -> None:
    members, length, broken = list[tuple[bytes, bytes]](), 0, list[UUID]()
    for row in rows:
        try:
            plain = _opened(row.bound(), row.sealed, cipher)
        except digest.DigestError:
            broken.append(row.tip_id)
            continue
        length += len(plain)
        if members and length > segment.PACKED_BYTES:
            break
        members.append((row.tip_id.bytes, plain))
    # A digest that does not open is written anew from its tip.
    Digest.objects.filter(pk__in=broken).delete()
    Tip.objects.filter(pk__in=broken).update(digested=False)
    if members:
        new = pack(members, cipher)
        Digest.objects.filter(pk__in=[UUID(bytes=tip) for tip, _ in members]).update(segment=new)


def pack(members: Sequence[tuple[bytes, bytes]], cipher: digest.DigestKeys) -> Segment:
    """Store a segment of these digests: (the tip's 16 bytes, its plaintext)."""
    packed = segment.pack(members)
    new = Segment.objects.create(count=len(members), key_index=desk.public_key().index, sealed=b"", texts=b"")
    new.sealed = cipher.seal(packed.listed, bound=_bound("index", new.bound()))
    new.texts = cipher.seal(packed.texts, bound=_bound("texts", new.bound()))
    new.save(update_fields=["sealed", "texts"])
    return new


def _sealed(bound: Mapping[str, str | int | bool], plain: bytes, cipher: digest.DigestKeys) -> bytes:
    padded = plain.ljust(envelope.size_class(len(plain), least=SIZE), b"\0")
    return cipher.seal(padded, bound=_bound("digest", bound))


def _opened(bound: Mapping[str, str | int | bool], box: bytes | memoryview, cipher: digest.DigestKeys) -> bytes:
    return cipher.open(bytes(box), bound=_bound("digest", bound)).rstrip(b"\0")


def _bound(part: str, facts: Mapping[str, str | int | bool]) -> str:
    return json.dumps([part, facts], sort_keys=True)
