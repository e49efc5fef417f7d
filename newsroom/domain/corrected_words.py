"""What corrections took out of an article, and what of it a changed text would bring back.

Names, numbers and runs of three words that were removed within an hour of a correction count as taken out by it: the
correction may come with the corrected text, or beside a change of the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from django.utils import timezone

from newsroom.domain.revisions import Fields, written
from newsroom.models import Article

WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+|[.,:]\d[^\W_]*)*")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
GENITIVE = re.compile(r"[’']s$")
PICTURE = re.compile(r"[0-9a-f]{32}")
RUN = 3  # words
NEAR = timedelta(hours=1)
LONGEST = 12  # words of a phrase that is shown


type Words = frozenset[tuple[str, ...]]  # single ones, and runs of three


class Removal(NamedTuple):
    """What one correction took out."""

    words: Words
    on: date


@dataclass(frozen=True)
class BroughtBack:
    """A phrase that a correction took out and a changed text has again, and the day of that correction."""

    phrase: str
    on: date


def brought_back(*, article: Article, fields: Fields) -> list[BroughtBack]:
    """Return the phrases of `fields` that corrections took out and the article, as it is stored, does not have."""
    history = list(article.revisions.order_by("number").values_list("made_at", "fields"))
    live = _words(history[-1][1]) if history else frozenset()
    removals = [Removal(removal.words - live, removal.on) for removal in _removals(history)]
    returning = dict[BroughtBack, None]()
    for line in _texts(fields):
        for removal in removals:
            returning |= dict.fromkeys(_phrases(line, removal))
    return list(returning)


def _removals(history: list[tuple[datetime, Fields]]) -> Iterator[Removal]:
    """Yield what each correction took out, given all revisions with their times."""
    steps = [(before, after, at) for (_at, before), (at, after) in pairwise(history)]
    for before, after, at in steps:
        if len(after["corrections"]) > len(before["corrections"]):
            words = set[tuple[str, ...]]()
            for old, new, when in steps:
                if abs(when - at) <= NEAR:
                    words |= _words(old, telling=True) - _words(new)
            yield Removal(frozenset(words), timezone.localdate(at))


def _texts(fields: Fields) -> Iterator[list[str]]:
    """Yield each sentence of what readers see, as its words."""
    for value in written(fields).values():
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            text = " ".join(row) if isinstance(row, list) else row
            if isinstance(text, str):
                for sentence in SENTENCE.split(text):
                    yield WORD.findall(sentence)


def _words(fields: Fields, *, telling: bool = False) -> Words:
    """Return the words of a text and its runs; with `telling`, of single words only names and numbers."""
    words = set[tuple[str, ...]]()
    for line in _texts(fields):
        words.update(_runs(line))
        words |= {(_same(word),) for word in line if not telling or _tells(word)}
    return frozenset(words)


def _same(word: str) -> str:
    """Return what is compared of a word: neither case nor genitive makes another word."""
    return GENITIVE.sub("", unicodedata.normalize("NFKC", word)).casefold()


def _tells(word: str) -> bool:
    return (
        word[0].isupper()
        or any(letter.isdigit() for letter in word)
        or bool(PICTURE.fullmatch(word))
    )


def _runs(line: list[str]) -> list[tuple[str, ...]]:
    same = [_same(word) for word in line]
    return list(zip(*(same[start:] for start in range(RUN)), strict=False))


def _phrases(line: list[str], removal: Removal) -> Iterator[BroughtBack]:
    """Yield the longest stretches of a sentence whose words were taken out."""
    marked = {place for place, word in enumerate(line) if (_same(word),) in removal.words}
    for place, run in enumerate(_runs(line)):
        if run in removal.words:
            marked |= set(range(place, place + RUN))
    for is_marked, places in groupby(range(len(line)), key=marked.__contains__):
        if is_marked:
            yield BroughtBack(_excerpt([line[place] for place in places]), removal.on)


def _excerpt(words: list[str]) -> str:
    named = ["a picture" if PICTURE.fullmatch(word) else word for word in words]
    excerpt = " ".join(named[:LONGEST])
    if len(named) > LONGEST:
        return f"{excerpt} …"
    return excerpt
