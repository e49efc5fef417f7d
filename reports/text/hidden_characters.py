"""Find what no eye sees in a text, and what is drawn over its neighbours, so that it can be shown as a mark. Pure.

Hidden are controls of direction, zero-width characters, other letters that are drawn as nothing, and whatever combining
marks are heaped on one letter. Joiners stay where they do their work: in the scripts that write with them, as Urdu and
Persian do, and in emoji.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from reports.text.entities.normalising import FILLERS

MOST = 4  # combining marks on one letter: hardly anybody writes more
BREAKS = "\t\n\r"
JOINERS = "\u200c\u200d"
# Scripts with joiners: Arabic to Sinhala, Burmese, Khmer and Mongolian, and Arabic's ready-made forms.
JOINED = ((0x600, 0xDFF), (0x1000, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")  # of Cf, and seen all the same
ARROWS = "\u2194\u2195"  # joined in emoji, and no "other symbols"
LOOKS = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"  # of an emoji: in colour, and of which skin
SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
PLAIN = re.compile(r"[\t\n\r -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e]+")  # most texts are this alone
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")  # as Wales has one


class Piece(NamedTuple):
    """A piece of a text; `hidden` says that no eye sees it, or that it is a heap of marks on the letter before."""

    text: str
    hidden: bool

    @property
    def is_heap(self) -> bool:
        """Whether it is a heap of combining marks."""
        return self.hidden and _combines(self.text[0])


def pieces(text: str) -> Iterator[Piece]:
    """Yield a text in pieces, in order: joined they are the text. What is hidden side by side is one piece."""
    start = 0
    for begins, ends in _hidden(text):
        if start < begins:
            yield Piece(text[start:begins], hidden=False)
        yield Piece(text[begins:ends], hidden=True)
        start = ends
    if start < len(text):
        yield Piece(text[start:], hidden=False)


def code(letter: str) -> str:
    """Return a character's number as Unicode writes it, such as U+202E."""
    return f"U+{ord(letter):04X}"


def _hidden(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where something is hidden."""
    at = 0
    while at < len(text):
        if seen := PLAIN.match(text, at) or FLAG.match(text, at):
            at = seen.end()
            continue
        end = _heap_end(text, at)
        if end - at > MOST:
            yield at, end
        elif end == at:
            end = _unseen_end(text, at)
            if end > at:
                yield at, end
        at = max(end, at + 1)


def _heap_end(text: str, at: int) -> int:
    """Return where the combining marks end that begin here."""
    while at < len(text) and _combines(text[at]):
        at += 1
    return at


def _unseen_end(text: str, at: int) -> int:
    """Return where the characters end that begin here and that no eye sees."""
    while at < len(text) and _is_unseen(text, at):
        at += 1
    return at


def _combines(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me") and letter not in FILLERS and not SELECTORS.match(letter)


def _is_unseen(text: str, at: int) -> bool:
    letter = text[at]
    if letter in JOINERS:
        return not _joins(text, at)
    if SELECTORS.match(letter):  # of how a letter is drawn: seen where it is an emoji's, and nowhere else
        return not (letter in "\ufe0e\ufe0f" and _is_emoji(text[max(0, at - 1) : at] or " "))
    if letter in FILLERS or unicodedata.category(letter) in ("Cc", "Zl", "Zp"):
        return letter not in BREAKS
    return unicodedata.category(letter) == "Cf" and letter not in DRAWN


def _joins(text: str, at: int) -> bool:
    """Return whether a joiner stands between two letters of a script that has them, or between two emoji."""
    near, after = text[max(0, at - 3) : at], text[at + 1 : at + 2]
    if not near or not after:
        return False
    if _is_joined(near[-1]) and _is_joined(after):
        return True
    before = near.rstrip(LOOKS)[-1:]
    return bool(before) and text[at] == "\u200d" and _is_emoji(before) and _is_emoji(after)


def _is_joined(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LM" and any(low <= ord(letter) <= high for low, high in JOINED)


def _is_emoji(letter: str) -> bool:
    return letter in ARROWS or unicodedata.category(letter) == "So"
