"""Topics, areas and authors: the sections that list articles."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.models import plain_names


class Topic(models.Model):
    """What articles are about; each article has one topic."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            models.CheckConstraint(
                name="topic_slug_is_plain",
                condition=plain_names.slug("slug"),
                violation_error_message=_("A slug has letters, digits, hyphens and underscores only."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A ward of the town; `estates` names places in it, separated by semicolons, so that people recognise it."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    estates = models.TextField(_("estates"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        constraints = [
            models.CheckConstraint(
                name="area_slug_is_plain",
                condition=plain_names.slug("slug"),
                violation_error_message=_("A slug has letters, digits, hyphens and underscores only."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    """A person who writes articles and has a page that lists them."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    bio = models.TextField(_("about them"), blank=True, help_text=_("One or two sentences for readers."))

    class Meta:
        ordering = ["name"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        constraints = [
            models.CheckConstraint(
                name="author_slug_is_plain",
                condition=plain_names.slug("slug"),
                violation_error_message=_("A slug has letters, digits, hyphens and underscores only."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
