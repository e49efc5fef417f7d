"""Find numbers of several parts in a text that is written from right to left, where a browser turns their parts round.

“07700 900123” inside an Urdu sentence is drawn as “900123 07700”: who reads it corrects it, or copies it wrong. Pure.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_PART = r"(?:\(\+?\d+\)|\+?[A-Za-z\d]+)"  # “07700”, “+44”, “(0)”, “AB12”; \d is of any script
_BETWEEN = r"(?: ?[-./:\u2013] ?| |(?<=\)))"
NUMBER = re.compile(rf"{_PART}(?:{_BETWEEN}{_PART})*")


class TextRun(NamedTuple):
    """A piece of a text; `is_number` says that it is read from left to right, whatever stands around it."""

    text: str
    is_number: bool


def runs_right_to_left(text: str) -> bool:
    """Return whether a text has a letter that is written from right to left."""
    return RIGHT_TO_LEFT.search(text) is not None


def pieces(text: str) -> Iterator[TextRun]:
    """Yield a text in pieces, in order: joined they are the text. One number's parts are one piece."""
    start = 0
    for match in NUMBER.finditer(text):
        if not _can_be_turned(match[0]):
            continue
        if start < match.start():
            yield TextRun(text[start : match.start()], is_number=False)
        yield TextRun(match[0], is_number=True)
        start = match.end()
    if start < len(text):
        yield TextRun(text[start:], is_number=False)


def _can_be_turned(run: str) -> bool:
    """Return whether a run has a digit, and more than letters and digits side by side, which nothing turns round."""
    has_a_digit = any(letter.isdecimal() for letter in run)
    return has_a_digit and not run.isalnum()
