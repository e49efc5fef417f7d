"""Set up by team leads: labels for tips, and reply templates."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ProtectedError, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

POSSIBLY_MALICIOUS = _("possibly malicious")


class Label(models.Model):
    """A short name that tips are sorted by. It is stored in clear, so it names a kind of thing, never a person.

    One is built in: it comes and goes with the stage MALICIOUS of a tip, is never renamed or retired, and never goes.
    """

    name = models.CharField(
        _("name"),
        max_length=30,
        help_text=_("Labels are not locked. Name a kind of thing, never a person, place or number."),
    )
    retired = models.BooleanField(
        _("no longer offered"),
        default=False,
        help_text=_("Tips that already have this label keep it. You cannot add it to others."),
    )
    malicious = models.BooleanField(default=False, editable=False, help_text=_("Its tips count nowhere, like spam."))

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="label_once", violation_error_message=_("There is already a label with this name.")
            ),
            models.UniqueConstraint(fields=["malicious"], condition=Q(malicious=True), name="label_malicious_once"),
            models.CheckConstraint(condition=~Q(malicious=True, retired=True), name="label_malicious_stays"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Let the built-in label have its name, and no other label."""
        if self.malicious != (self.name.casefold() == str(POSSIBLY_MALICIOUS).casefold()):
            message = _("Streetlight’s own label, and no other, is called “%(name)s”. Choose another name.")
            raise ValidationError({"name": message % {"name": POSSIBLY_MALICIOUS}})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete a label that is not built in."""
        if self.malicious:
            raise ProtectedError("This label is built in.", {self})
        return super().delete(*args, **kwargs)


class ReplyTemplate(models.Model):
    """A reply to start from; its sender edits it first."""

    title = models.CharField(_("title"), max_length=60, unique=True)
    text = models.TextField(
        _("text"),
        max_length=2000,
        help_text=_("Replies are not locked. Use plain words, and write nothing from any tip."),
    )

    class Meta:
        verbose_name = _("reply to start from")
        verbose_name_plural = _("replies to start from")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
