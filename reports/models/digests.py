"""Searching sealed tips: a sealed digest for each, segments that pack many (a disposable cache), and searches made."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.retention import Sealed
from reports.models.tips import Tip

KEPT_DAYS = 182  # for which the words of searches are kept


class Segment(models.Model):
    """Many digests packed for searching, in two sealed parts: an index, and texts, which only phrases need."""

    number = models.BigAutoField(primary_key=True)
    count = models.PositiveIntegerField()
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()
    texts = models.BinaryField()

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts that both parts are bound to."""
        return {"segment": self.number, "key": self.key_index}


class Digest(models.Model):
    """The words and entities of a tip, sealed with a key of the desk's own; extended when more entries are opened."""

    tip = models.OneToOneField(Tip, models.CASCADE, primary_key=True, related_name="digest")
    segment = models.ForeignKey(Segment, models.DO_NOTHING, null=True, related_name="digests", db_index=False)
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["segment", "tip"])]  # finds unpacked digests, in the order of their tips

    def __str__(self) -> str:
        return str(self.tip_id)

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts that the digest is bound to."""
        return self.facts(self.tip_id, key_index=self.key_index)

    @staticmethod
    def facts(tip: uuid.UUID, *, key_index: int) -> dict[str, str | int | bool]:
        """Return the facts that a digest of `tip` is bound to, before its row exists."""
        return {"tip": str(tip), "key": key_index}


class Search(Sealed):
    """A member's query, sealed; leads can read it."""

    author = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["-at"])]

    def bound(self) -> dict[str, str | int | bool]:
        return {"id": str(self.id), "author": self.author, "key": self.key_index}
