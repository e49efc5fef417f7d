"""One spelling for what looks the same: case, spacing, invisible and look-alike characters, digits of other scripts."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

OVERRIDE, OVERRIDE_ENDS = "\u202e", "\u202c\u2069\n"  # right-to-left override: what follows is read backwards
REMEMBERED = 20_000  # characters whose folding is kept


def _pairs(alike: str, latin: str) -> dict[str, str]:
    return dict(zip(alike, latin, strict=True))


# Letters that a reader takes for Latin ones (after case is folded), from Unicode's confusables (UTS 39), and letters
# that a keyboard without them writes plainly.
LOOK_ALIKES = {
    **_pairs("авекмнорстухіјѕԁһԛԝѵԍԃ", "abekmhopctyxijsdhqwvgd"),  # Cyrillic
    **_pairs("αβεζηικμνορτυχϲϳγ", "abezhikmnoptyxcjy"),  # Greek
    **_pairs("օսհոգզԱ".lower(), "ouhngqu"),  # Armenian
    **_pairs("ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᏚᎢᏙᏔᏃᏒ", "abcdeghjklmpstvwzr"),  # Cherokee
    **_pairs("ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "bpdtgkjczfmnlsrvhwxyaeiou"),  # Lisu
    **_pairs("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),  # small capitals
    **_pairs("ıłøđħŧɡɑǀ", "ilodhtgal"),
    **{chr(0x1F1E6 + n): chr(97 + n) for n in range(26)},  # regional indicators, boxed and ringed letters
    **{chr(0x1F150 + n): chr(97 + n) for n in range(26)},
    **{chr(0x1F170 + n): chr(97 + n) for n in range(26)},
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    **dict.fromkeys("‐‑‒–—―−﹘﹣－⁃˗", "-"),
    **dict.fromkeys("‘’ʼ´`′ʹ＇", "'"),
}
DIACRITICS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F))
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters and signs that show nothing


class Folded(NamedTuple):
    """A text in its one spelling: `text`, and for each of its characters (and its end) the place in the original."""

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the characters `start` to `end` stand in the original."""
        places = self.places[start:end]
        return min(places), max(places) + 1


class _Table(dict[int, str]):
    """What each character becomes: found once, then kept."""

    def __missing__(self, code: int) -> str:
        found = _fold(chr(code))
        if len(self) < REMEMBERED:
            self[code] = found
        return found


def fold(text: str) -> Folded:
    """Return the text in its one spelling: lower case, plain Latin where it looks so, nothing invisible.

    Line breaks stay; other space is a blank. What a right-to-left override turns round is read as it is seen.
    """
    if text.isascii() and text.isprintable():
        return Folded(text.lower().replace("`", "'"), range(len(text) + 1))  # as the table has them
    if OVERRIDE not in text and all(len(TABLE[ord(char)]) == 1 for char in set(text)):
        return Folded(text.translate(TABLE), range(len(text) + 1))
    folded: list[str] = []
    places: list[int] = []
    for place, char in _as_seen(text):
        becomes = TABLE[ord(char)]
        folded.append(becomes)
        places.extend([place] * len(becomes))
    return Folded("".join(folded), [*places, len(text)])


def join(parts: Sequence[Folded]) -> Folded:
    """Return folded texts as one, each on a line of its own: what folding the joined originals would give."""
    text = "\n".join(part.text for part in parts)
    if all(isinstance(part.places, range) for part in parts):
        return Folded(text, range(len(text) + 1))
    places: list[int] = []
    for part in parts:  # the last of a part's places, its end, is where the line breaks
        start = places[-1] + 1 if places else 0
        places.extend(start + place for place in part.places)
    return Folded(text, places)


def _as_seen(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character with its place, turned round after a right-to-left override up to where that ends."""
    position = 0
    while (start := text.find(OVERRIDE, position)) >= 0:
        yield from enumerate(text[position:start], position)
        ends = [found for mark in OVERRIDE_ENDS if (found := text.find(mark, start)) >= 0]
        position = min(ends, default=len(text))
        yield from reversed(list(enumerate(text[start + 1 : position], start + 1)))
    yield from enumerate(text[position:], position)


def _fold(char: str) -> str:
    if char in "\n\r\u2028\u2029\x0b\x0c\x85":
        return "\n"
    if char.isspace():
        return " "
    lower = char.casefold()
    plain = "".join(map(_letter, lower if lower in LOOK_ALIKES else unicodedata.normalize("NFKD", lower)))
    return plain.replace("\u2044", "/")


def _letter(char: str) -> str:
    char = LOOK_ALIKES.get(char, char)
    if len(char) > 1 or char.isascii():
        return char.lower() if char.isprintable() else ""
    if (number := unicodedata.decimal(char, None)) is not None:
        return str(number)
    hidden = unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Cn") or char in FILLERS
    return "" if hidden or any(low <= ord(char) <= high for low, high in DIACRITICS) else char.casefold()


TABLE = _Table()
