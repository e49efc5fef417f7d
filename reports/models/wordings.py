"""Before a tip leaves the desk: its suggested grading, and its sanitised text in the desk's own words."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.retention import Sealed
from reports.models.tips import Tip


class Version(Sealed):
    """One version of a member's decision about a tip; versions are never changed."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="%(class)s_versions")
    version = models.PositiveIntegerField(help_text=_("1 for the first, without a gap."))
    author = models.CharField(max_length=150)

    class Meta:
        abstract = True
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(
                fields=["tip", "version"],
                name="%(class)s_version_once",
                violation_error_message=_("Another team member has just saved this. Look at it, then save again."),
            )
        ]

    def bound(self) -> dict[str, str | int | bool]:
        facts: dict[str, str | int | bool] = {"id": str(self.id), "tip": str(self.tip_id), "author": self.author}
        return facts | {"version": self.version, "key": self.key_index}


class Grading(Version):
    """A suggested grading (3x5x2: source, information, handling)."""

    class Meta(Version.Meta):
        verbose_name = _("suggested grading")
        verbose_name_plural = _("suggested gradings")
        permissions = [("refer", "Can grade tips, and approve and export what goes to the police")]


class Sanitised(Version):
    """A tip in the desk's own words, what was left out, and the reasons why each warned passage may stay."""

    class Meta(Version.Meta):
        verbose_name = _("our wording")
        verbose_name_plural = _("our wording")
