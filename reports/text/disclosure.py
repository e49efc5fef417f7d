"""Find what a message to a sender must not say: someone else may be reading the mailbox. Pure.

This is for what slips by accident. Number plates, phone numbers, postcodes, usernames and email addresses are found
as people usually write them, and so is a capital inside a sentence that belongs to no public name: it may be anyone's.
A message is compared with the sender's own tip, and with no other: to be told what stands in those would be an oracle.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from reports.text import commonest, entities, public_names
from reports.text.entities.kinds import WORDS, EntityKind, words
from reports.text.entities.names import NOT_NAMES
from reports.text.entities.normalising import FILLERS, SELECTORS

# Fields in which any word may be a name, capitalised or not: `NAMES` of reports/questions.py, which a test compares.
NAMED = ("people", "numbers")
STREETS = "road|street|avenue|close|way|drive|lane|court|place|grove|crescent|gate"
# Words that any English text or address capitalises: repeated at the start of a sentence they reveal nothing.
COMMON = public_names.SINGLE - public_names.FUNCTION | set(STREETS.split("|"))

HOUSE = re.compile(rf"\b\d{{1,4}}[a-z]?,? (?:[a-z']+ ){{1,3}}?(?:{STREETS})\b", re.IGNORECASE)
KINDS: dict[EntityKind, str] = {
    EntityKind.PLATE: "a number plate",
    EntityKind.PHONE: "a phone number",
    EntityKind.POSTCODE: "a postcode",
    EntityKind.ADDRESS: "an address",
    EntityKind.USERNAME: "a username",
    EntityKind.EMAIL: "an email address",
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
# What is no name in a text in this language: forms of address, which take a capital, and how sentences often start.
ORDINARY = {
    "pl": words(
        """pan pana panu panem panie panowie panów panom panami panach pani panią paniom paniami paniach państwo
        państwa państwu państwem państwie ty ciebie cię ci tobie tobą twój twoja twoje twojego twojej twojemu
        twoim twoją twoich twoimi wy was wam wami wasz wasza wasze waszego waszej waszemu waszym waszą waszych
        waszymi dziękuję dziękujemy proszę prosimy przepraszam przepraszamy dzień dobry dobrze czy gdy gdyby
        gdzie kiedy kto ktoś kogo nikt jaki jaka jakie jakiego jakiej jaką ile dlaczego jeśli jeżeli ale albo lub
        oraz więc bo tak ten ta te tego tej teraz tu tam dziś dzisiaj jutro wczoraj zawsze nigdy często może
        można mogę możemy mam mamy wiem wiemy nic coś wszystko był była było byli były będzie mnie nam nas mój
        moja moje nasz nasza nasze ja my on ona ono"""
    ),
    "ro": words(
        """dumneavoastră dumneavoastra dumneata dumitale dumnealui dumneaei dumnealor dvs dv domnul doamna domnule
        doamnă mulțumesc mulţumesc mulțumim mulţumim rog rugăm vă bună ziua seara scuze cine când cât câți câţi
        câte câtă cum unde ce care de dacă dar sau și şi deci pentru da bine acum aici azi astăzi mâine ieri
        mereu niciodată des uneori poate puteți puteţi pot putem am avem aveți aveţi știu ştiu știm ştim știți
        ştiţi nimic ceva tot era erau fost fi mă mi ne ni meu mea nostru noastră eu noi voi ele cineva nimeni
        spuneți spuneţi scrieți scrieţi"""
    ),
}
_OWN = {
    one.code: (frozenset(one.letters), frozenset(one.words) | ORDINARY[one.code])
    for one in commonest.ALL
    if one.code in ORDINARY
}
_WORD = re.compile(r"[^\W\d_]{2,}")
_CAPITAL = re.compile(r"(?<![\w@])[A-ZÀ-ÖØ-Þ][^\W\d_]+(?:['’-][^\W\d_]+)*(?!\w)")
_TOKEN = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_ENDING = re.compile(r"['’](?:s|m|d|ve|ll|re|t)$", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}(?:am|pm|st|nd|rd|th|ish)?", re.IGNORECASE)
# The text before the first word of a sentence: nothing, the end of another, or a new line, perhaps with a bullet.
_STARTS = re.compile(
    r"(?:^|(?<!\.)[.!?][\"'”’)\]]*\s+|\n\s*)(?:[-–—•*]\s*|\d{1,2}[.)]\s+)?[\"'“„‘(\[]*$"
)
# A full stop after these, or after a single letter, ends no sentence: a name often follows.
_SHORT = re.compile(
    r"(?:^|\W)(?:mr|mrs|ms|miss|dr|st|no|nr|eg|ie|e\.g|i\.e|vs|approx|inc|rd|ave|\w)\.\s*$",
    re.IGNORECASE,
)
_INVISIBLE = {"Cf"}
CAPITAL = "a capital letter: perhaps a name"


class Giveaway(NamedTuple):
    """What a message must leave out: as the message has it, and what kind of thing it is."""

    text: str
    what: str


def find(
    message: str, answers: Iterable[Mapping[str, Any]] = (), *, public: Mapping[str, str]
) -> tuple[Giveaway, ...]:
    """Return what a message must leave out, each once, in the message's order.

    `message` is as the desk typed it, `answers` are those of each entry of the sender's own tip, by field, and `public`
    has the places and bodies that anyone may name, each with its number or "".
    """
    message = plain(message)
    typed = list[tuple[str, str]]()
    for entry in answers:
        typed += [(name, text) for name, text in entry.items() if isinstance(text, str)]
    helplines = public_names.numbers(tuple(public.values()))
    texts = [text for _name, text in typed]
    exact = [*_entities(message, helplines), *_repeated_houses(message, texts)]
    rest = message
    for written in sorted({finding.text for finding in exact}, key=len, reverse=True):
        rest = rest.replace(written, " " * len(written))  # the letters of a plate are no name
    rest = public_names.phrases(public).sub(lambda name: name[0].lower(), rest)
    ordinary = _ordinary(message)
    names = (*_capitals(rest, ordinary), *_repeated_names(rest, typed, ordinary))
    findings = {finding.text: finding for finding in (*names, *exact)}
    return tuple(sorted(findings.values(), key=lambda finding: message.index(finding.text)))


def is_unreadable(message: str) -> bool:
    """Return whether a text has letters of a script without capitals, where no name differs from any other word."""
    return any(unicodedata.category(letter) == "Lo" for letter in plain(message))


def _ordinary(message: str) -> frozenset[str]:
    """Return what is no name in the language of a message: only in a text that is in it, since Pan is a name too."""
    code = commonest.guess(message)
    lower = message.lower()
    english = sum(word in public_names.FUNCTION for word in _WORD.findall(lower))
    ordinary = set[str]()
    for other, (letters, its_words) in _OWN.items():
        is_meant = other == code
        if not code:
            is_meant = sum(map(lower.count, letters)) > english
        if is_meant:
            ordinary |= its_words
    return frozenset(ordinary)


def plain(text: str) -> str:
    """Return a text without what no eye sees, and letters in their plain form: full-width ones have capitals too."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKC", text) if not _is_unseen(letter)
    )


def _is_unseen(letter: str) -> bool:
    is_selector = any(low <= ord(letter) <= high for low, high in SELECTORS)
    return is_selector or letter in FILLERS or unicodedata.category(letter) in _INVISIBLE


def _entities(message: str, helplines: frozenset[str]) -> Iterator[Giveaway]:
    """Yield plates, phones and the like, except the numbers of helplines."""
    end = 0
    for entity in entities.find(message):
        if (
            entity.end > end and entity.kind in KINDS
        ):  # not inside one that began before it; houses: see below
            end = entity.end
            if not (entity.kind is EntityKind.PHONE and entity.value in helplines):
                yield Giveaway(message[entity.start : entity.end], KINDS[entity.kind])


def _capitals(message: str, ordinary: frozenset[str]) -> Iterator[Giveaway]:
    """Yield words with a capital that neither starts a sentence nor belongs to a public or an ordinary word."""
    known = public_names.SINGLE | ordinary
    for token in _TOKEN.finditer(message):
        parts = [part for part in re.split("['’-]", _ENDING.sub("", token[0])) if part]
        if _is_suspect(parts, known) and _starts(message[: token.start()]):
            parts[0] = parts[0][:1].lower() + parts[0][1:]
        if _is_suspect(parts, known):
            yield Giveaway(token[0], CAPITAL)


def _is_suspect(parts: Iterable[str], known: Collection[str]) -> bool:
    """Return whether a part of a word has a capital and is on no list."""
    return any(
        part != part.lower() and part.lower() not in known and not _CLOCK.fullmatch(part)
        for part in parts
    )


def _starts(before: str) -> bool:
    """Return whether a sentence starts after this text."""
    return bool(_STARTS.search(before)) and not _SHORT.search(before)


def _repeated_houses(message: str, texts: list[str]) -> Iterator[Giveaway]:
    """Yield house numbers with their street that the sender wrote too, in whatever spelling."""
    plain_texts = [_plain(text) for text in texts]
    for house in HOUSE.finditer(message):
        if any(_plain(house[0]) in text for text in plain_texts):
            yield Giveaway(house[0], KINDS[EntityKind.ADDRESS])


def _repeated_names(
    message: str, typed: list[tuple[str, str]], ordinary: frozenset[str]
) -> Iterator[Giveaway]:
    """Yield words that start a sentence and that the sender wrote as a name.

    They count only where the sender capitalised them too, or where their question asks for names, and if sentences
    rarely start with them.
    """
    names = set[str]()
    for field, text in typed:
        named = _CAPITAL.findall(text)
        if field in NAMED:
            named.append(text)
        for each in named:
            names |= _lower_words(each)
    names -= STARTERS | COMMON | ordinary
    for capitalised in _CAPITAL.finditer(message):
        if not names.isdisjoint(_lower_words(capitalised[0])):
            yield Giveaway(capitalised[0], "a name or a place")


def _lower_words(text: str) -> set[str]:
    return set(map(str.lower, _WORD.findall(text)))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower())
