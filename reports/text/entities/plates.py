"""UK number plates with a year, by the formats of DVLA's leaflet INF104; Northern Ireland's by its county codes.

O is read as 0 and I or l as 1 where the format has a digit, and 0 as O where it has a letter. Text that ordinary
sentences are full of ("at 10 the", "k9 dog") counts only beside a word such as "reg", or in capitals.
"""

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

from reports.text.entities.kinds import WORDS, Candidate, EntityKind, stretches, words

GAP = r"[ ._\-]{0,3}"
MOST = 2_000  # texts in the form of one kind of plate that are looked at: more than a long chat has
REACH = 28  # characters from a digit to either end of its plate at the most
BEFORE = 48
AFTER = 32  # characters in which a word such as "reg" is looked for
PLATE_WORD = (
    r"\b(?:reg(?:istration|s|o)?|numberplates?|vrm|vrn|"
    r"(?:(?:number|licen[cs]e|car|van|false|fake|cloned?|private) ?)?plates?)\b"
)
LINKS = (
    r"(?:(?:no|num|number|mark|is|was|are|of|it|its|reads?|like|starts?|ends?|with|the|on|a|say|saying|maybe)"
    r"[.:]{0,2} ){0,4}"
)
NAMED_BEFORE = re.compile(rf"{PLATE_WORD}[^\w\n]{{0,4}}{LINKS}[^\w\n]{{0,3}}$")
NAMED_AFTER = re.compile(
    rf"[^\w\n]{{0,4}}(?:(?:on|as|is|was|the|its|their|his|her) ){{0,3}}{PLATE_WORD}"
)
YEAR = "a-hj-npr-tv-y"  # letters that stand for a year
COUNTIES = sorted(
    words(
        "az bz cz dz ez fz gz hz ia ib ig ij il iw ji jz kz lz mz nz oi oz pz rz sz tz ui uz vz wz xi xz yz"
    )
)
NAMES = words(  # words and makes of three letters that look like the head of a plate
    """bmw kia gti amg usb mp3 sim pin fig map bay gaz baz jaz caz maz raz haz big dig gig jig pig rig wig zig oil ail
    nil til mil via dia mia ria pia bib fib rib jib tui koi moi pcs nos tel fax ref row lot box"""
)
ROAD_BEFORE = re.compile(r"\b(?:the|on|off|of|near|along|down|up|from|to|by|past|and) $")


class PossiblePlate(NamedTuple):
    """Text in the form of a plate: its three parts, mended; how it was written; and the signs that it is a plate."""

    head: str
    middle: str
    tail: str
    chunks: tuple[str, ...]
    mended: int
    named: bool
    in_capitals: bool  # written in capitals, while the text has small letters
    doubtful: bool  # "lol1 omg": a small l read as 1 among small letters
    after_road_word: bool  # after "the", "on" and the like
    ends_as_unit: bool  # "Lee 500k": ends in k, m, g or p, as amounts do

    @property
    def in_one(self) -> bool:
        """Whether it is written without a gap."""
        return len(self.chunks) == 1

    def split_at(self, length: int) -> bool:
        """Return whether it has exactly one gap, after `length` characters."""
        return len(self.chunks) == 2 and len(self.chunks[0]) == length

    @property
    def aligned(self) -> bool:
        """Whether all gaps lie between its parts: "S20 FE" is not "S2 OFE"."""
        ends = {0}
        for part in (self.head, self.middle, self.tail):
            ends.add(max(ends) + len(part))
        return ends.issuperset(accumulate(len(chunk) for chunk in self.chunks))

    @property
    def has_word(self) -> bool:
        """Whether a chunk is a word that sentences put beside numbers."""
        return any(len(chunk) > 1 and (chunk in WORDS or chunk in NAMES) for chunk in self.chunks)


def _current(plate: PossiblePlate) -> bool:
    if plate.in_one:
        return True
    if plate.split_at(4):
        return plate.in_capitals or not plate.has_word
    age = int(plate.middle)
    return not plate.has_word and not plate.mended and (2 <= age < 40 or 51 <= age < 90)


def _prefix(plate: PossiblePlate) -> bool:
    digits = len(plate.middle)
    if plate.in_one:
        return digits > 1 or plate.in_capitals
    if plate.has_word or (plate.head in "ABM" and plate.after_road_word):
        return False
    return (plate.in_capitals and plate.aligned) or (plate.split_at(1 + digits) and digits == 3)


def _suffix(plate: PossiblePlate) -> bool:
    digits = len(plate.middle)
    if plate.in_one:
        return (digits > 1 and plate.head.lower() not in NAMES) or plate.in_capitals
    if plate.has_word:
        return plate.in_capitals and digits == 3 and plate.head.lower() not in NAMES
    if plate.in_capitals and plate.aligned:
        return True
    return digits == 3 and plate.split_at(3) and not plate.ends_as_unit


def _northern_irish(plate: PossiblePlate) -> bool:
    digits = len(plate.middle)
    if plate.has_word:
        return plate.in_capitals and digits > 2 and plate.split_at(3)
    if plate.in_capitals and plate.aligned:
        return True
    return digits > 2 and not plate.mended and (plate.in_one or plate.split_at(3))


def _some(characters: str, least: int, most: int) -> str:
    """Return a pattern for `least` to `most` of these characters, with gaps between them."""
    return f"{characters}(?:{GAP}{characters}){{{least - 1},{most - 1}}}"


def _format(head: str, middle: str, tail: str = "") -> re.Pattern[str]:
    """Return a pattern for a plate's parts, with gaps between them."""
    last = f"{GAP}{LETTER}({tail})" if tail else "()"
    return re.compile(rf"(?<![^\W_])(?<![@#/&£$€])({head}){GAP}({middle}){last}(?![^\W_]|@|[.,]\d)")


DIGIT = "[0-9oil]"
LETTER = rf"(?=(?:0{GAP}){{0,2}}[a-z])"  # zeros alone are no letters
HEAD = "[a-hj-pr-y0]"
TAIL = _some("[a-hj-pr-z0]", 3, 3)
COUNTY = "|".join(f"{code[0]}{GAP}{code[1]}" for code in COUNTIES).replace("o", "[o0]")
FORMATS: tuple[tuple[re.Pattern[str], Callable[[PossiblePlate], bool]], ...] = (
    (_format(LETTER + _some(HEAD, 2, 2), _some(DIGIT, 2, 2), TAIL), _current),
    (_format(f"[{YEAR}q]", _some(DIGIT, 1, 3), TAIL), _prefix),
    (_format(LETTER + TAIL, _some(DIGIT, 1, 3), f"[{YEAR}]"), _suffix),
    (_format(f"[a-z0]{GAP}(?:{COUNTY})", _some(DIGIT, 1, 4)), _northern_irish),
)
GAPS = re.compile(r"[ ._\-]+")


def plates(
    text: str, *, original: Callable[[int, int], str], is_query: bool = False
) -> Iterator[Candidate]:
    """Yield the plates in a normalised text; `is_query`: the text is a search query, so all of it may be a plate."""
    mixed = None
    near_digits = list(stretches(text, reach=REACH))
    for pattern, accepts in FORMATS:
        tried = 0
        for start, end in near_digits:
            match = pattern.search(text, start, end)
            while match and tried < MOST:
                tried += 1
                if mixed is None:
                    mixed = (whole := original(0, len(text))) != whole.upper()
                plate = _possible_plate(
                    match, original(match.start(), match.end()), mixed=mixed, is_query=is_query
                )
                counts = plate is not None and _counts(plate, accepts)
                if plate is not None and counts:
                    yield Candidate(
                        EntityKind.PLATE,
                        plate.head + plate.middle + plate.tail,
                        *match.span(),
                        plate.mended,
                    )
                match = pattern.search(text, match.end() if counts else match.start() + 1, end)


def _counts(plate: PossiblePlate, accepts: Callable[[PossiblePlate], bool]) -> bool:
    if plate.named:
        return len(plate.chunks) < 3 or plate.in_capitals or not plate.has_word
    return accepts(plate) and not plate.doubtful


def _possible_plate(
    match: re.Match[str], written: str, *, mixed: bool, is_query: bool
) -> PossiblePlate | None:
    """Return the matched text, each part mended to letters or digits; None where a part has none of its own kind."""
    text = match.string
    parts = [GAPS.sub("", part) for part in match.groups()]
    first, number, last = parts
    if not any(map(str.isdigit, number)) or any(
        part and not part.strip("0") for part in (first, last)
    ):
        return None
    mended = [
        first.replace("0", "o"),
        number.translate(str.maketrans("oil", "011")),
        last.replace("0", "o"),
    ]
    changed = [
        char
        for char, mended_char in zip("".join(parts), "".join(mended), strict=True)
        if char != mended_char
    ]
    before = text[max(0, match.start() - BEFORE) : match.start()]
    after = text[match.end() : match.end() + AFTER]
    small = [char for char in written if char.islower()]
    head, middle, tail = (part.upper() for part in mended)
    return PossiblePlate(
        head,
        middle,
        tail,
        chunks=tuple(GAPS.split(match[0])),
        mended=len(changed),
        named=(is_query and match.span() == (0, len(text)))
        or bool(NAMED_BEFORE.search(before) or NAMED_AFTER.match(after)),
        in_capitals=mixed and not small,
        doubtful=not {"i", "l"}.isdisjoint(changed)
        and not {"i", "l"}.isdisjoint(small)
        and bool({*small} - {*"oil"}),
        after_road_word=ROAD_BEFORE.search(before) is not None,
        ends_as_unit=written[-1] in "kmgp",
    )
