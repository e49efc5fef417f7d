"""The kinds of entity, and the helpers that the recognisers share."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

DIGITS = re.compile(r"\d+")
AFTER = 2  # characters after an entity that show whether it ends there


class EntityKind(StrEnum):
    """The kinds of entity that tips can be searched and matched by."""

    PLATE = "plate"
    PHONE = "phone"
    POSTCODE = "postcode"
    ADDRESS = "address"  # a postcode with its house number
    HOUSE = "house"  # a street with its house number, perhaps a flat and an area
    USERNAME = "username"
    EMAIL = "email"


class Entity(NamedTuple):
    """One entity of a text: its kind, its normal form, the words as written, and their start and end in the text."""

    kind: EntityKind
    value: str
    written: str
    start: int
    end: int


class Candidate(NamedTuple):
    """A possible entity in a normalised text; `mended` counts characters read as another, such as O as 0."""

    kind: EntityKind
    value: str
    start: int
    end: int
    mended: int = 0


def stretches(text: str, *, reach: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a text that lie within `reach` characters of a digit.

    An entity ends within that reach; two more characters (AFTER) show whether it ends there.
    """
    start = end = -1
    for digit in DIGITS.finditer(text):
        if digit.start() - reach > end:
            if end >= 0:
                yield start, min(end + AFTER, len(text))
            start = max(0, digit.start() - reach)
        end = digit.end() + reach
    if end >= 0:
        yield start, min(end + AFTER, len(text))


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written as text."""
    return frozenset(text.split())


# Words that sentences put beside numbers: "MK14 and", "at 10 the" and "for 20p" are no plates.
WORDS = words(
    """the and for are was has had his her but not you all any can our out who why how its may now own she too two way
    did get got let put say see use via per off ten six one yes man men boy kid car van bag hit job day min hrs sec mph
    kph gbp usd eur jct jcn jnc mon tue wed thu fri sat sun jan feb mar apr may jun jul aug sep oct nov dec big old new
    bus run ran pay due ago far few fix fit fly fun gun hot ill ing it kit lad led lot low mad met mid mix mum dad
    nor odd oil pal pay pop pub rat red ref rob row sad saw sex sit son sub tab tax tea tip top toy try tub wet win won
    yet you yrs mls kgs lbs dbl est etc inc ltd plc max mix mtr qty sqm std tel thc vat wks yds apt bed box end
    at in by of to on is it as an be do go he me my no or so up us we am pm ok hi kg km cm mm mg ml lb ft pc dr mr ms st
    rd nd th hr wk yr oz gb mb tb uk eu us tv cd dj pt ex"""
)
