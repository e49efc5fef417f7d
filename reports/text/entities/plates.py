"""UK number plates, by the formats of DVLA's leaflet INF104; Northern Ireland's by its county codes.

Two doubts are mended: O for 0 and I or l for 1 where a digit must stand, and 0 for O where a letter must. What
sentences are full of ("M25", "at 10 the", "ABC 12") counts only beside a word such as "reg", or in capitals.
"""

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

from reports.text.entities.kinds import WORDS, Find, Kind, stretches, words

GAP = r"[ ._\-]{0,3}"
REACH = 28  # characters from a digit to either end of its plate at the most
BEFORE, AFTER = 48, 32  # characters in which a word such as "reg" is looked for
PLATE_WORD = (
    r"\b(?:reg(?:istration|s|o)?|numberplates?|vrm|vrn|"
    r"(?:(?:number|licen[cs]e|car|van|false|fake|cloned?|private) ?)?plates?)\b"
)
PLATE_SIGNS = ("reg", "plate", "vrm", "vrn")  # one of them is in each of these words; most texts have none
LINKS = (
    r"(?:(?:no|num|number|mark|is|was|are|of|it|its|reads?|like|starts?|ends?|with|the|on|a|say|saying|maybe)"
    r"[.:]{0,2} ){0,4}"
)
NAMED_BEFORE = re.compile(rf"{PLATE_WORD}[^\w\n]{{0,4}}{LINKS}[^\w\n]{{0,3}}$")
NAMED_AFTER = re.compile(rf"[^\w\n]{{0,4}}(?:(?:on|as|is|was|the|its|their|his|her) ){{0,3}}{PLATE_WORD}")
YEAR = "a-hj-npr-tv-y"  # letters that stand for a year
COUNTIES = sorted(
    words("az bz cz dz ez fz gz hz ia ib ig ij il iw ji jz kz lz mz nz oi oz pz rz sz tz ui uz vz wz xi xz yz")
)
NAMES = words(  # words and makes of three letters that look like the head of a plate
    """bmw kia gti amg usb mp3 sim pin fig map bay gaz baz jaz caz maz raz haz big dig gig jig pig rig wig zig oil ail
    nil til mil via dia mia ria pia bib fib rib jib tui koi moi pcs nos tel fax ref row lot box"""
)
ROAD_BEFORE = re.compile(r"\b(?:the|on|off|of|near|along|down|up|from|to|by|past|and) $")


class Seen(NamedTuple):
    """What was written where a plate may be: letters and digits mended, its parts, and what speaks for it."""

    head: str
    middle: str
    tail: str
    chunks: tuple[str, ...]
    mended: int
    named: bool
    loud: bool  # in capitals, in a text that is not
    doubtful: bool  # "lol1 omg": a small l read as 1 among small letters
    road: bool  # after "the", "on" and the like
    unit: bool  # "Lee 500k": ends as money, metres, grams or pence do

    @property
    def in_one(self) -> bool:
        """Whether it is written without a gap."""
        return len(self.chunks) == 1

    def split_at(self, length: int) -> bool:
        """Return whether it has one gap, after so many characters."""
        return len(self.chunks) == 2 and len(self.chunks[0]) == length

    @property
    def aligned(self) -> bool:
        """Whether its gaps stand between letters and digits only: "S20 FE" is no "S2 OFE"."""
        ends = {0}
        for part in (self.head, self.middle, self.tail):
            ends.add(max(ends) + len(part))
        return ends.issuperset(accumulate(len(chunk) for chunk in self.chunks))

    @property
    def has_word(self) -> bool:
        """Whether a part of it is a word that stands beside numbers in sentences."""
        return any(len(chunk) > 1 and (chunk in WORDS or chunk in NAMES) for chunk in self.chunks)


def _current(seen: Seen) -> bool:
    if seen.in_one:
        return True
    if seen.split_at(4):
        return seen.loud or not seen.has_word
    age = int(seen.middle)
    return not seen.has_word and not seen.mended and (2 <= age < 40 or 51 <= age < 90)


def _prefix(seen: Seen) -> bool:
    digits = len(seen.middle)
    if seen.in_one:
        return digits > 1 or seen.loud
    if seen.has_word or (seen.head in "ABM" and seen.road):
        return False
    return (seen.loud and seen.aligned) or (seen.split_at(1 + digits) and digits == 3)


def _suffix(seen: Seen) -> bool:
    digits = len(seen.middle)
    if seen.in_one:
        return (digits > 1 and seen.head.lower() not in NAMES) or seen.loud
    if seen.has_word:
        return seen.loud and digits == 3 and seen.head.lower() not in NAMES
    return (seen.loud and seen.aligned) or (seen.split_at(3) and digits == 3 and not seen.unit)


def _northern_irish(seen: Seen) -> bool:
    digits = len(seen.middle)
    if seen.has_word:
        return seen.loud and digits > 2 and seen.split_at(3)
    return (seen.loud and seen.aligned) or (digits > 2 and not seen.mended and (seen.in_one or seen.split_at(3)))


def _dateless(seen: Seen) -> bool:
    return seen.named and (seen.loud or not seen.has_word)


def _some(characters: str, least: int, most: int) -> str:
    """Return the pattern of so many of these characters with anything between."""
    return f"{characters}(?:{GAP}{characters}){{{least - 1},{most - 1}}}"


def _format(head: str, middle: str, tail: str = "") -> re.Pattern[str]:
    """Return the pattern of a plate's parts with anything between them."""
    last = f"{GAP}({tail})" if tail else "()"
    return re.compile(rf"(?<![^\W_])(?<![@#/&£$€])({head}){GAP}({middle}){last}(?![^\W_]|@|[.,]\d)")


DIGIT = "[0-9oil]"
HEAD, TAIL = "[a-hj-pr-y0]", _some("[a-hj-pr-z0]", 3, 3)
COUNTY = "|".join(f"{code[0]}{GAP}{code[1]}" for code in COUNTIES).replace("o", "[o0]")
FORMATS: tuple[tuple[re.Pattern[str], Callable[[Seen], bool]], ...] = (
    (_format(_some(HEAD, 2, 2), _some(DIGIT, 2, 2), TAIL), _current),
    (_format(f"[{YEAR}q]", _some(DIGIT, 1, 3), TAIL), _prefix),
    (_format(TAIL, _some(DIGIT, 1, 3), f"[{YEAR}]"), _suffix),
    (_format(f"[a-z0]{GAP}(?:{COUNTY})", _some(DIGIT, 1, 4)), _northern_irish),
    # Dateless ones, which count only where they are named.
    (_format(_some("[a-z]", 1, 3), _some(DIGIT, 1, 4)), _dateless),
    (_format(_some("[0-9]", 1, 4), _some("[a-z]", 1, 3)), _dateless),
)
GAPS = re.compile(r"[ ._\-]+")


def plates(text: str, *, original: Callable[[int, int], str], asked: bool = False) -> Iterator[Find]:
    """Yield the plates in a folded text; `asked`: the whole text is what somebody typed to look for."""
    mixed = None
    named = asked or (any(map(text.__contains__, PLATE_SIGNS)) and re.search(PLATE_WORD, text) is not None)
    for start, end in stretches(text, reach=REACH):
        for pattern, sounds in FORMATS if named else FORMATS[:-2]:
            found = pattern.search(text, start, end)
            while found:
                if mixed is None:
                    mixed = (whole := original(0, len(text))) != whole.upper()
                seen = _seen(found, original(found.start(), found.end()), mixed=mixed, asked=asked)
                good = seen is not None and _counts(seen, sounds)
                if seen is not None and good:
                    yield Find(Kind.PLATE, seen.head + seen.middle + seen.tail, *found.span(), seen.mended)
                found = pattern.search(text, found.end() if good else found.start() + 1, end)


def _counts(seen: Seen, sounds: Callable[[Seen], bool]) -> bool:
    if seen.named:
        return _dateless(seen) if sounds is _dateless else len(seen.chunks) < 3 or seen.loud or not seen.has_word
    return sounds(seen) and not seen.doubtful


def _seen(found: re.Match[str], written: str, *, mixed: bool, asked: bool) -> Seen | None:
    """Return what stands there, each part mended to letters or digits; None without a real one where one must be."""
    text = found.string
    parts = [GAPS.sub("", part) for part in found.groups()]
    digits_first = parts[0][0].isdigit() and parts[1].isalpha() and not parts[2]
    numbers, letters = (parts[:1], parts[1:2]) if digits_first else (parts[1:2], [parts[0], parts[2]])
    if not any(map(str.isdigit, numbers[0])) or any(part and not part.strip("0") for part in letters):
        return None
    as_digits = str.maketrans("oil", "011")
    mended = [part.translate(as_digits) if part in numbers else part.replace("0", "o") for part in parts]
    changed = [one for one, other in zip("".join(parts), "".join(mended), strict=True) if one != other]
    before, after = text[max(0, found.start() - BEFORE) : found.start()], text[found.end() : found.end() + AFTER]
    small = [char for char in written if char.islower()]
    head, middle, tail = (part.upper() for part in mended)
    return Seen(
        head,
        middle,
        tail,
        chunks=tuple(GAPS.split(found[0])),
        mended=len(changed),
        named=(asked and found.span() == (0, len(text)))
        or bool(NAMED_BEFORE.search(before) or NAMED_AFTER.match(after)),
        loud=mixed and not small,
        doubtful=not {"i", "l"}.isdisjoint(changed) and not {"i", "l"}.isdisjoint(small) and bool({*small} - {*"oil"}),
        road=ROAD_BEFORE.search(before) is not None,
        unit=written[-1] in "kmgp",
    )
