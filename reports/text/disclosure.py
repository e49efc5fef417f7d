"""What in a message to a sender would repeat their tip: whoever reads the mailbox may not be who wrote it. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.text import entities
from reports.text.entities.kinds import WORDS, Kind, words
from reports.text.entities.names import NOT_NAMES

# Answers in which any word may be a name, however it is written.
NAMED = ("people", "numbers")
# Words that begin with a capital in any English text, or in any address, and so give nothing away.
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
# Words with which sentences begin, in tips and in messages alike.
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
_INSIDE = re.compile(r"[^.!?:\s] +$")  # what stands before a word that does not begin a sentence


class Echo(NamedTuple):
    """What stands in both texts: the words of the message, and what they are."""

    text: str
    what: Promise


def find(message: str, told: Iterable[Mapping[str, Any]]) -> tuple[Echo, ...]:
    """Return what of a message (as typed) stands in the sender's answers too, each once, in the message's order."""
    heard = [(name, text) for answers in told for name, text in answers.items() if isinstance(text, str)]
    marks = list(_marks(message, [text for _name, text in heard]))
    rest = message
    for echo in marks:  # the letters of a plate are no name
        rest = rest.replace(echo.text, " ")
    echoes = {echo.text: echo for echo in (*marks, *_names(rest, heard))}
    return tuple(sorted(echoes.values(), key=lambda echo: message.index(echo.text)))


def _marks(message: str, heard: list[str]) -> Iterator[Echo]:
    """Yield plates, phones and the like, and house numbers with their street, however either of the two wrote them."""
    known = {(one.kind, one.value) for text in heard for one in entities.find(text)}
    for one in entities.find(message):
        if (one.kind, one.value) in known:
            yield Echo(one.written, KINDS[one.kind])
    plain = [_plain(text) for text in heard]
    for found in HOUSE.finditer(message):
        if any(_plain(found[0]) in text for text in plain):
            yield Echo(found[0], KINDS[Kind.ADDRESS])


def _names(message: str, heard: list[tuple[str, str]]) -> Iterator[Echo]:
    """Yield capitalised words of the message that the sender wrote too.

    Inside a sentence a capital makes a name, however the sender wrote it. At the start of one, the sender's own capital
    or the question must make it one, and it must be no word with which sentences begin.
    """
    said = {word.lower() for _name, text in heard for word in _WORD.findall(text)}
    named = {word.lower() for name, text in heard if name in NAMED for word in _WORD.findall(text)}
    named |= {
        word.lower() for _name, text in heard for found in _CAPITAL.findall(text) for word in _WORD.findall(found)
    }
    for found in _CAPITAL.finditer(message):
        inside = _INSIDE.search(message, 0, found.start())
        known = said if inside else named - STARTERS
        if {word.lower() for word in _WORD.findall(found[0])} & known - COMMON:
            yield Echo(found[0], _("a name or a place"))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower())
