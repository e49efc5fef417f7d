"""What an unlocked desk vouches for: the rows that belong to a tip, a pack, an enquiry or a search."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Voucher(models.Model):
    """The hashes of all rows of one subject, under a MAC with a key from the ring; `domain/vouching` has the rules."""

    subject = models.CharField(max_length=60, primary_key=True, help_text=_("As the audit log names it."))
    version = models.PositiveIntegerField(default=0, help_text=_("How many times it was written; it never falls."))
    rows = models.JSONField(default=dict, help_text=_("The SHA-256 of each row, by its table and key."))
    mac = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.subject
