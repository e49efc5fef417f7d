"""A number that grows with whatever readers may see: the one row that each machine asks for twice a second."""

from django.db import models


class ChangeCount(models.Model):
    """The number of the last change; one row, with the key 1.

    `recent` has a pair for each of the last changes, the oldest first: the number before it, and the primary keys of
    the articles that changed, or null where every page is due.
    """

    number = models.PositiveBigIntegerField(default=0)
    recent = models.JSONField(default=list)
    place = models.CharField(
        max_length=64,
        blank=True,
        default="",
        help_text="The digest of the folder of what is local.",
    )

    def __str__(self) -> str:
        return str(self.number)
