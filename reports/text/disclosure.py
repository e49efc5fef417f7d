"""Find what a message to a sender repeats of their tip: somebody else may be reading the mailbox. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.text import entities
from reports.text.entities.kinds import WORDS, Kind, words
from reports.text.entities.names import NOT_NAMES

# Fields in which any word may be a name, capitalised or not.
NAMED = ("people", "numbers")
# Words that any English text or address capitalises: they reveal nothing.
STREETS = "road|street|avenue|close|way|drive|lane|court|place|grove|crescent|gate"
CALENDAR = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August"
    " September October November December Christmas Easter English Police Crimestoppers Childline Streetlight"
)
COMMON = {form for word in CALENDAR.lower().split() for form in (word, f"{word}s")} | set(STREETS.split("|"))

HOUSE = re.compile(rf"\b\d{{1,4}}[a-z]?,? (?:[a-z']+ ){{1,3}}?(?:{STREETS})\b", re.IGNORECASE)
KINDS: dict[Kind, Promise] = {
    Kind.PLATE: _("a number plate"),
    Kind.PHONE: _("a phone number"),
    Kind.POSTCODE: _("a postcode"),
    Kind.ADDRESS: _("an address"),
    Kind.USERNAME: _("a user name"),
    Kind.EMAIL: _("an e-mail address"),
}
# Words that often start a sentence.
STARTERS = (
    WORDS
    | NOT_NAMES
    | words(
        """thank thanks please hello dear sorry could would should does might must shall since until while whose whom
    these those each both most more much many any sometimes often usually twice today yesterday tomorrow men women kids
    children young night day evening morning during how whether write tell answer only every everyone everybody nobody
    somebody anyone lots several maybe perhaps just really still yes no near outside inside behind another other"""
    )
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_CAPITAL = re.compile(r"(?<![\w@])[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:['’-][^\W\d_]+)*(?!\w)")
_INSIDE = re.compile(r"[^.!?:\s] +$")  # the text before a word that does not start a sentence


class Repetition(NamedTuple):
    """Words that stand in the message and in the tip: as the message has them, and what kind of thing they are."""

    text: str
    what: Promise


def find(message: str, answers: Iterable[Mapping[str, Any]]) -> tuple[Repetition, ...]:
    """Return the parts of a message that repeat the sender's answers, each once, in the message's order.

    `message` is as the desk typed it; `answers` are those of each entry, by field.
    """
    typed = [(name, text) for entry in answers for name, text in entry.items() if isinstance(text, str)]
    exact = list(_repeated_entities(message, [text for _name, text in typed]))
    rest = message
    for repetition in exact:  # the letters of a plate are no name
        rest = rest.replace(repetition.text, " ")
    repetitions = {repetition.text: repetition for repetition in (*exact, *_repeated_names(rest, typed))}
    return tuple(sorted(repetitions.values(), key=lambda repetition: message.index(repetition.text)))


def _repeated_entities(message: str, texts: list[str]) -> Iterator[Repetition]:
    """Yield plates, phones and the like, and house numbers with their street, in whatever spelling."""
    known_values = {(entity.kind, entity.value) for text in texts for entity in entities.find(text)}
    for entity in entities.find(message):
        if (entity.kind, entity.value) in known_values:
            yield Repetition(entity.written, KINDS[entity.kind])
    plain_texts = [_plain(text) for text in texts]
    for house in HOUSE.finditer(message):
        if any(_plain(house[0]) in text for text in plain_texts):
            yield Repetition(house[0], KINDS[Kind.ADDRESS])


def _repeated_names(message: str, typed: list[tuple[str, str]]) -> Iterator[Repetition]:
    """Yield capitalised words of the message that the sender wrote too.

    A capital inside a sentence makes a name, however the sender wrote it. The first word of a sentence counts only
    where the sender capitalised it too, or where their question asks for names, and if sentences rarely start with it.
    """
    words_typed = {word.lower() for _name, text in typed for word in _WORD.findall(text)}
    names = {word.lower() for field, text in typed if field in NAMED for word in _WORD.findall(text)}
    names |= {
        word.lower()
        for _name, text in typed
        for capitalised in _CAPITAL.findall(text)
        for word in _WORD.findall(capitalised)
    }
    for capitalised in _CAPITAL.finditer(message):
        inside = _INSIDE.search(message, 0, capitalised.start())
        candidates = words_typed if inside else names - STARTERS
        if {word.lower() for word in _WORD.findall(capitalised[0])} & candidates - COMMON:
            yield Repetition(capitalised[0], _("a name or a place"))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower())
