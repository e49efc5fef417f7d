"""Find what no eye sees in a text, and what is drawn over its neighbours, so that it can be shown as a mark. Pure.

Hidden are controls of direction, zero-width spaces, other letters that are drawn as nothing, and whatever combining
marks are heaped on one letter. What says how the letters beside it are drawn, as joiners and variation selectors do in
many scripts and in emoji, stays wherever it is.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from reports.text.entities.normalising import FILLERS

MOST = 4  # combining marks on one letter: hardly anybody writes more
BREAKS = "\t\n\r"
JOINERS = "\u200c\u200d"
DRAWN = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
)  # of Cf, and seen all the same
PLAIN = re.compile(
    r"[\t\n\r -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e]*"
)  # most texts are this alone
FLAG = re.compile(
    "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"
)  # as Wales has one
HIDDEN = re.compile(rf"m{{{MOST + 1},}}|u+")  # in the text's shape, as `_shape` writes it


class CharacterRun(NamedTuple):
    """A piece of a text; `hidden` says that no eye sees it, or that it is a heap of marks on the letter before."""

    text: str
    hidden: bool

    @property
    def is_heap(self) -> bool:
        """Whether it is a heap of combining marks."""
        return self.hidden and _shape(self.text[0]) == "m"


def pieces(text: str) -> Iterator[CharacterRun]:
    """Yield a text in pieces, in order: joined they are the text. What is hidden side by side is one piece."""
    shape = (
        ""
        if PLAIN.fullmatch(text)
        else "".join(map(_shape, FLAG.sub(lambda flag: "." * len(flag[0]), text)))
    )
    start = 0
    for match in HIDDEN.finditer(shape):
        if start < match.start():
            yield CharacterRun(text[start : match.start()], hidden=False)
        yield CharacterRun(text[match.start() : match.end()], hidden=True)
        start = match.end()
    if start < len(text):
        yield CharacterRun(text[start:], hidden=False)


def code(letter: str) -> str:
    """Return a character's number as Unicode writes it, such as U+202E."""
    return f"U+{ord(letter):04X}"


@lru_cache(maxsize=4096)
def _shape(letter: str) -> str:
    """Return "u" for a character that no eye sees, "m" for a combining mark, and "." for any other."""
    category = unicodedata.category(letter)
    if letter in FILLERS or category in ("Zl", "Zp"):
        return "u"
    if category in ("Cc", "Cf"):
        if letter in BREAKS or letter in JOINERS or letter in DRAWN:
            return "."
        return "u"
    if category in ("Mn", "Me"):
        return "m"
    return "."
