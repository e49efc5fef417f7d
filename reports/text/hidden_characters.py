"""Find what no eye sees in a text, and what is drawn over its neighbours, so that it can be shown as a mark. Pure.

Hidden are controls of direction, zero-width characters, other letters that are drawn as nothing, and whatever combining
marks are heaped on one letter. What scripts and emoji are written with stays: joiners, tags of flags, and selectors.
"""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from reports.text.entities.normalising import FILLERS

MOST = 4  # combining marks on one letter: hardly anybody writes more
DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")  # of Cf, and seen all the same
STAY = DRAWN.union("\t\n\r\u200c\u200d", map(chr, range(0xE0020, 0xE0080)))
SEEN, MARK, UNSEEN = range(3)


class Piece(NamedTuple):
    """A piece of a text; `hidden` says that no eye sees it, or that it is a heap of marks on the letter before."""

    text: str
    hidden: bool

    @property
    def is_heap(self) -> bool:
        """Whether it is a heap of combining marks."""
        return self.hidden and _kind(self.text[0]) == MARK


def pieces(text: str) -> Iterator[Piece]:
    """Yield a text in pieces, in order: joined they are the text. What is hidden side by side is one piece."""
    for kind, letters in groupby(text, key=_kind):
        piece = "".join(letters)
        yield Piece(piece, hidden=kind == UNSEEN or (kind == MARK and len(piece) > MOST))


def code(letter: str) -> str:
    """Return a character's number as Unicode writes it, such as U+202E."""
    return f"U+{ord(letter):04X}"


def _kind(letter: str) -> int:
    category = unicodedata.category(letter)
    if letter in FILLERS or (category in ("Cc", "Cf", "Zl", "Zp") and letter not in STAY):
        return UNSEEN
    return MARK if category in ("Mn", "Me") else SEEN
