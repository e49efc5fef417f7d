"""Drafts: what a member has typed on a page of the desk and not saved."""

from django.conf import settings
from django.db import models

from reports.models.tips import Tip


class Draft(models.Model):
    """What was typed and not saved on one page load, sealed to the desk; no page shows it to anybody but its author."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="The page load's.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    tip = models.ForeignKey(Tip, models.CASCADE, null=True, related_name="drafts")
    target = models.CharField(max_length=60, help_text="What the page is about, such as tip:<id>.")
    day = models.DateField(help_text="The day on which something was typed last.")
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.id)

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts that the envelope is bound to, so that a swapped row is noticed on opening."""
        return {
            "id": str(self.id),
            "author": self.author_id,
            "target": self.target,
            "key": self.key_index,
        }
