"""One spelling for texts that look the same: case, space, invisible and look-alike letters, digits of any script."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

CACHED = 20_000  # characters kept in the cache


def _pairs(alike: str, latin: str) -> dict[str, str]:
    return dict(zip(alike, latin, strict=True))


# Letters that look like Latin ones (after casefold()), from Unicode's confusables (UTS 39), and letters that people
# replace by plain ones where their keyboard has none.
LOOK_ALIKES = {
    **_pairs("авекмнорстухіјѕԁһԛԝѵԍԃ", "abekmhopctyxijsdhqwvgd"),  # Cyrillic
    **_pairs("αβεζηικμνορτυχϲϳγ", "abezhikmnoptyxcjy"),  # Greek
    **_pairs("օսհոգզԱ".lower(), "ouhngqu"),  # Armenian
    **_pairs("ıłøđħŧɡɑǀ", "ilodhtgal"),
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    **dict.fromkeys("‐‑‒–—―−﹘﹣－⁃˗", "-"),
    **dict.fromkeys("‘’ʼ´`′ʹ＇", "'"),
}
SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))  # of how the letter before is drawn
DIACRITICS = (
    (0x300, 0x36F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE20, 0xFE2F),
    *SELECTORS,
)
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and signs that are drawn as nothing


class Normalised(NamedTuple):
    """A normalised text: `text`, and for each of its characters (and its end) the position in the original."""

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the start and end in the original of the characters from `start` to `end`."""
        places = self.places[start:end]
        return min(places), max(places) + 1


class _Table(dict[int, str]):
    """A cache of each character's normal form, for str.translate."""

    def __missing__(self, code: int) -> str:
        becomes = _normalised(chr(code))
        if len(self) < CACHED:
            self[code] = becomes
        return becomes


def normalise(text: str) -> Normalised:
    """Return the text in its one spelling: lower case, look-alikes as plain Latin letters, nothing invisible.

    Line breaks stay; other space becomes a blank.
    """
    if text.isascii() and text.isprintable():
        return Normalised(
            text.lower().replace("`", "'"), range(len(text) + 1)
        )  # the same as with the table
    if all(len(TABLE[ord(char)]) == 1 for char in set(text)):
        return Normalised(text.translate(TABLE), range(len(text) + 1))
    characters: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        becomes = TABLE[ord(char)]
        characters.append(becomes)
        places.extend([place] * len(becomes))
    return Normalised("".join(characters), [*places, len(text)])


def _normalised(char: str) -> str:
    if char in "\n\r\u2028\u2029\x0b\x0c\x85":
        return "\n"
    if char.isspace():
        return " "
    lower = char.casefold()
    plain = "".join(
        map(
            _letter,
            lower if lower in LOOK_ALIKES else unicodedata.normalize("NFKD", lower).casefold(),
        )
    )
    return plain.replace("\u2044", "/")


def _letter(char: str) -> str:
    char = LOOK_ALIKES.get(char, char)
    if len(char) > 1 or char.isascii():
        return char.lower() if char.isprintable() else ""
    if (number := unicodedata.decimal(char, None)) is not None:
        return str(number)
    hidden = unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Cn") or char in FILLERS
    return (
        ""
        if hidden or any(low <= ord(char) <= high for low, high in DIACRITICS)
        else char.casefold()
    )


TABLE = _Table()
