"""The audit log: one row for each act, chained by hash, and checkpoints that only a keyholder can write."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One act of a member, chained by hash to the one before. It refers by text, as its subject may be deleted."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(_("who"), max_length=150)
    act = models.CharField(_("did"), max_length=24)
    subject = models.CharField(_("to what"), max_length=60, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ["-seq"]
        indexes = [models.Index(fields=["act", "at"], name="event_by_act")]

    def __str__(self) -> str:
        return f"{self.actor} {self.act} {self.subject}".strip()


class Checkpoint(models.Model):
    """The state of the log at an unlock or lock: an event's hash, under a MAC with the ring's audit key."""

    number = models.PositiveBigIntegerField(primary_key=True, help_text=_("1 for the first, without a gap."))
    seq = models.PositiveBigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"checkpoint {self.number} at event {self.seq}"
