"""The pictures of articles: their size, words and credit. `newsroom.domain.images` stores the files."""

import re

from django.db import models
from django.db.models import Q
from django.utils import timezone

from newsroom import markup
from newsroom.imaging import addresses
from newsroom.imaging.addresses import Picture


class Image(models.Model):
    """A picture. Its files are its renditions, laid out in the media folder; its size is that of the largest."""

    digest = models.CharField("digest", max_length=32, unique=True, editable=False)
    width = models.PositiveIntegerField("width", editable=False)
    height = models.PositiveIntegerField("height", editable=False)
    alt = models.CharField(
        "what it shows",
        max_length=250,
        help_text="For readers who cannot see it. Do not give names or guesses.",
    )
    caption = models.CharField("caption", max_length=300, help_text="Shown under the picture.")
    credit = models.CharField(
        "credit", max_length=120, help_text="Who took it, or who gave it to us."
    )
    added_at = models.DateTimeField("added", default=timezone.now, editable=False)

    class Meta:
        ordering = ["-added_at", "-pk"]
        verbose_name = "picture"
        verbose_name_plural = "pictures"
        constraints = [
            models.CheckConstraint(
                name="image_has_size",
                condition=Q(width__gt=0, height__gt=0),
                violation_error_message="A picture has a width and a height.",
            ),
        ]

    def __str__(self) -> str:
        return self.alt

    @property
    def picture(self) -> Picture:
        """The picture as pages show it, with `src`, `srcset` and `webp`."""
        return Picture(digest=self.digest, width=self.width, height=self.height)

    @property
    def line(self) -> str:
        """The Markdown that shows the picture in an article's text."""
        alt = re.sub(r"([\\\[\]])", r"\\\1", self.alt)
        caption = f"{self.caption} Picture: {self.credit}"
        title = re.sub(r'([\\"])', r"\\\1", caption)
        return f'![{alt}]({self.picture.reference} "{title}")'


class Rendition(models.Model):
    """One file of a picture, as each machine lays it out for nginx; the picture has the digest of its pixels."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions", editable=False)
    name = models.CharField(max_length=16, editable=False)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "name"], name="rendition_once_per_size")
        ]

    def __str__(self) -> str:
        return self.name


def image_problem(markdown: str) -> str | None:
    """Return what is wrong with the first image in a text that cannot be shown, None without one."""
    for alt, source in markup.images(markdown):
        picture = addresses.parse(source)
        if picture is None:
            return "We can only show our own pictures. Add the picture under Pictures and copy its line from there."
        if not alt.strip():
            return "Describe each picture between its square brackets."
        if not Image.objects.filter(
            digest=picture.digest, width=picture.width, height=picture.height
        ).exists():
            return "We cannot find one of the pictures. Copy its line from Pictures again."
    return None
