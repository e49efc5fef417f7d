"""What members make of a tip, in versions: its suggested grading, a text in the desk's own words, its translation."""

from django.db import models

from reports.models.retention import Sealed
from reports.models.tips import Tip


class Version(Sealed):
    """One version of a member's decision about a tip; versions are never changed."""

    BOUND = ("tip_id", "author", "version")

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="%(class)s_versions")
    version = models.PositiveIntegerField(help_text="1 for the first, without a gap.")
    author = models.CharField(max_length=150)

    class Meta:
        abstract = True
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["tip", "version"], name="%(class)s_version_once")
        ]


class Grading(Version):
    """A suggested grading (3x5x2: source, information, handling)."""

    class Meta(Version.Meta):
        permissions = [("refer", "Can grade tips, and approve and export what goes to the police")]


class Wording(Version):
    """A tip in the desk's own words, what was left out, and the reasons why each warned passage may stay."""


class Denial(Version):
    """Whether a tip denies what others say, as a member holds: such a tip counts as no source."""


class Translation(Version):
    """What a tip says in the desk's language, and the language that it is in, as a member says; either may be empty."""
