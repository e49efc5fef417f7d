"""What the sender says about the police, which rules over everything that is handed to them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.domain.tips.opening import OpenedEntry

NO, WORDS, YES, UNSAID = "no", "words", "yes", ""


def police(arrivals: "Iterable[OpenedEntry]") -> str:
    """Return the most careful answer of all texts under a receipt: no, words, yes, or "" where nothing was said.

    Where two texts differ, nobody knows here which came last.
    """
    answers = {str(arrival.answers.get("police") or "") for arrival in arrivals if arrival.kind == "tip"}
    return next((answer for answer in (NO, WORDS, YES) if answer in answers), UNSAID)


def strict(answer: str) -> bool:
    """Return whether our own words alone may leave: no quote, no picture."""
    return answer in (NO, WORDS)
