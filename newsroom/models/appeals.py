"""Appeals for information, which articles show and tips answer."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.safestring import SafeString

from newsroom.models.articles import Article, to_html

MOST_QUESTIONS = 5


class AppealQuerySet(models.QuerySet["Appeal"]):
    """Which appeals readers may see and answer; the only definition of both."""

    def public(self, *, at: datetime | None = None) -> "AppealQuerySet":
        """Keep appeals that have opened, closed ones too, of articles that readers can see at `at` (now)."""
        at = at or timezone.now()
        return self.opened(at=at).filter(Article.objects.published(at=at).above())

    def open(self, *, at: datetime | None = None) -> "AppealQuerySet":
        """Keep public appeals that take answers at `at` (now)."""
        at = at or timezone.now()
        return self.public(at=at).not_closed(at=at)

    def opened(self, *, at: datetime) -> "AppealQuerySet":
        """Keep appeals that have opened by `at`, whether their articles are out or not."""
        return self.filter(opens__lte=at)

    def not_closed(self, *, at: datetime) -> "AppealQuerySet":
        """Keep appeals that have not closed by `at`."""
        return self.filter(Q(closes__isnull=True) | Q(closes__gt=at))

    def closed_with_result(self, *, at: datetime) -> "AppealQuerySet":
        """Keep appeals that have closed by `at` and have a result, whether their articles are out or not."""
        return self.filter(closes__lte=at).exclude(result="")


class Appeal(models.Model):
    """An appeal for information on an article. Sealed tips hold its key, so the key never changes."""

    key = models.SlugField(
        "key", max_length=120, unique=True, help_text="The story’s first slug. It never changes."
    )
    article = models.ForeignKey(
        Article, models.PROTECT, related_name="appeals", verbose_name="story"
    )
    title = models.CharField("title", max_length=120)
    prompt = models.CharField("prompt", max_length=300, help_text="Shown at the top of the form.")
    why = models.TextField(
        "why it helps to tell us", blank=True, help_text="Markdown, shown under the story."
    )
    highlights = models.TextField(
        "questions to highlight",
        blank=True,
        max_length=600,
        help_text="One question on each line, 5 at most, such as “Did you see a grey van on Tuesday night?”",
    )
    opens = models.DateTimeField("opens")
    closes = models.DateTimeField("closes", null=True, blank=True)

    result = models.CharField(
        "result",
        max_length=200,
        blank=True,
        help_text="One line, shown once the appeal has closed. Do not say who told us, or how many people did.",
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["-opens", "-pk"]
        verbose_name = "appeal"
        verbose_name_plural = "appeals"
        constraints = [
            models.CheckConstraint(
                name="appeal_closes_after_opening",
                condition=Q(closes__isnull=True) | Q(closes__gt=F("opens")),
                violation_error_message="An appeal cannot close before it opens.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse more than five questions, and a changed key, which sealed tips hold for good."""
        super().clean()
        if len(self.questions) > MOST_QUESTIONS:
            raise ValidationError(
                {"highlights": "Ask at most 5 questions. Readers skip long lists."}
            )
        if Appeal.objects.filter(pk=self.pk).exclude(key=self.key).exists():
            raise ValidationError(
                {"key": "You cannot change an appeal’s key, because tips refer to it."}
            )

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions to highlight, one for each line that is not empty."""
        return tuple(line.strip() for line in self.highlights.splitlines() if line.strip())

    @property
    def why_html(self) -> SafeString:
        """The reasons as safe HTML."""
        return to_html(self.why)
