"""Warnings about words in a tip that could show who sent it, before it is sent. Pure; advice only.

Phone numbers, email addresses and usernames are found in any text (`anywhere`), names after “I am” and the like, and
other phrases in the languages of LANGUAGES. None of it is complete.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise

from reports.text.identity_warnings import anywhere
from reports.text.identity_warnings.advice import CONTACT_ADVICE
from reports.text.identity_warnings.phrase_files import APOSTROPHES, of_all_languages, plain

LONGEST_QUOTE = 60  # characters of the person's words that are quoted back
MOST_QUOTES = 3  # for each advice in a field
MOST_SEARCHED = 15_000  # characters of one tip: anybody may ask for the check page, and six languages take their time
ENDING = 5  # of what is searched of a long answer a fifth is its end, where people sign
CUT = "\n…\n"  # between the beginning and the end; no phrase goes across it
# Fields of reports/questions.py, which tests compare: numbers and names that somebody sells under, which are not the
# sender's; and what a sender means to tell us of themself.
SELLING = {"numbers"}
CONTACT = {"contact", "contact_details", "contact_safe"}
PATTERNS = of_all_languages()


class IdentityWarning(NamedTuple):
    """A place where an answer could show who wrote it: the field, the words themselves, and what to do about them."""

    field: str
    text: str
    message: Promise

    @property
    def advice(self) -> tuple[str, Promise]:
        """Return the field and the advice: warnings that share both are shown together."""
        return self.field, self.message


def find(
    answers: Mapping[str, Any], *, helplines: frozenset[str] = frozenset()
) -> tuple[IdentityWarning, ...]:
    """Return the warnings for a tip's answers (by field, in the form's order): field by field, equal advice together.

    A field gets at most three warnings (MOST_QUOTES) of one kind, so that a long text is not answered by a longer list.
    Only what `searched` returns is looked through. `helplines` are numbers that are nobody's own.
    """
    warnings = list[IdentityWarning]()
    for field, pieces in searched(answers).items():
        has_no_sellers = field not in SELLING
        warnings += _search(field, CUT.join(pieces), contacts=has_no_sellers, helplines=helplines)
    details = str(answers.get("contact_details") or "")
    if details and answers.get("contact") != "details":
        warnings.append(IdentityWarning("contact_details", quoted(details), CONTACT_ADVICE))
    return tuple(warnings)


def searched(answers: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what is looked through of a tip's answers, by field: the whole answer, or its beginning and its end.

    Together it is at most MOST_SEARCHED characters: short answers are whole, the longest share what is left.
    """
    texts = {
        field: str(typed) for field, typed in answers.items() if typed and field not in CONTACT
    }
    left = MOST_SEARCHED
    pieces = {}
    for done, field in enumerate(sorted(texts, key=lambda field: len(texts[field]))):
        text = unicodedata.normalize("NFC", texts[field])
        share = left // (len(texts) - done)
        end = share // ENDING
        pieces[field] = (
            (text,) if len(text) <= share else (text[: share - end], text[len(text) - end :])
        )
        left -= sum(map(len, pieces[field]))
    return {field: pieces[field] for field in texts}


def is_cut(answers: Mapping[str, Any]) -> bool:
    """Return whether some answer is too long to be looked through whole."""
    return any(len(pieces) > 1 for pieces in searched(answers).values())


def phrases(text: str) -> tuple[IdentityWarning, ...]:
    """Return the warnings about names and phrases in a text, and none about bare contacts; the field is "what"."""
    return tuple(_search("what", text, contacts=False))


def _search(
    field: str, typed: str, *, contacts: bool, helplines: frozenset[str] = frozenset()
) -> Iterator[IdentityWarning]:
    """Yield the warnings of one answer, by advice; a place inside one that was found already is left out."""
    original = unicodedata.normalize("NFC", typed)
    kept: list[tuple[int, int]] = []  # at most MOST_QUOTES for each advice
    quotes: dict[
        int, dict[str, Promise]
    ] = {}  # by the advice's identity: lazy texts are not compared
    for places in _places(original.translate(APOSTROPHES), contacts=contacts, helplines=helplines):
        for start, end, message in places:
            of_advice = quotes.setdefault(id(message), {})
            if len(of_advice) >= MOST_QUOTES:
                break
            quote = quoted(original[start:end])
            if quote not in of_advice and not any(
                first <= start and end <= last for first, last in kept
            ):
                kept.append((start, end))
                of_advice[quote] = message
    for of_advice in quotes.values():
        for quote, message in of_advice.items():
            yield IdentityWarning(field, quote, message)


def _places(
    text: str, *, contacts: bool, helplines: frozenset[str]
) -> Iterator[Iterator[anywhere.Place]]:
    """Yield the places of each advice, phrases before bare contacts: "my number is ..." says more than the number."""
    searched = plain(text)
    yield anywhere.names(text)
    for message, pattern in PATTERNS:
        yield ((*match.span(), message) for match in pattern.finditer(searched))
    if contacts:
        yield from anywhere.contacts(text, helplines=helplines)


def quoted(words: str) -> str:
    """Return the words on one line, cut where they are long."""
    line = " ".join(words.split())
    if len(line) <= LONGEST_QUOTE:
        return line
    return line[: LONGEST_QUOTE - 1].rstrip() + "…"
