"""A number that grows with whatever readers may see: the one row that each machine asks for every second."""

from django.db import models


class ChangeCount(models.Model):
    """How many new editions were asked for so far, on all machines; one row, with the key 1."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
