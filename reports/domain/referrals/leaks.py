"""Find words that could show who sent a tip, in text that is meant to leave the desk.

There are three kinds: words about the sender (`text/identity_warnings.py`), ways to reach someone, and words of the
sender's contact details. Quotes, long pieces that are word for word the sender's, are found separately.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import Promise

from reports.text import entities, identity_warnings
from reports.text.disclosure import plain
from reports.text.entities import EntityKind
from reports.text.identity_warnings import advice, quoted

RUN = 6  # words in a row that are a quote
SHORT = 3  # a whole text of so many words is a quote, too

type Pieces = dict[int, set[tuple[str, ...]]]  # what counts as a quote, by its number of words

REACHES = (
    EntityKind.PHONE,
    EntityKind.EMAIL,
    EntityKind.USERNAME,
)  # what is asked about, wherever it comes from
WORD = re.compile(r"\w+")
# Words of contact details that say nothing of a person.
SAY_NOTHING = """
    after also always anytime before between call calls cannot contact daily days details email evening evenings
    friday from hours leave mail message messages mobile monday morning mornings never night nights number only
    phone please ring saturday send sunday text texts then there thursday time times tuesday until wednesday
    week weekday weekdays weekend weekends when will with work gmail hotmail outlook yahoo icloud proton
"""
COMMON = frozenset(SAY_NOTHING.split())

CALLED = "This is in the sender’s own contact details."
WHOSE = "This is a way to reach someone. Whose is it?"
# What each advice to a sender means to the member who writes; the name stays, whatever the words become.
MEANINGS: tuple[tuple[Promise, str, str], ...] = (
    (advice.PHONE_ADVICE, "phone", "This looks like the sender’s own phone number."),
    (advice.REACH_ADVICE, "reach", WHOSE),
    (advice.NAME_ADVICE, "name", "This looks like the sender’s name."),
    (advice.HOME_ADVICE, "home", "This says something about where the sender lives."),
    (
        advice.NEAR_ADVICE,
        "near",
        "This says where the sender lives or was standing. Few people live there.",
    ),
    (advice.KIN_ADVICE, "kin", "This says how the sender is related to someone."),
    (advice.WORK_ADVICE, "work", "This says where the sender works or studies, or what they do."),
    (advice.PAST_ADVICE, "past", "This says what the sender did before, or how they knew them."),
    (advice.SELF_ADVICE, "self", "This says what kind of person the sender is."),
    (advice.TIME_ADVICE, "time", "This says what the sender was doing at an exact time."),
    (advice.MINE_ADVICE, "mine", "This says that something belongs to the sender."),
    (advice.ONLY_ADVICE, "only", "If only a few people know this, it could show who told us."),
    (advice.DEALINGS_ADVICE, "dealings", "This says what happened between the sender and them."),
    (advice.VEHICLE_ADVICE, "vehicle", "This looks like the sender’s own car or bike."),
)


@dataclass(frozen=True)
class Leak:
    """Words that could show who sent it, and why; `barred`: no reason lets them stay."""

    quote: str
    kind: str
    message: "str | Promise"
    barred: bool = False

    @property
    def key(self) -> str:
        """Return a name for it that stays the same while the words do: 16 hexadecimal digits."""
        return hashlib.sha256(f"{self.kind}\n{self.quote}".encode()).hexdigest()[:16]


def find(text: str, *, contact: str, theirs: str = "") -> tuple[Leak, ...]:
    """Return the words of `text` that could show who the sender is, given their contact details.

    `theirs` is what the tip says of the sellers' own numbers: those are not asked about. A phone number, email
    address, username, plate or postcode of the contact details is barred, whatever its spelling.
    """
    text = plain(text)
    contact_values = _values(contact)
    named_theirs = _values(theirs)
    named_entities = entities.find(text)
    barred_leaks = [
        Leak(quoted(entity.written), "contact", CALLED, barred=True)
        for entity in named_entities
        if (entity.kind, entity.value) in contact_values
    ]
    others = [
        entity
        for entity in named_entities
        if entity.kind in REACHES
        and (entity.kind, entity.value) not in contact_values | named_theirs
    ]
    reach_leaks = [Leak(quoted(entity.written), "reach", WHOSE) for entity in others]
    rare = {word for word in _words(contact) if len(word) > 3 and not word.isdigit()} - COMMON
    contact_leaks = [
        Leak(word, "contact", CALLED)
        for word in dict.fromkeys(WORD.findall(text))
        if _fold(word) in rare
    ]
    # Bare numbers and addresses are those of `others`, which leave out what the tip says of the sellers.
    sender_leaks = [
        Leak(warning.text, *_meaning(warning.message))
        for warning in identity_warnings.phrases(text)
    ]
    barred = {leak.quote for leak in barred_leaks}
    found = {leak.key: leak for leak in barred_leaks}
    for leak in (*reach_leaks, *contact_leaks, *sender_leaks):
        if not any(leak.quote in words for words in barred):
            found[leak.key] = leak
    return tuple(found.values())


def quotes(text: str, originals: Iterable[str]) -> tuple[str, ...]:
    """Return the pieces of `text` that stand word for word in an original: six words in a row, or a whole short one.

    Number plates are facts, and count as no words.
    """
    return quotes_among(text, pieces(originals))


def pieces(originals: Iterable[str]) -> Pieces:
    """Return all pieces of these texts that count as quotes, for several texts to be looked through for them."""
    by_size: Pieces = {}
    for original in originals:
        theirs = list(_words(_without_plates(plain(original))))
        size = min(RUN, len(theirs))
        if size >= SHORT:
            runs = (tuple(theirs[at : at + size]) for at in range(len(theirs) - size + 1))
            by_size.setdefault(size, set()).update(runs)
    return by_size


def quotes_among(text: str, known: Pieces) -> tuple[str, ...]:
    """As `quotes`, for the pieces of originals that are known already."""
    text = plain(text)
    matches = list(WORD.finditer(_without_plates(text)))
    words = [_fold(match[0]) for match in matches]
    taken: set[int] = set()
    for size, runs in known.items():
        for at in range(len(words) - size + 1):
            if tuple(words[at : at + size]) in runs:
                taken.update(range(at, at + size))
    return tuple(
        quoted(text[matches[first].start() : matches[last].end()])
        for first, last in _stretches(sorted(taken))
    )


def _without_plates(text: str) -> str:
    """Return a text with spaces in place of its number plates."""
    for plate in (entity for entity in entities.find(text) if entity.kind is EntityKind.PLATE):
        text = text[: plate.start] + " " * (plate.end - plate.start) + text[plate.end :]
    return text


def _values(text: str) -> set[tuple[EntityKind, str]]:
    """Return what is barred as such; a house is not, as a sender can live in the one that they tell of."""
    return {
        (entity.kind, entity.value)
        for entity in entities.find(text)
        if entity.kind is not EntityKind.HOUSE
    }


def _stretches(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of numbers without a gap."""
    for _key, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        stretch = [number for _at, number in run]
        yield stretch[0], stretch[-1]


def _words(text: str) -> Iterator[str]:
    return (_fold(word) for word in WORD.findall(plain(text)))


def _fold(word: str) -> str:
    return word.casefold()


def _meaning(message: Promise) -> tuple[str, str]:
    return next((name, meaning) for known, name, meaning in MEANINGS if known is message)
