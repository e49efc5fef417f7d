"""Find what our wording says of houses, postcodes, plates and phones that stands nowhere in its tip.

This is for what slips: a wrong number sends the police to a wrong door. It compares with what the sender wrote without
contact details: if a number of theirs were not named, that would tell whose it is.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reports.domain.tips import things
from reports.text import entities
from reports.text.disclosure import plain
from reports.text.entities import Entity, EntityKind

KINDS = (EntityKind.HOUSE, EntityKind.POSTCODE, EntityKind.PLATE, EntityKind.PHONE)
# What has the form of a phone number, postcode or plate, although there is none such: a slip makes that, too.
FORMS = (
    re.compile(r"(?<![\w/.\-+])\+?\d(?:[ \-]?\d){8,13}(?![\w/\-])"),
    re.compile(r"\b[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}\b"),
    re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b"),
)
NUMBERED = re.compile(r"\b(?:number|no\.?|flat|house|apartment) (\d{1,4}[a-h]?)\b", re.IGNORECASE)
ABROAD = re.compile(r"^(?:00)?44(?=\d{10}$)")  # how a British phone number begins instead of with 0


class _Tip(NamedTuple):
    """What a sender wrote: what it names, its words and numbers, and its letters and digits in one."""

    named: dict[things.Thing, str]
    words: frozenset[str]
    squeezed: str


def find(text: str, theirs: Iterable[str]) -> tuple[str, ...]:
    """Return the houses, postcodes, plates and phones of a text that stand in none of these, as the text has them."""
    text = plain(text)
    tip = _tip("\n".join(theirs))
    taken: set[int] = set()
    missing: list[tuple[int, str]] = []
    for start, end, stands in _looked_for(text, tip):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            if not stands:
                missing.append((start, text[start:end]))
    return tuple(dict.fromkeys(written for _start, written in sorted(missing)))


def _looked_for(text: str, tip: _Tip) -> Iterator[tuple[int, int, bool]]:
    """Yield the start and end of what is looked for, the surest first, and whether it stands in the tip."""
    for entity in entities.find(text):
        if entity.kind is EntityKind.HOUSE:
            yield entity.start, entity.end, _has_house(entity, tip)
        elif entity.kind in KINDS:
            known = (entity.kind, entity.value) in tip.named
            yield entity.start, entity.end, known or _has(entity.value, tip)
    for form in FORMS:
        for match in form.finditer(text):
            yield *match.span(), _has(match[0], tip)
    for match in NUMBERED.finditer(text):
        yield *match.span(), match[1].lower() in tip.words


def _has(value: str, tip: _Tip) -> bool:
    """Return whether these letters and digits stand in a tip, however they are spaced."""
    squeezed = _squeezed(value)
    spellings = {squeezed, ABROAD.sub("0", squeezed), "44" + squeezed.removeprefix("0")}
    return any(spelling in tip.squeezed for spelling in spellings)


def _has_house(house: Entity, tip: _Tip) -> bool:
    """Return whether a tip names a house, or else street and number apart: "Mill Lane, the last but one, 12"."""
    address, *more = house.value.lower().split(", ")
    number, _gap, street = address.partition(" ")
    flats = [part.removeprefix("flat ") for part in more if part.startswith("flat ")]
    if not tip.words.issuperset(flats):
        return False
    if things.is_one_of(house, tip.named):
        return True
    if any(
        kind is EntityKind.HOUSE and f" {street}," in f"{value.lower()},"
        for kind, value in tip.named
    ):
        return False  # another number in that street
    name = street.split()[:-1] or [street]
    return tip.words.issuperset([number, *name])


def _tip(theirs: str) -> _Tip:
    found = entities.find(theirs)
    named = things.named(found) | {(entity.kind, entity.value): entity.written for entity in found}
    normalised = entities.normalise(theirs).text.replace("'", "")
    return _Tip(named, frozenset(re.findall(r"[^\W_]+", normalised)), _squeezed(normalised))


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", entities.normalise(text).text)
