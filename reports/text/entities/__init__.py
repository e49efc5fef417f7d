"""Recognise what tips are found by: plates, phones, postcodes, houses, usernames and e-mail addresses. Pure.

Spacing, case, look-alike letters of other scripts and invisible characters make no difference. No text raises an
error; 100 kB take less than a second.
"""

import re
from collections.abc import Iterable

from reports.text.entities.houses import houses
from reports.text.entities.kinds import Candidate, Entity, EntityKind
from reports.text.entities.names import emails, usernames
from reports.text.entities.normalising import Normalised, normalise
from reports.text.entities.phones import phones
from reports.text.entities.plates import plates
from reports.text.entities.postcodes import address, postcodes

__all__ = ["Entity", "EntityKind", "Normalised", "find", "normalise"]

ORDER = (
    EntityKind.EMAIL,
    EntityKind.USERNAME,
    EntityKind.POSTCODE,
    EntityKind.PLATE,
    EntityKind.PHONE,
)


def find(text: str, *, is_query: bool = False) -> list[Entity]:
    """Return the entities in a text, in its order.

    `is_query` says that the text is a search query, where a whole text may be a plate that sentences are full of.
    """
    normalised = normalise(text)

    def as_written(start: int, end: int) -> str:
        if start == end:
            return ""
        first, last = normalised.span(start, end)
        return text[first:last]

    named_houses: list[Candidate] = []
    candidates = [*emails(normalised.text), *usernames(normalised.text)]
    if re.search(r"\d", normalised.text):
        candidates += postcodes(normalised.text, original=as_written)
        candidates += phones(normalised.text)
        candidates += _longest(plates(normalised.text, original=as_written, is_query=is_query))
        named_houses = list(houses(normalised.text, original=as_written))
        # "no 30a, Mill Lane" begins with no postcode of which two characters would have to be mended.
        candidates = [
            each for each in candidates if not each.mended or _stands_apart(each, named_houses)
        ]
    best = _apart(sorted(candidates, key=_rank))
    whole = [
        address(normalised.text, candidate)
        for candidate in best
        if candidate.kind is EntityKind.POSTCODE
    ]
    whole += [house for house in named_houses if _stands_apart(house, best)]
    in_order = sorted(
        [*best, *filter(None, whole)], key=lambda candidate: (candidate.start, candidate.end)
    )
    return [
        Entity(
            candidate.kind,
            candidate.value,
            as_written(candidate.start, candidate.end),
            *normalised.span(candidate.start, candidate.end),
        )
        for candidate in in_order
    ]


def _rank(candidate: Candidate) -> tuple[int, int, int]:
    """Return the sort key where readings overlap: the fewest characters mended, then the longest, then by kind."""
    return candidate.mended, candidate.start - candidate.end, ORDER.index(candidate.kind)


def _longest(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return one plate for each place: the longest; of equal ones, that with the fewest characters mended."""
    return _apart(
        sorted(
            candidates, key=lambda candidate: (candidate.start - candidate.end, candidate.mended)
        )
    )


def _stands_apart(candidate: Candidate, others: Iterable[Candidate]) -> bool:
    """Return whether a candidate shares no character with one of these: the end of a phone number is no house's."""
    return all(candidate.end <= other.start or other.end <= candidate.start for other in others)


def _apart(candidates: list[Candidate]) -> list[Candidate]:
    """Return the candidates, in this order, that share no character with an earlier one."""
    taken: set[int] = set()
    apart = []
    for candidate in candidates:
        places = range(candidate.start, candidate.end)
        if taken.isdisjoint(places):
            taken.update(places)
            apart.append(candidate)
    return apart
