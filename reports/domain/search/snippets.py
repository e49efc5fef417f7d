"""Snippets: the words around what a search found in a tip, with what was found marked."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from reports import questions
from reports.domain.tips import digests
from reports.sealing import query

MOST = 3  # snippets of a tip
AROUND = 60  # characters before and after what was found
NEAR = 80  # what is found so near to the one before stands in the same snippet


class Piece(NamedTuple):
    """A stretch of text, and whether it is what was looked for."""

    text: str
    found: bool


class Snippet(NamedTuple):
    """Some words of an answer, and to which question."""

    question: Any
    pieces: tuple[Piece, ...]


def cut(entries: Iterable[Mapping[str, Any]], terms: list[query.Term]) -> tuple[Snippet, ...]:
    """Return the first few snippets of a tip's texts, each text once."""
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
    """Yield the spans, those together that stand near to each other."""
    group: list[tuple[int, int]] = []
    for span in spans:
        if group and (span[0] - group[-1][1] > NEAR or span[0] - group[0][0] > 3 * NEAR):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _pieces(text: str, spans: list[tuple[int, int]]) -> tuple[Piece, ...]:
    first, last = max(0, spans[0][0] - AROUND), min(len(text), spans[-1][1] + AROUND)
    pieces, at = [Piece("…", found=False)] if first else [], first
    for start, end in spans:
        pieces += [Piece(text[at:start], found=False), Piece(text[start:end], found=True)]
        at = end
    pieces.append(Piece(text[at:last] + ("…" if last < len(text) else ""), found=False))
    return tuple(piece for piece in pieces if piece.text)


def _label(name: str) -> Any:
    known = {question.name: question.label for question in questions.FIELDS}
    return known.get(name, name)
