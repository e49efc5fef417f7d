"""Snippets: the text around the matches of a search, with the matches marked."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from reports import questions
from reports.domain.tips import digests

MOST = 3  # snippets of a tip
AROUND = 60  # characters before and after a match
NEAR = 80  # characters between two matches that share a snippet, at most


class SnippetPiece(NamedTuple):
    """A piece of text, and whether it is a match."""

    text: str
    is_match: bool


class Snippet(NamedTuple):
    """A part of an answer or of our text, and its question or heading."""

    question: Any
    pieces: tuple[SnippetPiece, ...]


type Spans = list[tuple[int, int]]


def cut(
    entries: Iterable[Mapping[str, Any]],
    hits: Callable[[str], Spans],
    *,
    ours: Iterable[tuple[str, str]] = (),
) -> tuple[Snippet, ...]:
    """Return up to MOST snippets of a tip's answers and then of our texts, by their headings; repeated ones once.

    `hits` returns where the matches in a text begin and end.
    """
    theirs = (named for answers in entries for named in digests.texts(answers).items())
    snippets = list[Snippet]()
    labels = {question.name: question.label for question in questions.FIELDS}
    for name, text in dict.fromkeys(chain(theirs, ours)):
        for group in _groups(hits(text)):
            snippets.append(Snippet(labels.get(name, name), _pieces(text, group)))
            if len(snippets) == MOST:
                return tuple(snippets)
    return tuple(snippets)


def _groups(spans: Spans) -> Iterable[Spans]:
    """Yield groups of spans that are near each other."""
    group: Spans = []
    for span in spans:
        if group and (span[0] - group[-1][1] > NEAR or span[0] - group[0][0] > 3 * NEAR):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _pieces(text: str, spans: Spans) -> tuple[SnippetPiece, ...]:
    first = max(0, spans[0][0] - AROUND)
    last = min(len(text), spans[-1][1] + AROUND)
    pieces = [SnippetPiece("…", is_match=False)] if first else []
    at = first
    for start, end in spans:
        pieces += [
            SnippetPiece(text[at:start], is_match=False),
            SnippetPiece(text[start:end], is_match=True),
        ]
        at = end
    after = text[at:last]
    if last < len(text):
        after += "…"
    pieces.append(SnippetPiece(after, is_match=False))
    return tuple(piece for piece in pieces if piece.text)
