"""Decisions about danger: what a team member did about it, and the Team lead who looked at that."""

from django.db import models
from django.db.models import Q

from reports.models.retention import Sealed
from reports.models.tips import Tip


class SafetyDecision(Sealed):
    """What was done about the danger in a tip, or why someone wrote to its sender.

    Sealed: the choice and a sentence.
    """

    class Kind(models.TextChoices):
        """What was decided."""

        CLOSED = "closed", "An urgent tip was closed"
        WROTE = (
            "wrote",
            "Someone wrote to a sender who had asked us not to, about the sender’s own safety",
        )

    BOUND = ("tip_id", "kind", "author")

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="safety_decisions")
    kind = models.CharField(max_length=6, choices=Kind)
    author = models.CharField(max_length=150)
    looked_by = models.CharField(max_length=150, blank=True)
    looked_on = models.DateField(null=True)

    class Meta(Sealed.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(looked_by="", looked_on__isnull=True)
                | (~Q(looked_by="") & Q(looked_on__isnull=False)),
                name="safety_decision_looked_whole",
            ),
        ]
