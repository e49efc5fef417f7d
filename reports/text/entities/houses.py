"""A house without its postcode: number, street in full, and flat and area where they are given.

"Flat 1, 7 Kirkstall Pl, Olney" is "7 KIRKSTALL PLACE, FLAT 1, OLNEY". Sentences are full of numbers and of words such
as "close" and "drive": such a word names a street only beside another sign that a house is meant.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from reports.text.entities.kinds import Candidate, EntityKind, words

MOST = 1_000  # numbers that are looked at in a text
BACK = 80  # characters before a number in which the name of its street is looked for
IN_FULL = words(
    """street road avenue lane crescent gardens terrace boulevard grove square croft mews close place way drive court
    walk row park view hill green rise house end gate"""
)
SHORT = words(
    """st=street str=street rd=road ave=avenue av=avenue ln=lane la=lane cres=crescent cresc=crescent gdns=gardens
    gdn=gardens garden=gardens terr=terrace ter=terrace blvd=boulevard gr=grove grv=grove sq=square cl=close pl=place
    dr=drive ct=court wlk=walk pk=park hse=house"""
)
TYPES = {kind: kind for kind in IN_FULL} | dict(pair.split("=") for pair in SHORT)
# These stand in any sentence.
ORDINARY = words(
    "close place way drive court walk row park view hill green rise house end gate la gr ter garden"
)
NOT_STREETS = words(
    """the a an this that these those our my his her their your its it in on of at to from by for with and or
    but down up off over past near behind outside inside along across into out round around through between is
    are was were be been has had have do does did not no so then than when while who where which what how if as
    all any some every each more most other another same next last few many much about just only also away under
    above they he she we i you them le minute minutes min mins hour hours hrs day days week weeks month months
    year years second seconds metre metres yards mile miles km feet ft am pm mph pound pounds quid grand percent
    gram grams kilos times people person men man women woman lads lad boys boy girls girl kids kid children
    brothers cars car vans van bikes bike motorbikes houses house doors door flats families dealers users guys
    blokes teenagers youths others lots phones bags deals calls visits visitors customers officers police dogs
    dog bus buses parcels shops shop garages needles roads streets side january february march april may june
    july august september october november december jan feb mar apr jun jul aug sept oct nov dec monday tuesday
    wednesday thursday friday saturday sunday clock different"""
)
INNER = words("the of on in and le")  # in a name that is written with capitals: "Isle of Man Close"
NO_HOUSE = words("bus route junction room page platform aged floor lane gate m a")
WORD = r"[^\W\d_][^\W\d_'\-]{0,23}(?:['\-][^\W\d_]{1,12})?"
TYPE = rf"(?:{'|'.join(sorted(TYPES, key=len, reverse=True))})(?![\w'])"
NUMBER = r"(?P<number>\d{1,4}(?: ?[a-h](?![\w']))?(?:[-/]\d{1,4})?)(?![\w%])"
MARK = r"(?P<mark>(?:\b(?:house|number|no|nr|flat|apartment|apt|unit)\b[.:]? ?(?:number ?|no\b\.? ?)?|# ?)?)"
FLAT = r"\b(?:flat|apartment|apt|unit)\.? ?(?:no\.? ?|number ?)?(?P<flat>\d{1,4}[a-h]?|[a-h])(?!\w)"
HOUSE = re.compile(
    rf"(?<![\w£$€.:/\-@])(?:{FLAT}[ ,]{{1,3}}(?:(?:at|of) )?)?{MARK}(?<![\w£$€:/\-@]){NUMBER},?[ \n]"
    rf"(?P<on>(?:(?:on|in|of) )?)(?P<name>(?:{WORD}\.? ){{1,4}}?)(?P<type>{TYPE}(?: {TYPE})?)\.?"
)
TURNED = re.compile(rf"\b(?P<type>{TYPE})\.?,? {MARK}{NUMBER}(?=(?P<ends>[.,;)\n]|$)| )")
NAME_BEFORE = re.compile(rf"(?:{WORD}\.? ){{1,3}}$")
FLAT_AFTER = re.compile(rf"[ ,(]{{1,3}}{FLAT}")
AREA = re.compile(rf"(?:, ?| in )({WORD}(?: {WORD}){{0,3}})(?![\w'\-])")
WORDS = re.compile(WORD)
LED_TO = re.compile(
    r"\b(?:at|from|outside|opposite|behind|address|lives?|living|in|into|to|by|visit|is) $"
)
STANDS_ALONE = re.compile(r"(?:^|\n|[,:;] )$")  # before it, with one of ENDS after it
ENDS = re.compile(r" ?(?:[.,;:)\n]|$)")
NO_STREET = re.compile(
    r" (?:to|by|enough|up|down|off|past|over|away|at|when|signs?|works?|sides?|users?|blocks?|humps?)\b"
)
YEAR = re.compile(r"(?:19|20)\d\d")


def forms(value: str) -> tuple[str, ...]:
    """Return how a house can be looked for: its value, and this without its area and without its flat."""
    parts = value.split(", ")
    return tuple(", ".join(parts[:count]) for count in range(len(parts), 0, -1))


class _Word(NamedTuple):
    """A word of a street's name, and whether it is written with a capital."""

    text: str
    is_capital: bool


type IsCapital = Callable[
    [int], bool
]  # whether a place of the text has a capital that says something


def houses(text: str, *, original: Callable[[int, int], str]) -> Iterator[Candidate]:
    """Yield the houses in a normalised text; its area is what follows with a capital, and may be something else."""
    mixed = (whole := original(0, len(text))) != whole.upper()

    def is_capital(place: int) -> bool:
        return mixed and original(place, place + 1).isupper()

    taken: set[int] = set()
    for pattern, read in ((HOUSE, _read), (TURNED, _read_turned)):
        position = tried = 0
        while tried < MOST and (match := pattern.search(text, position)):
            tried += 1
            candidate = read(match, is_capital)
            position = candidate.end if candidate else match.end("number")
            if candidate and taken.isdisjoint(places := range(candidate.start, candidate.end)):
                taken.update(places)
                yield candidate


def _read(match: re.Match[str], is_capital: IsCapital) -> Candidate | None:
    """Return the house if its number comes first: "22 Ashfield Crescent"."""
    text = match.string
    end = match.end("type")
    name = _words(match, "name", is_capital)
    kind, *another = _words(match, "type", is_capital)
    if (
        another and not another[0].is_capital and another[0].text in ORDINARY
    ):  # "Mill Lane close to the shop"
        end = match.start("type") + len(kind.text)
        another = []
    onward = end + (text[end : end + 1] == ".")
    if (
        (match["on"] and not match["mark"])
        or not _is_street(name)
        or not _is_meant(match, name, kind, onward)
    ):
        return None
    flat = match["flat"]
    if not flat and (after := FLAT_AFTER.match(text, onward)):
        flat = after["flat"]
        end = onward = after.end()
    value = _street(match["number"], name, [kind, *another])
    value += f", FLAT {flat.upper()}" if flat else ""
    return Candidate(EntityKind.HOUSE, value + _area(text, onward, is_capital), match.start(), end)


def _read_turned(match: re.Match[str], is_capital: IsCapital) -> Candidate | None:
    """Return the house if its number comes last, and its street has capitals: "Saxon Street, no 14"."""
    before = NAME_BEFORE.search(match.string[: match.start()], max(0, match.start() - BACK))
    kind = _words(match, "type", is_capital)
    name: list[_Word] = []
    for word in reversed(_words(before, 0, is_capital) if before else []):
        if not word.is_capital or word.text in NOT_STREETS:
            break
        name.insert(0, word)
    is_meant = match["mark"] or (match["ends"] is not None and kind[0].is_capital)
    if not name or not is_meant:
        return None
    start = match.start() - sum(len(word.text) + 1 for word in name)
    return Candidate(
        EntityKind.HOUSE, _street(match["number"], name, kind), max(0, start), match.end("number")
    )


def _words(match: re.Match[str], group: str | int, is_capital: IsCapital) -> list[_Word]:
    start, end = match.span(group)
    return [
        _Word(word[0], is_capital(word.start()))
        for word in WORDS.finditer(match.string, start, end)
    ]


def _has_capitals(name: list[_Word]) -> bool:
    return name[0].is_capital and all(word.is_capital or word.text in INNER for word in name)


def _is_street(name: list[_Word]) -> bool:
    """Return whether these words can be the name of a street: "the 2 cars on the road" is none."""
    meant = INNER if _has_capitals(name) else frozenset[str]()
    return all(word.text not in NOT_STREETS or word.text in meant for word in name)


def _is_meant(match: re.Match[str], name: list[_Word], kind: _Word, end: int) -> bool:
    """Return whether a house is meant, and no time, bus or year."""
    text = match.string
    before = match.string[max(0, match.start() - BACK) : match.start()]
    marked = bool(match["mark"] or match["flat"])
    last = before.split()[-1:]
    if not marked and (YEAR.fullmatch(match["number"]) or not NO_HOUSE.isdisjoint(last)):
        return False
    if _has_capitals(name) and kind.is_capital:
        return True
    if NO_STREET.match(text, end):
        return False
    if _has_capitals(name) or kind.text not in ORDINARY or marked:
        return True
    return bool(LED_TO.search(before) or (STANDS_ALONE.search(before) and ENDS.match(text, end)))


def _street(number: str, name: list[_Word], kind: list[_Word]) -> str:
    """Return a house's number and its street, in full."""
    full = [word.text.replace("'", "") for word in name] + [TYPES[word.text] for word in kind]
    if full[0] == "saint":
        full[0] = "st"
    return " ".join([number.replace(" ", ""), *full]).upper()


def _area(text: str, end: int, is_capital: IsCapital) -> str:
    match = AREA.match(text, end)
    area: list[str] = []
    for word in _words(match, 1, is_capital) if match else []:
        if not word.is_capital and (not area or word.text not in INNER):
            break
        area.append(word.text)
    while area and area[-1] in INNER:
        area.pop()
    return f", {' '.join(area).upper()}" if area else ""
