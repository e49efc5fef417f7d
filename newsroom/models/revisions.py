"""The history of an article: its revisions, its corrections and its former addresses."""

from datetime import datetime

from django.db import models
from django.utils import timezone

from newsroom.models.articles import Article


class Revision(models.Model):
    """An article after one change; `fields` holds everything that readers could see, `summary` what changed."""

    article = models.ForeignKey(
        Article, models.CASCADE, related_name="revisions", verbose_name="story"
    )
    number = models.PositiveIntegerField("number")
    made_at = models.DateTimeField("made at", default=timezone.now)
    # A name and not a key, so that the record outlives the account.
    made_by = models.CharField("made by", max_length=150)
    summary = models.CharField("what changed", max_length=300)
    fields = models.JSONField("the story at that time")

    class Meta:
        ordering = ["-number"]
        verbose_name = "revision"
        verbose_name_plural = "revisions"
        indexes = [models.Index(fields=["article", "made_at"], name="revision_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"],
                name="revision_number_unique",
                violation_error_message="Someone else changed the story at the same moment. Try again.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.summary}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Which corrections readers may see; the only definition of it."""

    def public(self, *, at: datetime | None = None) -> "CorrectionQuerySet":
        """Keep the corrections of articles that readers can see at `at` (now), or could before their withdrawal."""
        return self.filter(
            Article.objects.published(at=at).above() | Article.objects.withdrawn(at=at).above()
        )


class Correction(models.Model):
    """A published correction, shown on the article and on the page of corrections."""

    article = models.ForeignKey(
        Article, models.PROTECT, related_name="corrections", verbose_name="story"
    )
    text = models.TextField("what was wrong and what is right", max_length=1000)
    at = models.DateTimeField("shown from")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "correction"
        verbose_name_plural = "corrections"

    def __str__(self) -> str:
        return f"{timezone.localdate(self.at)}: {self.text}"


class Redirect(models.Model):
    """A slug that an article had while readers could see it; its address redirects to the article for good."""

    old_slug = models.SlugField("old slug", max_length=120, unique=True)
    article = models.ForeignKey(
        Article, models.PROTECT, related_name="redirects", verbose_name="story"
    )

    class Meta:
        ordering = ["old_slug"]
        verbose_name = "redirect"
        verbose_name_plural = "redirects"

    def __str__(self) -> str:
        return self.old_slug
