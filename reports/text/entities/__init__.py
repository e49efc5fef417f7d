"""Things in free text by which tips can be found and matched: plates, phones, postcodes, usernames, e-mail. Pure.

Each is found whatever its spacing, case, look-alike letters of other scripts, and invisible characters. Nothing is
raised on any text; 100 kB take less than a second.
"""

import re
from collections.abc import Iterable

from reports.text.entities.kinds import Entity, Find, Kind
from reports.text.entities.names import emails, usernames
from reports.text.entities.normalising import Folded, fold, join
from reports.text.entities.phones import phones
from reports.text.entities.plates import plates
from reports.text.entities.postcodes import address, postcodes

__all__ = ["Entity", "Folded", "Kind", "find", "fold", "join"]

ORDER = (Kind.EMAIL, Kind.USERNAME, Kind.POSTCODE, Kind.PLATE, Kind.PHONE)


def find(text: str | Folded, *, written: str = "", asked: bool = False) -> list[Entity]:
    """Return the entities in a text, in its order; `asked`: the text is what somebody typed to look for.

    A text that is folded already is taken with its original, `written`.
    """
    folded, original = (fold(text), text) if isinstance(text, str) else (text, written)

    def as_written(start: int, end: int) -> str:
        if start == end:
            return ""
        first, last = folded.span(start, end)
        return original[first:last]

    found = [*emails(folded.text), *usernames(folded.text)]
    if re.search(r"\d", folded.text):
        found += postcodes(folded.text, original=as_written)
        found += phones(folded.text)
        found += _longest(plates(folded.text, original=as_written, asked=asked))
    chosen = _apart(sorted(found, key=_rank))
    houses = [address(folded.text, one) for one in chosen if one.kind is Kind.POSTCODE]
    everything = sorted([*chosen, *filter(None, houses)], key=lambda one: (one.start, one.end))
    return [
        Entity(one.kind, one.value, as_written(one.start, one.end), *folded.span(one.start, one.end))
        for one in everything
    ]


def _rank(find: Find) -> tuple[int, int, int]:
    """Return what comes first where two could be meant: the least mended, then the longer, then by kind."""
    return find.mended, find.start - find.end, ORDER.index(find.kind)


def _longest(finds: Iterable[Find]) -> list[Find]:
    """Return one plate for each place: the longest, then the one with the fewest characters mended."""
    return _apart(sorted(finds, key=lambda one: (one.start - one.end, one.mended)))


def _apart(finds: list[Find]) -> list[Find]:
    """Return those finds, the first ones first, that share no character with one before."""
    taken: set[int] = set()
    chosen = []
    for one in finds:
        places = range(one.start, one.end)
        if taken.isdisjoint(places):
            taken.update(places)
            chosen.append(one)
    return chosen
