"""Phone numbers in E.164, as `phonenumbers` validates them, in the spellings that people in Britain use."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

import phonenumbers

from reports.text.entities.kinds import Candidate, EntityKind, stretches

BEGINNINGS = 4_000
MOST = 500  # places where a number may begin, and possible numbers, that are looked at in a text
SHORTEST = 8  # digits of a number, after its plus
GROUP = r"(?=[oil]{0,12}\d)[\doil]{1,15}"
RUN = re.compile(
    rf"(?<![^\W_])(?<![@£$€.])(\(?\+ {{0,2}}\(?)?\(?({GROUP}(?:[ ()./\-]{{1,3}}{GROUP}){{0,14}})(?![^\W_]|@)"
)
REACH = 20  # characters before a number's first digit, after its last, or half of those between two, at the most
GROUPS = re.compile(r"[\doil]+")
FRACTION = re.compile(r"\d\.$")
DIGITS = str.maketrans("oil", "011")
NATIONAL = re.compile(r"0[1-35789]\d{8,9}")
FOREIGN = re.compile(r"(?:00|\+)[1-9]\d{7,14}")
WITHOUT_PLUS = re.compile(r"447\d{9}")
BEGINS = re.compile(r"0[1-35789]|00[1-9]|447|\+[1-9]")  # what one of these begins with
MOBILE = re.compile(r"\+447[1-57-9]\d{8}")  # whether in use yet or not


def phones(text: str) -> Iterator[Candidate]:
    """Yield the phone numbers in a normalised text. Nothing of it is remembered once they are all found."""
    normal_form = lru_cache(maxsize=4096)(normal)
    begun = tested = 0
    for run in chain.from_iterable(
        RUN.finditer(text, *ends) for ends in stretches(text, reach=REACH)
    ):
        groups = [
            (group.start() + run.start(2), group.end() + run.start(2), group[0].translate(DIGITS))
            for group in GROUPS.finditer(run[2])
        ]
        if sum(len(digits) for _start, _end, digits in groups) < SHORTEST:
            continue
        first = 0
        while first < len(groups) and begun < BEGINNINGS and tested < MOST:
            if groups[first][2][0] not in "04" and not (run[1] and first == 0):
                first += 1
                continue
            begun += 1
            plus = "+" if run[1] and first == 0 else ""
            at = groups[first][0] - run.start(2)
            fraction = FRACTION.search(run[2][max(0, at - 2) : at])
            possible = [] if fraction else list(_joined(groups, first, plus))
            tested += len(possible)
            last_group = next(
                (last for last, digits in reversed(possible) if normal_form(digits)), None
            )
            if last_group is not None:
                digits = dict(possible)[last_group]
                start = run.start() if plus else groups[first][0]
                mended = sum(char in "oil" for char in text[start : groups[last_group][1]])
                yield Candidate(
                    EntityKind.PHONE, normal_form(digits), start, groups[last_group][1], mended
                )
                first = last_group
            first += 1


def _joined(groups: list[tuple[int, int, str]], first: int, plus: str) -> Iterator[tuple[int, str]]:
    """Yield (last group, digits) for each run of groups from `first` on that has the form of a number."""
    digits = plus
    for last in range(first, min(first + 15, len(groups))):
        digits += groups[last][2]
        if len(digits) > 18 or (len(digits) > 2 and not BEGINS.match(digits)):
            return
        if (
            NATIONAL.fullmatch(digits)
            or FOREIGN.fullmatch(digits)
            or WITHOUT_PLUS.fullmatch(digits)
        ):
            yield last, digits


def normal(digits: str) -> str:
    """Return the E.164 form of a number (with or without its plus); "" for digits that are no phone number."""
    if WITHOUT_PLUS.fullmatch(digits):
        digits = f"+{digits}"
    international = f"+44{digits[1:]}" if digits.startswith("07") else digits
    if MOBILE.fullmatch(international):  # most numbers are, and the tables take long
        return international
    try:
        number = phonenumbers.parse(digits, "GB")
    except phonenumbers.NumberParseException:
        return ""
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164 if phonenumbers.is_valid_number(number) or MOBILE.fullmatch(e164) else ""
