"""Digests of opened tips: written on opening, extended when more is opened, deleted with the tip.

A digest holds the words and entities that senders wrote, without contact details; the language, and what a search
filters by of what they ticked; and apart from these the words of notes, translation and our wording. What the team
writes deletes it: the next search writes it anew from the whole tip.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from reports import questions
from reports.domain import state_files
from reports.domain.keys.keyholders import Keys
from reports.models import Digest, Tip
from reports.sealing import digest, envelope
from reports.text import commonest

SIZE = 1_024  # bytes that a digest is at least padded to, so that its length reveals little

# What is ticked beside a text, each once. A test fails for a new question until it stands in one of the two.
ANOTHER = ("kind", "area")  # who chooses another one means something else, and says another thing
FILTERED = ("danger", "under_18", "police")
THE_SAME = (
    "danger",
    "under_18",
    "ongoing",
    "source",
    "guessable",
    "contact",
    "police",
)  # about the sender, or a risk


def ciphers(keys: Keys) -> digest.DigestKeys:
    """Return an unlocked desk's keys for digests."""
    return digest.DigestKeys(keys.identities)


def texts(answers: Mapping[str, Any]) -> dict[str, str]:
    """Return the searchable answers, in the form's order: what was typed to a question, without contact details."""
    given = {name: answers.get(name) for name in questions.SEARCHABLE}
    return {name: text for name, text in given.items() if text and isinstance(text, str)}


def facts(answers: Mapping[str, Any], *, corrected: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield what a search filters by: what was chosen of FILTERED, "yes" for a tick, and the language, where clear.

    `corrected` is the language as a member or the page's address says it; None: it is guessed.
    """
    for name in FILTERED:
        value = "yes" if name == "under_18" and answers.get(name) else str(answers.get(name))
        if value in dict(questions.CHOICES.get(name, questions.YES_NO)):
            yield name, value
    if code := language(answers) if corrected is None else corrected:
        yield "language", code


def language(answers: Mapping[str, Any]) -> str:
    """Return the code of the language in which answers seem to be written; "" where that is not clear."""
    return commonest.guess(" ".join(texts(answers).values()))


def plain(
    answers: Iterable[Mapping[str, Any]],
    *,
    pages: Iterable[str] = (),
    ours: Sequence[str] = (),
    corrected: str | None = None,
) -> bytes:
    """Return the digest of these answers and of our texts, in clear; `corrected` as for `facts`.

    `pages` are the codes of the languages that each was sent in, which come before a guess; "" for unknown. A long text
    takes some hundredths of a second.
    """
    entries = list(zip(answers, chain(pages, repeat(""))))  # noqa: B905 - as many as there are answers
    their_texts = list[str]()
    names = list[str]()
    for entry, page in entries:
        language = (page or None) if corrected is None else corrected
        their_texts += texts(entry).values()
        names += [digest.name(*fact) for fact in facts(entry, corrected=language)]
    theirs = digest.digest(their_texts, facts=names)
    if ours:
        return theirs + digest.OURS + digest.digest(ours)
    return theirs


def fact(name: str, value: str) -> bytes:
    """Return the bytes that a digest, in clear, holds where one of its `facts` is this one."""
    return f" {digest.name(name, value)} ".encode()


def of_sender(plain: bytes) -> bytes:
    """Return what of a digest, in clear, its sender wrote."""
    return plain.partition(digest.OURS)[0]


def alike(plain: bytes, content: Mapping[str, Any], *, cipher: digest.DigestKeys) -> str:
    """Return the keyed hash of a tip's whole text, from its digest in clear; empty for what is no tip.

    Equal for tips of which all that was typed is equal, case, spaces and punctuation apart, and also the kind, the
    area, the appeal and the contact details: who means another place, or is another person, says something else. What
    stands in THE_SAME makes no difference, or a program that ticks at random would fill the queue with one text.
    """
    answers = content.get("answers", {})
    beside = (*ANOTHER, "appeal", *sorted(questions.CONTACT_DETAILS))
    facts = [" ".join(str(answers.get(name, "")).casefold().split()) for name in beside]
    if content["kind"] == "tip":
        return cipher.alike(plain, *facts)
    return ""


def write(plains: Mapping[UUID, bytes], *, keys: Keys) -> None:
    """Seal these digests, by the tip's key, and store them in the caller's transaction."""
    index = state_files.public_key().index
    cipher = ciphers(keys)
    rows = [Digest(tip_id=tip, key_index=index) for tip in plains]
    for row in rows:
        row.sealed = _sealed(row, plains[row.tip_id], cipher)
    Digest.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["tip"], update_fields=["key_index", "sealed"]
    )


def extend(plains: Mapping[UUID, bytes], *, keys: Keys) -> None:
    """Add what these digests hold to those of the same tips, in the caller's transaction.

    A stored one that is missing or does not open stays so: the next search writes it from the whole tip.
    """
    older = opened(Digest.objects.filter(pk__in=plains).select_for_update(), keys=keys)
    write({tip: digest.extended(plain, plains[tip]) for tip, plain in older}, keys=keys)


def drop(tip: Tip) -> None:
    """Delete a tip's digest, in the caller's transaction, since the team writes about it.

    The tip is locked, so that no search writes at the same time what does not hold the new text.
    """
    Tip.objects.select_for_update().get(pk=tip.pk)
    Digest.objects.filter(tip=tip).delete()


def seal_again(row: Digest, *, keys: Keys, index: int) -> bool:
    """Seal a digest to the current desk key; return False if it does not open, or has changed since then."""
    cipher = ciphers(keys)
    plain = unsealed(row.tip_id, row.key_index, row.sealed, cipher=cipher)
    if plain is None:
        return False
    same = Digest.objects.filter(pk=row.pk, key_index=row.key_index)
    row.key_index = index
    row.sealed = _sealed(row, plain, cipher)
    return bool(same.update(sealed=row.sealed, key_index=index))


def opened(rows: QuerySet[Digest], *, keys: Keys) -> Iterator[tuple[UUID, bytes]]:
    """Yield the tip and the plaintext of each digest that opens."""
    cipher = ciphers(keys)
    for tip, index, sealed in rows.values_list("tip_id", "key_index", "sealed"):
        if (plain := unsealed(tip, index, sealed, cipher=cipher)) is not None:
            yield tip, plain


def unsealed(
    tip: UUID, index: int, sealed: bytes | memoryview, *, cipher: digest.DigestKeys
) -> bytes | None:
    """Return the plaintext of a tip's digest, which has this key index; None if it does not open."""
    try:
        padded = cipher.open(bytes(sealed), bound=Digest.facts(tip, key_index=index))
    except digest.DigestError:
        return None
    return padded.partition(b"\0")[0]


def _sealed(row: Digest, plain: bytes, cipher: digest.DigestKeys) -> bytes:
    padded = plain.ljust(envelope.size_class(len(plain), least=SIZE), b"\0")
    return cipher.seal(padded, bound=row.bound())
