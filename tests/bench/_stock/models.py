"""A tip in clear, with the columns that the queue shows."""

from django.conf import settings
from django.db import models


class ClearTip(models.Model):
    """What a site without sealing would store."""

    reference = models.CharField(max_length=9, unique=True)
    received = models.DateField(db_index=True)
    status = models.CharField(max_length=12, db_index=True)
    urgent = models.BooleanField(default=False)
    category = models.CharField(max_length=16, db_index=True)
    area = models.CharField(max_length=60, db_index=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    text = models.TextField()

    def __str__(self) -> str:
        return self.reference
