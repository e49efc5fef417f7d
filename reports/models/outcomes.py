"""Outcomes: the result of an enquiry, to be published and shown to holders of a receipt."""

import uuid

from django.db import models
from django.db.models import Q

from reports.models.enquiries import Enquiry


class OutcomeStatus(models.TextChoices):
    """The status of an outcome."""

    PROPOSED = "proposed", "Proposed"
    APPROVED_ONCE = "approved_once", "Approved once"
    APPROVED = "approved", "Approved, waiting for the daily release"
    RELEASED = "released", "Released"
    WITHDRAWN = "withdrawn", "Withdrawn"


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    """Queries that several pages share."""

    def to_approve(self) -> "OutcomeQuerySet":
        """Return outcomes that need an approval."""
        return self.filter(status__in=[OutcomeStatus.PROPOSED, OutcomeStatus.APPROVED_ONCE])

    def standing(self) -> "OutcomeQuerySet":
        """Return outcomes that are not withdrawn."""
        return self.exclude(status=OutcomeStatus.WITHDRAWN)


class Outcome(models.Model):
    """An article and a sentence about reports in general. In clear: it is written to be published."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enquiry = models.ForeignKey(
        Enquiry, models.CASCADE, related_name="outcomes", verbose_name="enquiry"
    )
    article = models.ForeignKey(
        "newsroom.Article", models.SET_NULL, null=True, related_name="+", verbose_name="story"
    )
    sentence = models.CharField("sentence", max_length=300)
    status = models.CharField(
        "status", max_length=16, choices=OutcomeStatus, default=OutcomeStatus.PROPOSED
    )
    proposer = models.CharField("proposed by", max_length=150)
    editor = models.CharField("approved as an editor", max_length=150, blank=True)
    team_lead = models.CharField("approved as a team lead", max_length=150, blank=True)
    second_approval = models.CharField(
        max_length=8, blank=True, help_text="Which of the two approvals is a second approver's."
    )
    approved_on = models.DateField(null=True, help_text="The day of the newest approval.")
    released = models.DateField(null=True, help_text="The day of its release.")
    purged = models.PositiveIntegerField(
        default=0, help_text="Tips in it that were deleted since its release."
    )

    repeated = models.PositiveIntegerField(
        default=0,
        help_text="How many more tips than sources it had at its release: these do not count.",
    )

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        verbose_name = "public result"
        verbose_name_plural = "public results"
        permissions = [("approve_outcome", "Can approve an outcome")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "released"])
                | (~Q(editor="") & ~Q(team_lead="") & ~Q(editor=models.F("team_lead"))),
                name="outcome_has_two_approvals",
            ),
            models.CheckConstraint(
                condition=~Q(editor=models.F("proposer")) & ~Q(team_lead=models.F("proposer")),
                name="outcome_not_approved_by_its_proposer",
            ),
            models.UniqueConstraint(
                fields=["article"], condition=~Q(status="withdrawn"), name="outcome_one_for_a_story"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def subject(self) -> str:
        """Its name in the audit log."""
        return f"outcome {self.pk.hex[:8]}"
