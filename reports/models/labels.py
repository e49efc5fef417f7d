"""Set up by team leads: labels for tips, and reply templates."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Label(models.Model):
    """A short name that tips are sorted by. It is stored in clear, so it names a kind of thing, never a person."""

    name = models.CharField(
        _("name"), max_length=30, help_text=_("Stands in clear: a kind of thing, never a person, place or number.")
    )
    retired = models.BooleanField(
        _("no longer offered"), default=False, help_text=_("Tips that have it keep it; no other tip is given it.")
    )

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="label_once", violation_error_message=_("There is a label of this name already.")
            )
        ]

    def __str__(self) -> str:
        return self.name


class ReplyTemplate(models.Model):
    """A reply to start from; its sender edits it first."""

    title = models.CharField(_("title"), max_length=60, unique=True)
    text = models.TextField(
        _("text"), max_length=2000, help_text=_("Plain words. Stands in clear: nothing of any tip goes in here.")
    )

    class Meta:
        verbose_name = _("reply to start from")
        verbose_name_plural = _("replies to start from")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
