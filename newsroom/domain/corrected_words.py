"""What corrections took out of an article, and what of it a changed text would bring back.

Names, numbers and runs of three words that were removed within an hour of a correction count as taken out by it: the
correction may come with the corrected text, or beside a change of the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from newsroom.domain.revisions import Fields, written
from newsroom.models import Article

WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+|[.,:]\d[^\W_]*)*")
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
GENITIVE = re.compile(r"[’']s$")
PICTURE = re.compile(r"[0-9a-f]{32}")
RUN = 3  # words
NEAR = timedelta(hours=1)
LONGEST = 12  # words of a phrase that is shown


class Words(NamedTuple):
    """The words of a text: all, the names and numbers among them, and every run of three."""

    every: frozenset[str]
    telling: frozenset[str]
    runs: frozenset[tuple[str, ...]]


class Removal(NamedTuple):
    """What one correction took out."""

    telling: frozenset[str]
    runs: frozenset[tuple[str, ...]]
    on: date


@dataclass(frozen=True)
class BroughtBack:
    """A phrase that a correction took out and a changed text has again, and the day of that correction."""

    phrase: str
    on: date


def brought_back(*, article: Article, fields: Fields) -> list[BroughtBack]:
    """Return the phrases of `fields` that corrections took out and the article, as it is stored, does not have."""
    history = list(article.revisions.order_by("number").values_list("made_at", "fields"))
    live = _words(history[-1][1]) if history else _words({})
    removals = [
        Removal(removal.telling - live.every, removal.runs - live.runs, removal.on) for removal in _removals(history)
    ]
    found = (phrase for lines in _texts(fields) for phrase in _phrases(lines, removals))
    return list(dict.fromkeys(found))


def _removals(history: list[tuple[datetime, Fields]]) -> Iterator[Removal]:
    """Yield what each correction took out, given all revisions with their times."""
    steps = [(before, after, at) for (_at, before), (at, after) in pairwise(history)]
    for before, after, at in steps:
        if len(after["corrections"]) <= len(before["corrections"]):
            continue
        near = [(_words(old), _words(new)) for old, new, when in steps if abs(when - at) <= NEAR]
        yield Removal(
            frozenset().union(*(old.telling - new.every for old, new in near)),
            frozenset().union(*(old.runs - new.runs for old, new in near)),
            timezone.localdate(at),
        )


def _texts(fields: Fields) -> Iterator[list[str]]:
    """Yield each sentence of what readers see, as its words."""
    for value in written(fields).values():
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            text = " ".join(row) if isinstance(row, list) else row
            if isinstance(text, str):
                yield from (WORD.findall(sentence) for sentence in SENTENCE.split(text))


def _same(word: str) -> str:
    """Return what is compared of a word: neither case nor genitive makes another word."""
    return GENITIVE.sub("", unicodedata.normalize("NFKC", word)).casefold()


def _words(fields: Fields) -> Words:
    lines = list(_texts(fields))
    telling = {_same(word) for line in lines for word in line if _tells(word)}
    runs = {run for line in lines for run in _runs(line)}
    return Words(frozenset(_same(word) for line in lines for word in line), frozenset(telling), frozenset(runs))


def _tells(word: str) -> bool:
    return word[0].isupper() or any(letter.isdigit() for letter in word) or bool(PICTURE.fullmatch(word))


def _runs(line: list[str]) -> Iterator[tuple[str, ...]]:
    same = [_same(word) for word in line]
    return zip(*(same[start:] for start in range(RUN)), strict=False)


def _phrases(line: list[str], removals: list[Removal]) -> Iterator[BroughtBack]:
    """Yield the longest stretches of a sentence whose words were taken out."""
    for removal in removals:
        marked = {place for place, word in enumerate(line) if _same(word) in removal.telling}
        for place, run in enumerate(_runs(line)):
            if run in removal.runs:
                marked |= set(range(place, place + RUN))
        for stretch in _stretches(sorted(marked)):
            yield BroughtBack(_shown([line[place] for place in stretch]), removal.on)


def _stretches(places: list[int]) -> Iterator[list[int]]:
    stretch: list[int] = []
    for place in places:
        if stretch and place != stretch[-1] + 1:
            yield stretch
            stretch = []
        stretch.append(place)
    if stretch:
        yield stretch


def _shown(words: list[Any]) -> str:
    named = [_("a picture") if PICTURE.fullmatch(word) else word for word in words]
    return " ".join(named[:LONGEST]) + (" …" if len(named) > LONGEST else "")
