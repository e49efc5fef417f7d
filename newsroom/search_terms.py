"""Search words, and finding them in a text. Pure: no Django, no database."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 40  # characters of a word that count
SHORTEST_PREFIX = 3  # characters; a word of this length also finds longer words
AROUND = 90  # characters shown on each side of the first hit
ENDINGS = ("ies", "ied", "ing", "ed", "es", "s", "y")

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_APOSTROPHES = str.maketrans("", "", "'’")


@dataclass(frozen=True)
class SearchTerm:
    """One search word, folded; a `prefix` also finds longer words that start with it."""

    word: str
    prefix: bool

    def hits(self, word: str) -> bool:
        """Return True if the term finds a folded word."""
        if self.prefix:
            return word.startswith(self.word)
        return word == self.word


@dataclass(frozen=True)
class ExcerptPiece:
    """A part of a text; `hit` says that it is a matching word."""

    text: str
    hit: bool


def fold(word: str) -> str:
    """Return a word in lower case without accents and apostrophes, cut to LONGEST characters."""
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_APOSTROPHES))
    return "".join(letter for letter in plain if letter.isalnum())[:LONGEST]


def tokens(text: str) -> list[str]:
    """Return the folded words of a text in order: “Foo-Bar’s café” gives foo, bars, cafe."""
    return [folded for match in _WORD.finditer(text) if (folded := fold(match[0]))]


def term(word: str) -> SearchTerm:
    """Return the term for a folded word: without its English ending if enough is left of it."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > SHORTEST_PREFIX:
            return SearchTerm(word.removesuffix(ending), prefix=True)
    return SearchTerm(word, prefix=len(word) >= SHORTEST_PREFIX)


def mark(text: str, terms: Iterable[SearchTerm]) -> tuple[ExcerptPiece, ...]:
    """Return the text as pieces, the matching words marked as hits; joined, they give the text."""
    pieces = []
    at = 0
    for start, end in _hits(text, tuple(terms)):
        pieces += [ExcerptPiece(text[at:start], hit=False), ExcerptPiece(text[start:end], hit=True)]
        at = end
    return tuple(piece for piece in (*pieces, ExcerptPiece(text[at:], hit=False)) if piece.text)


def excerpt(text: str, terms: Iterable[SearchTerm]) -> tuple[ExcerptPiece, ...]:
    """Return the part of a text around its first hit, as marked pieces; empty without a hit."""
    terms = tuple(terms)
    first = next(_hits(text, terms), None)
    if first is None:
        return ()
    start = text.rfind(" ", 0, max(0, first[0] - AROUND)) + 1
    end = text.find(" ", first[1] + AROUND)
    cut = text[start : end if end >= 0 else len(text)]
    return mark(f"{'… ' if start else ''}{cut}{' …' if end >= 0 else ''}", terms)


def _hits(text: str, terms: tuple[SearchTerm, ...]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each word that a term finds."""
    for match in _WORD.finditer(text):
        word = fold(match[0])
        if any(term.hits(word) for term in terms):
            yield match.span()
