"""Set up by team leads: labels for tips, and reply templates."""

from django.db import models
from django.db.models.functions import Lower


class Label(models.Model):
    """A short name that tips are sorted by. It is stored in clear, so it names a kind of thing, never a person."""

    name = models.CharField(
        "name",
        max_length=30,
        help_text="Labels are not locked. Name a kind of thing, never a person, place or number.",
    )
    retired = models.BooleanField(
        "no longer offered",
        default=False,
        help_text="Tips that already have this label keep it. You cannot add it to others.",
    )

    class Meta:
        verbose_name = "label"
        verbose_name_plural = "labels"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="label_once",
                violation_error_message="There is already a label with this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReplyTemplate(models.Model):
    """A reply to start from; its sender edits it first."""

    title = models.CharField("title", max_length=60, unique=True)
    text = models.TextField(
        "text",
        max_length=2000,
        help_text="Replies are not locked. Use plain words, and write nothing from any tip.",
    )

    class Meta:
        verbose_name = "reply to start from"
        verbose_name_plural = "replies to start from"
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
