"""The desk: its keyholders, its newest key file, and notices to the duty keyholder."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Member(models.Model):
    """A user who can open the key file: their public recipient, and their identity wrapped under their passphrase."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="member", verbose_name="user"
    )
    recipient = models.CharField(max_length=80, unique=True)
    wrapped = models.JSONField(default=dict)
    since = models.DateField("since", auto_now_add=True)
    granted = models.DateField(
        null=True, help_text="The day on which they got access. Empty while they wait for it."
    )

    class Meta:
        permissions = [("run_desk", "Can grant and revoke access to the desk")]

    def __str__(self) -> str:
        return self.user.get_username()


class KeyFileMark(models.Model):
    """The version and hash of the newest key file: an older one is refused at unlock."""

    version = models.PositiveIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    key_index = models.PositiveIntegerField(default=1)
    written = models.DateField(auto_now_add=True)

    def __str__(self) -> str:
        return f"key_file {self.version}"


class BackupMark(models.Model):
    """A backup that was made whole: since when it was verified, and what of it every machine has to know."""

    number = models.PositiveIntegerField(primary_key=True)
    taken_at = models.DateTimeField(
        help_text="The backup has everything that was received before this."
    )
    oldest = models.PositiveIntegerField(help_text="The number of the oldest backup that is kept.")
    oldest_key = models.PositiveIntegerField(
        help_text="The oldest desk key that something in the backup is locked with."
    )
    verified_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(
        null=True, help_text="When the database was restored from it."
    )
    is_apart = models.BooleanField(
        default=False, help_text="The backup is on another disk than the database."
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__lt=10**9), name="backup_number_fits_into_deletion_records"
            ),
        ]

    def __str__(self) -> str:
        return f"backup {self.number}"


class Notice(models.Model):
    """A content-free message to the duty keyholder, or to those whom a changed account concerns.

    An urgent notice is due at a quarter hour, so that it does not show when a tip came; that of a tip whose sender is
    not sure about danger is due at nine, and not sent if there is no such tip; the weekly one carries the
    audit log's mark; one of an account is mailed to `to`, its owner, and to the team leads.
    """

    class Kind(models.TextChoices):
        """The occasion of a notice."""

        URGENT = "urgent", "urgent"
        UNSURE = "unsure", "not sure about danger"
        WEEKLY = "weekly", "the log check code"
        ACCOUNT = "account", "a changed account"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.URGENT)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    to = models.JSONField(
        default=list, help_text="Email addresses of the owner, until the notice is sent."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "due_at"], name="one_notice_at_a_time")
        ]

    def __str__(self) -> str:
        return self.due_at.isoformat(timespec="minutes")
