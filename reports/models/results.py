"""What became of a police referral: a row that outlives it, as the referral goes with the last of its tips."""

from django.contrib.auth.models import AnonymousUser, User
from django.db import models

from reports.models.referrals import Referral, kept_hidden
from reports.models.retention import Sealed


class ReferralResultQuerySet(models.QuerySet["ReferralResult"]):
    """Queries that several pages share."""

    def visible_to(self, user: User | AnonymousUser) -> "ReferralResultQuerySet":
        """Leave out those of a referral that is hidden from this member, or was until its tips were deleted."""
        hidden = Referral.objects.hidden_from(user).values("pk")
        return self.exclude(pk__in=hidden).exclude(reference__in=kept_hidden(user))


class ReferralResult(Sealed):
    """What is left of a referral that the police confirmed, and what they said became of it. Its key is the referral's.

    Sealed: the number of sources at most, the weakest letter of the grading, and the result with its month.
    """

    BOUND = ("reference", "week")

    since = None  # type: ignore[assignment]  # the week alone
    reference = models.CharField("reference", max_length=11, unique=True)
    week = models.DateField("week of the receipt", help_text="Its Monday.")
    answered = models.BooleanField(default=False)
    unread = models.BooleanField(
        default=False,
        help_text="It says wrong address or person, and not all have read that who must.",
    )

    objects = ReferralResultQuerySet.as_manager()

    class Meta:
        ordering = ["week", "reference"]
