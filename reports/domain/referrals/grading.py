"""Suggested grading after the 3x5x2 of England and Wales: source, information, handling. We are no intelligence unit.

Source of the scale: College of Policing, Authorised Professional Practice, "Intelligence report".
"""

from dataclasses import dataclass

from django.contrib.auth.models import User

from reports.domain.errors import Refused
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import own_words, translation, versions
from reports.domain.tips import opening, recusal
from reports.graphics import pdf
from reports.models import AuditAct, Grading, Tip

CONDITIONS_LENGTH = 2_000  # characters

SOURCE = pdf.SOURCE
INFORMATION = pdf.INFORMATION
HANDLING = pdf.HANDLING
UNTESTED = "2"  # what a tip's source is until a person decides otherwise: nobody knows who wrote it


@dataclass(frozen=True)
class Grade:
    """A suggested grading; an empty letter or handling is not decided yet."""

    source: str = UNTESTED
    information: str = ""
    handling: str = ""
    conditions: str = ""
    version: int = 0
    author: str = ""

    @property
    def complete(self) -> bool:
        """Return whether a person has decided all of it, with codes that there are."""
        codes = self.source in SOURCE, self.information in INFORMATION, self.handling in HANDLING
        return self.version > 0 and all(codes)


def grade(
    *,
    tip: Tip,
    source: str,
    information: str,
    handling: str,
    conditions: str,
    seen: int,
    by: User,
    keys: Keys,
) -> Grading:
    """Seal a suggested grading as the next version, as of event `seen`; letter and handling may stay open ("").

    Conditions belong to handling code C, and to no other. Raises Copied where they have words of a sender who lets only
    ours leave.
    """
    conditions = sealed.typed(conditions, most=CONDITIONS_LENGTH, what="Conditions")
    if (
        source not in SOURCE
        or information not in ("", *INFORMATION)
        or handling not in ("", *HANDLING)
    ):
        raise Refused("Choose a source, a letter and a handling code from the lists.")
    if handling == "C" and not conditions:
        raise Refused("Write the conditions for sharing it, because you chose handling code C.")
    if handling != "C" and conditions:
        raise Refused("Only handling code C has conditions. Choose C, or remove the conditions.")
    if conditions:
        recusal.require_free(tip=tip, by=by)
        entries = opening.open_all(tip=tip, keys=keys)
        translated = translation.text(tip=tip, keys=keys)
        box = {"box": "conditions", "named": "Conditions"}
        own_words.require_own(conditions, entries=entries, translated=translated, **box)
    content = {
        "source": source,
        "information": information,
        "handling": handling,
        "conditions": conditions,
    }
    return versions.add(Grading, content, tip=tip, seen=seen, by=by, act=AuditAct.GRADED)


def latest(*, tip: Tip, keys: Keys, up_to: int | None = None) -> Grade:
    """Return the latest grading, or what stands until a person decides; the caller has recorded the reading.

    `up_to` is a version after which none counts.
    """
    row = versions.latest(Grading, tip=tip, up_to=up_to)
    if row is None:
        return Grade()
    shape = dict.fromkeys(("source", "information", "handling", "conditions"), str)
    return Grade(
        **unsealed.content(row, keys=keys, **shape), version=row.version, author=row.author
    )
