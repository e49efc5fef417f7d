"""Enquiries under a codename, and their links to tips."""

import uuid

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from reports.models.tips import Tip, hidden_from


class EnquiryStatus(models.TextChoices):
    """The status of an enquiry."""

    OPEN = "open", "Open"
    PAUSED = "paused", "Paused"
    CLOSED = "closed", "Closed"


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    """Queries that several pages share."""

    def under_way(self) -> "EnquiryQuerySet":
        """Return enquiries that a tip can be linked to."""
        return self.exclude(status=EnquiryStatus.CLOSED)

    def in_working_order(self) -> "EnquiryQuerySet":
        """Sort open enquiries first and closed ones last, then by codename."""
        places = [
            When(status=status, then=Value(place)) for place, status in enumerate(EnquiryStatus)
        ]
        return self.order_by(Case(*places), "codename")


class Enquiry(models.Model):
    """A line of enquiry. Its codename, which reveals nothing, is in clear; its summary is sealed, empty at first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    codename = models.CharField("codename", max_length=40)
    status = models.CharField(
        "status", max_length=8, choices=EnquiryStatus, default=EnquiryStatus.OPEN
    )
    week = models.DateField("opened", help_text="Monday of the week in which it was opened.")
    closed = models.DateField(null=True, help_text="Monday of the week in which it was closed.")
    version = models.PositiveIntegerField(
        default=1, help_text="Of the summary: how many times it was written."
    )
    key_index = models.PositiveIntegerField()
    sealed = models.BinaryField()

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name = "enquiry"
        verbose_name_plural = "enquiries"
        constraints = [
            models.UniqueConstraint(fields=["codename"], name="enquiry_codename_once"),
            models.CheckConstraint(
                condition=Q(status=EnquiryStatus.CLOSED, closed__isnull=False)
                | (~Q(status=EnquiryStatus.CLOSED) & Q(closed=None)),
                name="enquiry_closed_has_week",
            ),
        ]

    def __str__(self) -> str:
        return self.codename

    @property
    def subject(self) -> str:
        """Its name in the audit log, which stays the same when the codename changes."""
        return f"enquiry {self.pk.hex[:8]}"

    def bound(self) -> dict[str, str | int | bool]:
        """Return the facts that the summary is bound to; the version makes an older summary fail."""
        return {"id": str(self.id), "version": self.version, "key": self.key_index}


class LinkQuerySet(models.QuerySet["Link"]):
    """Queries that several pages share."""

    def standing(self) -> "LinkQuerySet":
        """Return links that nobody has ended."""
        return self.filter(ended=None)

    def trusted(self) -> "LinkQuerySet":
        """Leave out links of tips that nobody trusts."""
        return self.filter(Exists(Tip.objects.trusted().filter(pk=OuterRef("tip"))))

    def visible_to(self, user: User | AnonymousUser) -> "LinkQuerySet":
        """Leave out links of tips that are hidden from this member."""
        return self.exclude(tip__in=hidden_from(user))


class Link(models.Model):
    """A tip that is, or was, part of an enquiry."""

    tip = models.ForeignKey(Tip, models.CASCADE, related_name="links")
    enquiry = models.ForeignKey(Enquiry, models.CASCADE, related_name="links")
    week = models.DateField(help_text="Monday of the week in which it was linked.")
    ended = models.DateField(
        null=True, help_text="Monday of the week in which the link was removed."
    )

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["week", "pk"]
        constraints = [models.UniqueConstraint(fields=["tip", "enquiry"], name="link_once")]

    def __str__(self) -> str:
        return f"{self.tip_id} {self.enquiry_id}"
