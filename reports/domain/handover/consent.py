"""What the sender says about the police, which rules over everything that is handed to them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from reports.domain.tips.opening import OpenedEntry

NO, WORDS, YES, UNSAID = "no", "words", "yes", ""


def police(arrivals: "Iterable[OpenedEntry]") -> str:
    """Return the most careful answer of all texts under a receipt: no, words, yes, or "" where nothing was said.

    Where two texts differ, nobody knows here which came last.
    """
    answers = {str(arrival.answers.get("police") or "") for arrival in arrivals if arrival.kind == "tip"}
    return next((answer for answer in (NO, WORDS, YES) if answer in answers), UNSAID)


def in_words(answer: str) -> str:
    """Return the answer as the desk's pages write it."""
    return {NO: _("no"), WORDS: _("in our words"), YES: _("yes")}.get(answer, _("not said"))


def strict(answer: str) -> bool:
    """Return whether our own words alone may leave: no quote, no picture."""
    return answer in (NO, WORDS)
