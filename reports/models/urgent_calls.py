"""Urgent calls: a member passed a tip on by phone, and a second person reviews that the next day."""

from django.db import models
from django.db.models import F, Q

from reports.models.retention import Sealed
from reports.models.tips import Tip

MISTAKEN = Q(reviewed_by="", reviewed_on__isnull=False)


class UrgentCall(Sealed):
    """A call to the police, to who keeps children or adults safe, or to someone else.

    Sealed: whom, when, their reference, and the danger to a life, a child or an adult. Its author may mark it as a
    mistake until someone reviews it: then it has a day of review and no reviewer, and counts for nothing.
    """

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="urgent_calls")
    author = models.CharField(max_length=150)
    police = models.BooleanField(
        default=False, help_text="The call was to the police, who have had the tip since then."
    )
    position = models.PositiveIntegerField(
        default=0,
        help_text="How many parts had arrived when the call was recorded. 0 for a call to someone else.",
    )
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_on = models.DateField(null=True)

    class Meta(Sealed.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("author")), name="urgent_call_second_person"
            )
        ]

    @property
    def mistaken(self) -> bool:
        """Return whether its author recorded it by mistake."""
        return self.reviewed_on is not None and not self.reviewed_by
