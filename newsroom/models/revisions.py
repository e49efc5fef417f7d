"""What an article was before: its revisions, the corrections readers are told of, and the addresses it has left."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.models.articles import Article


class Revision(models.Model):
    """An article as it stood after one change; `fields` holds all that readers could see, `summary` what changed."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions", verbose_name=_("article"))
    number = models.PositiveIntegerField(_("number"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    # A name, no key: who changed an article stays known after they have left.
    made_by = models.CharField(_("made by"), max_length=150)
    summary = models.CharField(_("what changed"), max_length=300)
    fields = models.JSONField(_("the story as it then stood"))

    class Meta:
        ordering = ["-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        indexes = [models.Index(fields=["article", "made_at"], name="revision_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"],
                name="revision_number_unique",
                violation_error_message=_("Somebody else changed the story at the same moment. Try again."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.summary}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Which corrections readers may see: defined here and nowhere else."""

    def public(self, *, at: datetime | None = None) -> "CorrectionQuerySet":
        """Keep corrections whose own time has come, of articles that are out at the instant `at` (now)."""
        at = at or timezone.now()
        return self.due(at=at).filter(Article.objects.published(at=at).above())

    def due(self, *, at: datetime) -> "CorrectionQuerySet":
        """Keep corrections whose own time has come by the instant `at`, were their articles out."""
        return self.filter(at__lte=at)


class Correction(models.Model):
    """What we got wrong and what is right, told to readers on the article and on the page of corrections."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="corrections", verbose_name=_("article"))
    text = models.TextField(_("what was wrong, and what is right"), max_length=1000)
    at = models.DateTimeField(_("shown from"))

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"{timezone.localdate(self.at)}: {self.text}"


class Redirect(models.Model):
    """An address that an article had while readers could see it; it leads to the article for good."""

    old_slug = models.SlugField(_("old slug"), max_length=120, unique=True)
    article = models.ForeignKey(Article, models.PROTECT, related_name="redirects", verbose_name=_("article"))

    class Meta:
        ordering = ["old_slug"]
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")

    def __str__(self) -> str:
        return self.old_slug
