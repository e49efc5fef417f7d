"""What the sender says about the police: the one rule over every way in which they can be told."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from reports.domain.tips.opening import OpenedEntry

NO, WORDS, YES, UNSAID, UNKNOWN = "no", "words", "yes", "", "unknown"


def police(arrivals: "Iterable[OpenedEntry]") -> str:
    """Return the most careful answer of all texts under a receipt: no, words, yes, or "" where nothing was said.

    Where two texts differ, nobody knows here which came last.
    """
    answers = {str(arrival.answers.get("police") or "") for arrival in arrivals if arrival.kind == "tip"}
    return next((answer for answer in (NO, WORDS, YES) if answer in answers), UNSAID)


def known(arrivals: "Iterable[OpenedEntry] | None") -> str:
    """Return the same, and UNKNOWN on a locked desk (None) or where a part that does not open may say no."""
    if arrivals is None:
        return UNKNOWN
    listed = list(arrivals)
    answer = police(listed)
    broken = any(arrival.kind == "broken" for arrival in listed)
    return UNKNOWN if broken and answer != NO else answer


def in_words(answer: str) -> str:
    """Return the answer as the desk's pages write it."""
    return {NO: _("no"), WORDS: _("in our words"), YES: _("yes")}.get(answer, _("not said"))


def strict(answer: str) -> bool:
    """Return whether our own words alone may leave: no quote, no picture."""
    return answer in (NO, WORDS)


def against_pack(
    answer: str, *, danger: str, quotes: Iterable[str] = (), pictures: bool = False, contact: bool = False
) -> Iterator[str]:
    """Yield why a tip may not leave in a pack, a sentence each; nothing but a danger to life overrides a no."""
    if answer == NO and not danger:
        yield _refusal()
    if strict(answer):
        for quote in quotes:
            yield _("Our words only, and this is word for word the sender’s: “%(quote)s”") % {"quote": quote}
        if pictures:
            yield _("Our words only: no picture leaves.")
    if contact and answer != YES:
        yield _("Contact details leave only when the sender agrees to the police being told.")


def against_call(answer: str, *, danger: str) -> str:
    """Return why the police may not be told by phone, or "" where they may.

    Nobody can check afterwards whose words a call used, nor does a second person hear it: so anything less than a yes
    takes a danger to life.
    """
    if danger or answer == YES:
        return ""
    if answer == NO:
        return f"{_refusal()} {_('If you have called without one, write a note of it and tell a lead.')}"
    if answer == UNKNOWN:
        return _(
            "Nobody can see now whether the sender lets the police be told. Unlock the desk first, or write down the "
            "danger to life."
        )
    if answer == WORDS:
        return _(
            "The sender lets the police have our own words only, and nobody can look through a call. Write down the "
            "danger to life, or hand over a pack."
        )
    return _(
        "The sender did not say whether the police may be told. Write down the danger to life, or hand over a pack "
        "that a lead signs."
    )


def _refusal() -> str:
    return _("The sender does not want the police told. Only a danger to life overrides that: write down which.")
