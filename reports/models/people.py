"""Invitations, the owners of sessions, and machines with the key that each seals to."""

from django.contrib.sessions.models import Session
from django.db import models


class Invitation(models.Model):
    """An invitation for three days, to be used once: a name, a role, and the hash of a code of 100 random bits."""

    username = models.CharField(max_length=150, unique=True)
    role = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    again = models.BooleanField(
        default=False, help_text="For an account that exists: to reset its sign-in."
    )
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.username


class SessionOwner(models.Model):
    """The owner of a sealed session, as a keyed hash of the user's id: so that all of a user's can be ended."""

    session = models.OneToOneField(
        Session, models.CASCADE, primary_key=True, related_name="owner_row"
    )
    owner = models.CharField(max_length=64, db_index=True)
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Node(models.Model):
    """One machine (state folder): the desk key that it seals to, when its outbox was last empty, and how it is."""

    id = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=100)
    key_index = models.PositiveIntegerField()
    since = models.DateTimeField(help_text="When it first reported this key.")
    emptied_at = models.DateTimeField(null=True, help_text="When its outbox was last seen empty.")
    seen_at = models.DateTimeField()
    read_on = models.DateField(
        null=True,
        help_text="The day on which a tip was last read, as the desk's server says. For public servers.",
    )
    causes = models.CharField(
        max_length=200, blank=True, default="", help_text="What is wrong with it, as a few names."
    )

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
