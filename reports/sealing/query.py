"""Turn a typed query into terms, for searching digests, and find where a text matches them.

A query holds words, "phrases in quotes", beginnings* and the entities of `reports.text.entities`. All terms must match.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from reports.sealing.digest import WORD, name, names_of
from reports.text import entities

LONGEST = 300  # characters
MOST = 20  # terms
QUOTED = re.compile(r'"[^"]*"?')
PART = re.compile(r'"([^"]*)"?|(\S+)')
PREFIXED = ("plate", "postcode", "username", "email")
STARS = "*＊∗⁎"


class Term(NamedTuple):
    """One thing to match: words in this order (`prefix`: the last may be a beginning), or one of `names`."""

    words: tuple[str, ...]
    prefix: bool = False
    names: tuple[str, ...] = ()

    def needles(self) -> list[bytes]:
        """Return the byte strings of which a digest must hold one."""
        end = "" if self.prefix else " "
        return [
            f" {words}{end}".encode("utf-8", "replace")
            for words in (*self.names, " ".join(self.words))
        ]


def terms(typed: str) -> list[Term]:
    """Return the terms of a query, at most MOST; none if it has no letter or digit."""
    typed = typed[:LONGEST]
    all_terms = []
    for entity in _whole(typed):
        all_terms.append(_named(entity))
        typed = typed[: entity.start] + " " * (entity.end - entity.start) + typed[entity.end :]
    for match in PART.finditer(typed):
        words = match[1] or match[2] or ""
        all_terms.append(_plain(words, quoted=match[2] is None))
    return [term for term in dict.fromkeys(all_terms) if term.words][:MOST]


def matcher(terms: Iterable[Term]) -> Callable[[bytes], bool]:
    """Return a test of whether a digest, in clear, holds all these terms."""
    needles = [term.needles() for term in terms]
    return lambda plain: all(_holds_one(plain, alternatives) for alternatives in needles)


def _holds_one(plain: bytes, alternatives: Iterable[bytes]) -> bool:
    return any(needle in plain for needle in alternatives)


def _whole(typed: str) -> list[entities.Entity]:
    """Return the entities outside quotes without a star after them; of an address and its postcode, the address."""
    quoted = [match.span() for match in QUOTED.finditer(typed)]
    whole = []
    for entity in entities.find(typed, is_query=True):
        after = typed[entity.end : entity.end + 1]
        if after not in tuple(STARS) and not _overlaps(entity, quoted):
            whole.append(entity)
    addresses = [entity for entity in whole if entity.kind is entities.EntityKind.ADDRESS]
    taken = [(address.start, address.end) for address in addresses]
    return [entity for entity in whole if entity in addresses or not _overlaps(entity, taken)]


def _overlaps(entity: entities.Entity, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < entity.end and entity.start < end for start, end in spans)


def _named(entity: entities.Entity) -> Term:
    words = tuple(WORD.findall(entities.normalise(entity.written).text))
    names = names_of(entity)
    with_flat = [
        one for one in names if ",/flat/" in one
    ]  # a house is also looked for without its area
    return Term(words, names=tuple(with_flat or names))


def _plain(text: str, *, quoted: bool) -> Term:
    prefix = text.endswith(tuple(STARS)) and not quoted
    normalised = entities.normalise(text).text
    words = tuple(WORD.findall(normalised))
    if not words:
        return Term(())
    if prefix:
        whole = "".join(words)
        names = [f"#{kind}:{whole}" for kind in PREFIXED]
        if whole.isdigit() and whole.startswith("0"):
            names.append(f"#phone:+44{whole[1:]}")
        return Term(words, prefix=True, names=tuple(names))
    entity_names = [
        name(entity.kind, entity.value) for entity in entities.find(text, is_query=True)
    ]
    return Term(words, names=tuple(entity_names))


def hits(text: str, terms: list[Term]) -> list[tuple[int, int]]:
    """Return the (start, end) of each match of the terms in a text, in its order, without overlaps."""
    normalised = entities.normalise(text)
    words = [(match[0], *match.span()) for match in WORD.finditer(normalised.text)]
    spans = set[tuple[int, int]]()
    names = set[str]()
    beginnings = list[str]()
    for term in terms:
        spans.update(_word_hits(normalised, words, term))
        names.update(term.names)
        if term.prefix:
            beginnings += term.names
    starts = tuple(beginnings)
    for entity in entities.find(text):
        known = names_of(entity)
        if not names.isdisjoint(known) or (starts and known[0].startswith(starts)):
            spans.add((entity.start, entity.end))
    return list(_apart(sorted(spans, key=lambda span: (span[0], -span[1]))))


def _word_hits(
    normalised: entities.Normalised, words: list[tuple[str, int, int]], term: Term
) -> Iterator[tuple[int, int]]:
    count = len(term.words)
    for at in range(len(words) - count + 1):
        candidate = tuple(word for word, _start, _end in words[at : at + count])
        same = candidate == term.words
        begins = (
            term.prefix
            and candidate[:-1] == term.words[:-1]
            and candidate[-1].startswith(term.words[-1])
        )
        if same or begins:
            yield normalised.span(words[at][1], words[at + count - 1][2])


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = -1
    for span in spans:
        if span[0] >= end:
            yield span
            end = span[1]
