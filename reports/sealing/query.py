"""What somebody types to search with, as terms that digests are searched for, and where a text answers them.

Words, "phrases in quotes", beginnings* and whatever `reports.text.entities` recognises. All terms must be there.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from reports.sealing.digest import WORD, name
from reports.text import entities

LONGEST = 300  # characters
MOST = 20  # terms
PART = re.compile(r'"([^"]*)"?|(\S+)')
PREFIXED = ("plate", "postcode", "username", "email")
STARS = "*＊∗⁎"


class Term(NamedTuple):
    """One thing that must be there: words in this order (the last may be only a beginning), or one of these names."""

    words: tuple[str, ...]
    prefix: bool = False
    names: tuple[str, ...] = ()

    def alternatives(self) -> list[tuple[tuple[str, ...], bool]]:
        """Return what must be held, one of these: words, all of them, and whether the last is only a beginning."""
        return [*(((one,), self.prefix) for one in self.names), (self.words, self.prefix)]

    def needles(self) -> list[bytes]:
        """Return the byte strings of which a digest must hold one."""
        end = "" if self.prefix else " "
        found = [*self.names, " ".join(self.words)]
        return [f" {one}{end}".encode("utf-8", "replace") for one in found]


def terms(typed: str) -> list[Term]:
    """Return what was asked for; nothing when there is not one letter or digit in it."""
    typed = typed[:LONGEST]
    found = [_named(entity) for entity in _whole(typed)]
    for entity in _whole(typed):
        typed = typed[: entity.start] + " " * (entity.end - entity.start) + typed[entity.end :]
    found += [_plain(part[1] or part[2] or "", quoted=part[2] is None) for part in PART.finditer(typed)]
    return [term for term in dict.fromkeys(found) if term.words][:MOST]


def _whole(typed: str) -> list[entities.Entity]:
    """Return the entities outside quotes that no star follows; of an address and its postcode, the address."""
    quoted = [found.span() for found in re.finditer(r'"[^"]*"?', typed)]
    found = [
        one
        for one in entities.find(typed, is_query=True)
        if typed[one.end : one.end + 1] not in tuple(STARS)
        and not any(start < one.end and one.start < end for start, end in quoted)
    ]
    houses = [one for one in found if one.kind is entities.Kind.ADDRESS]
    return [one for one in found if one in houses or not any(_meets(one, house) for house in houses)]


def _meets(one: entities.Entity, other: entities.Entity) -> bool:
    return one.start < other.end and other.start < one.end


def _named(entity: entities.Entity) -> Term:
    words = tuple(WORD.findall(entities.normalise(entity.written).text))
    return Term(words, names=(name(entity.kind, entity.value),))


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
    known = [name(one.kind, one.value) for one in entities.find(text, is_query=True)]
    return Term(words, names=tuple(known))


def hits(text: str, wanted: list[Term]) -> list[tuple[int, int]]:
    """Return where a text answers the terms: stretches (start, end) in its order, none within another."""
    normalised = entities.normalise(text)
    found = [(found[0], *found.span()) for found in WORD.finditer(normalised.text)]
    spans = {span for term in wanted for span in _word_hits(normalised, found, term)}
    names = {one for term in wanted for one in term.names}
    starts = tuple(one for term in wanted if term.prefix for one in term.names)
    for entity in entities.find(normalised, written=text):
        known = name(entity.kind, entity.value)
        if known in names or (starts and known.startswith(starts)):
            spans.add((entity.start, entity.end))
    return list(_apart(sorted(spans, key=lambda span: (span[0], -span[1]))))


def _word_hits(
    normalised: entities.Normalised, found: list[tuple[str, int, int]], term: Term
) -> Iterator[tuple[int, int]]:
    count = len(term.words)
    for at in range(len(found) - count + 1):
        words = [word for word, _, _ in found[at : at + count]]
        last = words[-1].startswith(term.words[-1]) if term.prefix else words[-1] == term.words[-1]
        if last and tuple(words[:-1]) == term.words[:-1]:
            yield normalised.span(found[at][1], found[at + count - 1][2])


def _apart(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = -1
    for span in spans:
        if span[0] >= end:
            yield span
            end = span[1]
