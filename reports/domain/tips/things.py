"""The things by which tips are found to name the same: plates, phones, houses, usernames and email addresses.

A tip's own are in its texts or its digest, another tip's in its digest. A house is the same where number and street
are, unless both tips give a flat, or an area of this place, and these differ: a town has several High Streets.
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.conf import settings

from reports.sealing import digest
from reports.text.entities import Entity, EntityKind

NAMES: dict[EntityKind, str] = {
    EntityKind.PLATE: "the number plate",
    EntityKind.PHONE: "the phone number",
    EntityKind.ADDRESS: "the address",
    EntityKind.HOUSE: "the house",
    EntityKind.USERNAME: "the username",
    EntityKind.EMAIL: "the email address",
}  # a postcode alone is shared by a whole street
PLACES = (
    EntityKind.HOUSE,
    EntityKind.ADDRESS,
    EntityKind.PLATE,
    EntityKind.PHONE,
)  # what few people share

type Thing = tuple[EntityKind, str]  # its kind and its one spelling


class House(NamedTuple):
    """A house's number and street, its flat or "", and the areas of this place that its text can mean."""

    street: str
    flat: str
    areas: frozenset[str]

    def may_be(self, other: "House") -> bool:
        """Return whether two houses of the same street and number can be the same."""
        if self.street != other.street:
            return False
        if self.flat and other.flat and self.flat != other.flat:
            return False
        return not self.areas or not other.areas or not self.areas.isdisjoint(other.areas)


def named(entities: Iterable[Entity]) -> dict[Thing, str]:
    """Return what these entities name, with how it is written; of a house named twice, what says most of it."""
    written: dict[Thing, str] = {}
    for entity in entities:
        if entity.kind in NAMES:
            written.setdefault((entity.kind, entity.value), entity.written)
    houses = _most_exact([value for kind, value in written if kind is EntityKind.HOUSE])
    for kind, value in list(written):
        if kind is EntityKind.HOUSE and value not in houses:
            del written[kind, value]
    return written


def of_digest(theirs: bytes) -> list[Thing]:
    """Return what a digest, in clear, says that its sender named of PLACES."""
    things = [(EntityKind.HOUSE, value) for value in _houses(theirs)]
    for kind, value in re.findall(r"(?<= )#(plate|phone|address):([^ ]+)(?= )", _clear(theirs)):
        things.append((EntityKind(kind), value))
    return things


def shared(own: Iterable[Thing], theirs: bytes) -> list[Thing]:
    """Return which of these things a digest, in clear, says that its sender named too."""
    return [thing for thing in own if _is_in(thing, theirs)]


def is_one_of(entity: Entity, things: Collection[Thing]) -> bool:
    """Return whether an entity is one of these things."""
    if entity.kind is not EntityKind.HOUSE:
        return (entity.kind, entity.value) in things
    house = _house(entity.value)
    return any(_house(value).may_be(house) for kind, value in things if kind is EntityKind.HOUSE)


def _is_in(thing: Thing, theirs: bytes) -> bool:
    kind, value = thing
    street = value.partition(", ")[0]
    if f" {digest.name(kind, street)} ".encode("utf-8", "replace") not in theirs:
        return False
    if kind is not EntityKind.HOUSE:
        return True
    own = _house(value)
    return any(own.may_be(_house(other)) for other in _houses(theirs))


def _houses(theirs: bytes) -> list[str]:
    """Return the houses that a digest names, in small letters."""
    names = re.findall(r"(?<= )#house:([^ ]+)(?= )", _clear(theirs))
    return _most_exact([name.replace("/", " ") for name in names])


def _clear(theirs: bytes) -> str:
    return theirs.decode("utf-8", "replace")


def _most_exact(houses: Collection[str]) -> list[str]:
    """Leave out a house that another one is with more said of it: "7 Mill Lane" beside "7 Mill Lane, flat 1"."""
    exact = []
    for house in houses:
        begins_longer = f"{house}, "
        if not any(other.startswith(begins_longer) for other in houses):
            exact.append(house)
    return exact


def _house(value: str) -> House:
    street, *more = value.lower().replace("/", " ").split(", ")
    flat = next((part for part in more if part.startswith("flat ")), "")
    areas = [_areas(part) for part in more if part != flat]
    return House(street, flat, frozenset().union(*areas))


def _areas(words: str) -> frozenset[str]:
    """Return the areas of this place that these words begin with the name, or an estate, of."""
    found: set[str] = set()
    for area in settings.PLACE.areas:
        names = [name.lower() for name in (area.name, *area.estates)]
        if any(f"{words} ".startswith(f"{name} ") for name in names):
            found.add(area.slug)
    return frozenset(found)
