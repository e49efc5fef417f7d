"""Appeals: what an article asks its readers, and what tips answer."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from newsroom.models.articles import Article, to_html

MOST_QUESTIONS = 5


class AppealQuerySet(models.QuerySet["Appeal"]):
    """Which appeals readers may see and answer: defined here and nowhere else."""

    def public(self, *, at: datetime | None = None) -> "AppealQuerySet":
        """Keep appeals that have opened, closed since or not, of articles that are out at `at` (now)."""
        at = at or timezone.now()
        return self.asked(at=at).filter(Article.objects.published(at=at).above())

    def open(self, *, at: datetime | None = None) -> "AppealQuerySet":
        """Keep appeals that take answers at the instant `at` (now)."""
        at = at or timezone.now()
        return self.public(at=at).taking(at=at)

    def answered(self, *, at: datetime | None = None) -> "AppealQuerySet":
        """Keep appeals that have closed by the instant `at` (now), and of which is told what came of them."""
        at = at or timezone.now()
        return self.public(at=at).told(at=at)

    def asked(self, *, at: datetime) -> "AppealQuerySet":
        """Keep appeals that have opened by the instant `at`, were their articles out."""
        return self.filter(opens__lte=at)

    def taking(self, *, at: datetime) -> "AppealQuerySet":
        """Keep appeals that have not closed by the instant `at`."""
        return self.filter(Q(closes__isnull=True) | Q(closes__gt=at))

    def told(self, *, at: datetime) -> "AppealQuerySet":
        """Keep appeals that have closed by the instant `at`, and of which is told what came of them."""
        return self.filter(closes__lte=at).exclude(result="")


class Appeal(models.Model):
    """A call for information that hangs from an article; tips name it by its key, so the key never changes."""

    key = models.SlugField(
        _("key"), max_length=120, unique=True, help_text=_("The story's first slug. It never changes.")
    )
    article = models.ForeignKey(Article, models.PROTECT, related_name="appeals", verbose_name=_("article"))
    title = models.CharField(_("title"), max_length=120)
    prompt = models.CharField(_("prompt"), max_length=300, help_text=_("Shown at the top of the form."))
    why = models.TextField(_("why it is worth telling"), blank=True, help_text=_("Markdown, shown under the story."))
    highlights = models.TextField(
        _("questions to highlight"),
        blank=True,
        max_length=600,
        help_text=_("One question on each line, five at most: “Did you see a grey van on Tuesday night?”"),
    )
    opens = models.DateTimeField(_("opens"))
    closes = models.DateTimeField(_("closes"), null=True, blank=True)

    result = models.CharField(
        _("what came of it"),
        max_length=200,
        blank=True,
        help_text=_("One line, shown once the appeal has closed. Say nothing of who told, or how many."),
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["-opens", "-pk"]
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [
            models.CheckConstraint(
                name="appeal_closes_after_opening",
                condition=Q(closes__isnull=True) | Q(closes__gt=F("opens")),
                violation_error_message=_("An appeal cannot close before it opens."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, after checking that the key is the one it began with."""
        self.clean()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a changed key: sealed tips hold it, and nobody can correct them."""
        super().clean()
        if len(self.questions) > MOST_QUESTIONS:
            raise ValidationError({"highlights": _("Ask five questions at most: readers skip long lists.")})
        if Appeal.objects.filter(pk=self.pk).exclude(key=self.key).exists():
            raise ValidationError({"key": _("The key of an appeal never changes: tips name it.")})

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions to highlight, in their order."""
        return tuple(line.strip() for line in self.highlights.splitlines() if line.strip())

    @property
    def why_html(self) -> SafeString:
        """The reasons as HTML that is safe to show."""
        return to_html(self.why)
