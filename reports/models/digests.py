"""Searching sealed tips: a sealed digest for each, and the searches that were made."""

import uuid

from django.db import models

from reports.models.retention import Sealed
from reports.models.tips import Tip

VERSION = 2  # of what digests hold: one of another version does not open, so the next search makes it again
KEPT_DAYS = 182  # for which the words of searches are kept


class Digest(models.Model):
    """The words and entities of a tip, sealed with a key of the desk's own; extended when more entries are opened."""

    tip = models.OneToOneField(Tip, models.CASCADE, primary_key=True, related_name="digest")
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.tip_id)

    def bound(self) -> str:
        """Return the text that the digest is bound to."""
        return self.facts(self.tip_id, key_index=self.key_index)

    @staticmethod
    def facts(tip: uuid.UUID, *, key_index: int) -> str:
        """Return the text that a digest of `tip` is bound to, without its row: a search makes one for each tip."""
        return f'["digest", {{"key": {key_index}, "tip": "{tip}", "version": {VERSION}}}]'


class Search(Sealed):
    """A member's query, sealed; team leads can read it."""

    BOUND = ("author",)

    author = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "id"]
