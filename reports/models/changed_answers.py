"""What a member read in a message: the sender has made their answer about the police stricter."""

from typing import ClassVar

from django.db import models

from reports.models.retention import Sealed
from reports.models.tips import Tip


class ChangedAnswer(Sealed):
    """A stricter answer about the police that stands in a message in the sender's own words; sealed: which."""

    BOUND: ClassVar[tuple[str, ...]] = ("tip_id", "position", "author")

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="changed_answers")
    position = models.PositiveIntegerField(
        help_text="Of the entry under its tip in which the sender says so."
    )
    author = models.CharField(max_length=150)
