"""Topics, areas and authors: the sections that list articles."""

from django.db import models


class Section(models.Model):
    """What a topic, an area and an author have in common."""

    slug = models.SlugField("slug", max_length=60, unique=True)
    name = models.CharField("name", max_length=120)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Topic(Section):
    """What articles are about; each article has one topic."""

    name = models.CharField("name", max_length=60, unique=True)

    class Meta(Section.Meta):
        verbose_name = "topic"
        verbose_name_plural = "topics"


class Area(Section):
    """An area of the place; `estates` names places in it, separated by semicolons, so that people recognise it."""

    name = models.CharField("name", max_length=80, unique=True)
    estates = models.TextField("estates", blank=True)

    class Meta(Section.Meta):
        verbose_name = "area"
        verbose_name_plural = "areas"


class Author(Section):
    """A person who writes articles and has a page that lists them."""

    bio = models.TextField("about them", blank=True, help_text="One or two sentences for readers.")

    class Meta(Section.Meta):
        verbose_name = "author"
        verbose_name_plural = "authors"
