"""Pictures that nobody may look at: a member closed them, and two team leads open or delete them."""

from django.db import models
from django.db.models import F, Q

from reports.models.retention import Sealed
from reports.models.tips import Tip


class ClosedPicturesQuerySet(models.QuerySet["ClosedPictures"]):
    """Queries that pages, referrals and the schedule share."""

    def standing(self) -> "ClosedPicturesQuerySet":
        """Return those that two team leads have neither opened nor deleted."""
        return self.filter(ended_on=None)


class ClosedPictures(Sealed):
    """All pictures of a tip, closed to everybody; the tip is kept meanwhile. Sealed: the police reference.

    One team lead proposes to open or to delete them, and another agrees.
    """

    class End(models.TextChoices):
        """What becomes of them."""

        OPEN = "open", "Show the pictures again"
        DELETE = "delete", "Delete the pictures"

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="closed_pictures")
    author = models.CharField(max_length=150, help_text="Who closed them.")
    end = models.CharField(max_length=6, choices=End, blank=True)
    proposed_by = models.CharField(max_length=150, blank=True)
    agreed_by = models.CharField(max_length=150, blank=True)
    ended_on = models.DateField(null=True)

    objects = ClosedPicturesQuerySet.as_manager()

    class Meta(Sealed.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tip"], condition=Q(ended_on=None), name="pictures_closed_once"
            ),
            models.CheckConstraint(
                condition=Q(agreed_by="", ended_on__isnull=True)
                | (
                    ~Q(agreed_by="")
                    & ~Q(proposed_by="")
                    & ~Q(end="")
                    & ~Q(agreed_by=F("proposed_by"))
                    & Q(ended_on__isnull=False)
                ),
                name="closed_pictures_second_lead",
            ),
        ]
