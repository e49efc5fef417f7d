"""Police referrals for the police: their parts, approvals and confirmation; and recipients to seal them to."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reports.models.audit import AuditAct, AuditEvent
from reports.models.enquiries import Enquiry
from reports.models.retention import Sealed
from reports.models.tips import Entry, Tip, hidden_from


class ReferralState(models.TextChoices):
    """The status of a referral."""

    DRAFTED = "drafted", "Drafted"
    APPROVED_ONCE = "approved_once", "Approved once"
    APPROVED = "approved", "Approved"
    EXPORTED = "exported", "Exported"
    CONFIRMED = "confirmed", "Confirmed by the police"
    WITHDRAWN = "withdrawn", "Withdrawn"


def kept_hidden(user: User | AnonymousUser) -> models.QuerySet[Any, Any]:
    """Return the references of referrals with a tip that was hidden from a member until it was deleted."""
    kept = AuditEvent.objects.filter(
        act=AuditAct.KEPT_REFERRAL_HIDDEN, detail__to=user.get_username()
    )
    return kept.order_by().values("subject")


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Queries that several pages share."""

    def visible_to(self, user: User | AnonymousUser) -> "ReferralQuerySet":
        """Leave out referrals with a tip that is, or was until it was deleted, hidden from this member."""
        return self.exclude(parts__tip__in=hidden_from(user)).exclude(
            reference__in=kept_hidden(user)
        )

    def hidden_from(self, user: User | AnonymousUser) -> "ReferralQuerySet":
        """Return those that `visible_to` leaves out and that have a tip that is hidden now."""
        return self.filter(parts__tip__in=hidden_from(user))

    def to_approve(self, user: User | AnonymousUser) -> "ReferralQuerySet":
        """Return referrals approved once, by another member, which this member may approve."""
        waiting = self.filter(status=ReferralState.APPROVED_ONCE).exclude(approvals__user=user.pk)
        if waiting.exists():
            return waiting.visible_to(user)
        return self.none()


class Referral(Sealed):
    """One police referral of tips, each with its latest grading and text.

    Sealed: a salt, and a ground with its reason.
    """

    BOUND = ("author",)

    reference = models.CharField("reference", max_length=11, unique=True, editable=False)
    status = models.CharField(
        "status", max_length=16, choices=ReferralState.choices, default=ReferralState.DRAFTED
    )
    author = models.CharField("drafted by", max_length=150)
    enquiry = models.ForeignKey(Enquiry, models.SET_NULL, null=True, related_name="referrals")
    alone = models.BooleanField(
        default=False, help_text="One approval, by the only keyholder, who waited."
    )
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of what is exported. It is salted."
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = "police referral"
        verbose_name_plural = "police referrals"
        ordering = ["-since", "reference"]

    def __str__(self) -> str:
        """Return the reference alone: Django's admin writes this into logs."""
        return self.reference


class ReferralPart(models.Model):
    """One tip in a referral; it is deleted with the tip."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="parts")
    tip = models.ForeignKey(Tip, models.CASCADE, related_name="referral_parts")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "tip"], name="referral_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.position}"


class ReferralPicture(models.Model):
    """A picture that one member chose for a referral; it leaves only if another says that it identifies nobody."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="pictures")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    verified = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "entry", "number"], name="referral_picture_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("chosen_by")),
                name="referral_picture_second_reader",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Approval(models.Model):
    """A member's approval, given with the words typed for it, on a content that is named by its salted hash."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="approvals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    team_lead = models.BooleanField()
    digest = models.CharField(max_length=64)
    approved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["approved_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["referral", "user"], name="approval_once")]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.user_id}"


class Confirmation(Sealed):
    """The police's confirmation that they have a referral: their reference and who said so, sealed."""

    BOUND = ("referral_id", "author")

    referral = models.OneToOneField(Referral, models.CASCADE, related_name="confirmation")
    author = models.CharField(max_length=150)


class Correction(models.TextChoices):
    """What the police must know of a tip since a report of it left; empty where nothing is known."""

    NEEDED = "needed", "The police must know"
    ANNOUNCED = "announced", "The police know that a correction follows"
    SENT = "sent", "Corrected"


class ExportedPart(Sealed):
    """A part of a referral's document as it left: one tip's report, or (number 0, without a tip) all the rest.

    Sealed: a report with the hashes of its pictures, or the rest with the hash of each report. A report is deleted with
    its tip, and its hash stays.
    """

    BOUND = ("referral_id", "tip_id", "number")

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="exported_parts")
    tip = models.ForeignKey(Tip, models.CASCADE, null=True, related_name="exported_parts")
    number = models.PositiveSmallIntegerField(
        help_text="As the document numbers its reports. 0 for the rest."
    )
    position = models.PositiveIntegerField(
        default=0,
        help_text="How many parts of the tip had arrived when a member last said whether it still holds.",
    )
    correction = models.CharField(max_length=9, choices=Correction.choices, blank=True, default="")

    class Meta(Sealed.Meta):
        indexes = [
            models.Index(fields=["tip"], condition=Q(correction="needed"), name="correction_needed")
        ]
        constraints = [
            models.UniqueConstraint(fields=["referral", "number"], name="exported_part_once"),
            models.CheckConstraint(
                condition=Q(number=0, tip=None) | Q(number__gt=0, tip__isnull=False),
                name="exported_part_of_a_tip",
            ),
        ]


class Recipient(models.Model):
    """Someone a referral can be sealed to; their key is used only after its fingerprint was compared."""

    name = models.CharField("name", max_length=100, unique=True)
    public_key = models.CharField("public key", max_length=80, unique=True)
    compared = models.DateField("key checked on", null=True, blank=True, editable=False)
    compared_by = models.CharField("key checked by", max_length=150, blank=True, editable=False)

    class Meta:
        verbose_name = "police recipient"
        verbose_name_plural = "police recipients"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
