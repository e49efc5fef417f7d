"""What an article is about, where it happened and who wrote it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.Model):
    """What an article is about: one topic an article."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A ward of the town; `estates` holds well-known places in it, separated by semicolons, to help people pick."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    estates = models.TextField(_("estates"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("area")
        verbose_name_plural = _("areas")

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    """Somebody who writes articles, with a page of their own."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    bio = models.TextField(_("about them"), blank=True, help_text=_("One or two sentences for readers."))

    class Meta:
        ordering = ["name"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self) -> str:
        return self.name
