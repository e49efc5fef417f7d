"""Snippets: the text around the matches of a search, with the matches marked."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from reports import questions
from reports.domain.tips import digests
from reports.sealing import query

MOST = 3  # snippets of a tip
AROUND = 60  # characters before and after a match
NEAR = 80  # characters between two matches that share a snippet, at most


class SnippetPiece(NamedTuple):
    """A piece of text, and whether it is a match."""

    text: str
    is_match: bool


class Snippet(NamedTuple):
    """A part of an answer, and its question."""

    question: Any
    pieces: tuple[SnippetPiece, ...]


def cut(entries: Iterable[Mapping[str, Any]], terms: list[query.Term]) -> tuple[Snippet, ...]:
    """Return up to MOST snippets of a tip's answers; an answer that is repeated counts once."""
    snippets: list[Snippet] = []
    seen: set[tuple[str, str]] = set()
    for answers in entries:
        for name, text in digests.texts(answers).items():
            if (name, text) in seen:
                continue
            seen.add((name, text))
            for group in _groups(query.hits(text, terms)):
                snippets.append(Snippet(_label(name), _pieces(text, group)))
                if len(snippets) == MOST:
                    return tuple(snippets)
    return tuple(snippets)


def _groups(spans: list[tuple[int, int]]) -> Iterable[list[tuple[int, int]]]:
    """Yield groups of spans that are near each other."""
    group: list[tuple[int, int]] = []
    for span in spans:
        if group and (span[0] - group[-1][1] > NEAR or span[0] - group[0][0] > 3 * NEAR):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _pieces(text: str, spans: list[tuple[int, int]]) -> tuple[SnippetPiece, ...]:
    first, last = max(0, spans[0][0] - AROUND), min(len(text), spans[-1][1] + AROUND)
    pieces, at = [SnippetPiece("…", is_match=False)] if first else [], first
    for start, end in spans:
        pieces += [SnippetPiece(text[at:start], is_match=False), SnippetPiece(text[start:end], is_match=True)]
        at = end
    pieces.append(SnippetPiece(text[at:last] + ("…" if last < len(text) else ""), is_match=False))
    return tuple(piece for piece in pieces if piece.text)


def _label(name: str) -> Any:
    known = {question.name: question.label for question in questions.FIELDS}
    return known.get(name, name)
