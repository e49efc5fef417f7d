"""Articles with their key facts, links and timeline."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from newsroom import markup
from newsroom.models.images import Image, image_problem
from newsroom.models.sections import Area, Author, Topic

WORDS_A_MINUTE = 200
MOST_TEXT = 200_000  # characters
NEEDED = "Add this before you publish or schedule the story."
NO_SOURCE = "Say where the facts come from. Readers see it under the story."
CHOOSE_TOPIC = "Choose a topic. Readers find the story under it."
TOO_LONG = "The text has %(length)s characters. The limit is %(most)s. Make it shorter, or write two stories."


class ArticleQuerySet(models.QuerySet["Article"]):
    """Which articles readers may see; the only definition of it."""

    def published(self, *, at: datetime | Now | None = None) -> "ArticleQuerySet":
        """Keep articles that readers can see at `at` (now): published or scheduled, and their time has come."""
        statuses = [Article.Status.PUBLISHED, Article.Status.SCHEDULED]
        return self.filter(status__in=statuses, publish_at__lte=at or timezone.now())

    def withdrawn(self, *, at: datetime | None = None) -> "ArticleQuerySet":
        """Keep articles that were withdrawn by `at` (now) after readers could see them."""
        gone = self.filter(status=Article.Status.WITHDRAWN, withdrawn_at__lte=at or timezone.now())
        return gone.filter(publish_at__lte=F("withdrawn_at"))

    def to_follow_up(self, *, at: datetime) -> "ArticleQuerySet":
        """Keep published articles with proceedings whose day to look again has come by `at`, or that have none."""
        due = Q(look_again_on__isnull=True) | Q(look_again_on__lte=timezone.localdate(at))
        return self.published(at=at).filter(due, proceedings_active=True)

    def above(self) -> Exists:
        """Return the condition, for a row with an `article`, that its article is one of these; it is a subquery."""
        return Exists(self.order_by().filter(pk=OuterRef("article")))


class Article(models.Model):
    """An article. Once readers could see it, it is never deleted, only withdrawn."""

    class Status(models.TextChoices):
        """The stored state of an article. A scheduled one whose time has come counts as published."""

        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    slug = models.SlugField("slug", max_length=120, unique=True)
    headline = models.CharField("headline", max_length=140)
    standfirst = models.CharField(
        "standfirst", max_length=400, blank=True, help_text="One or two sentences."
    )
    body = models.TextField("text", blank=True, help_text="Markdown.")
    byline = models.CharField("byline", max_length=120, help_text="As readers see it.")
    author = models.ForeignKey(
        Author,
        models.PROTECT,
        related_name="articles",
        null=True,
        blank=True,
        verbose_name="author",
        help_text="Their page lists the story. Leave empty for the newsroom’s page.",
    )
    status = models.CharField("status", max_length=12, choices=Status, default=Status.DRAFT)
    publish_at = models.DateTimeField("publish at", null=True, blank=True)
    updated_at = models.DateTimeField(
        "updated at",
        null=True,
        blank=True,
        help_text="When readers last got something new. Shown to readers.",
    )
    topic = models.ForeignKey(
        Topic,
        models.PROTECT,
        related_name="articles",
        null=True,
        blank=True,
        verbose_name="topic",
        help_text="A draft needs none. We ask for it when you publish or schedule the story.",
    )
    areas = models.ManyToManyField(Area, related_name="articles", blank=True, verbose_name="areas")
    proceedings_active = models.BooleanField(
        "proceedings may be active",
        default=False,
        help_text="Asks readers not to name the person or guess in public or online.",
    )
    look_again_on = models.DateField(
        "day to look again",
        null=True,
        blank=True,
        help_text="From then on editors are asked what became of those in it, while proceedings may be active.",
    )
    pinned = models.BooleanField("top of the front page", default=False)
    lead_image = models.ForeignKey(
        Image,
        models.PROTECT,
        related_name="led",
        null=True,
        blank=True,
        verbose_name="main picture",
    )
    withdrawn_at = models.DateTimeField("withdrawn at", null=True, blank=True, editable=False)
    withdrawn_note = models.CharField(
        "why it was withdrawn",
        max_length=300,
        blank=True,
        editable=False,
        help_text="Shown at its old address.",
    )
    source_note = models.CharField("where the facts come from", max_length=300, blank=True)
    residents_least = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text="At least this many tips led to it. Empty if we do not say.",
    )
    residents_most = models.PositiveSmallIntegerField(
        null=True,
        editable=False,
        help_text="At most this many tips. Empty if there is no upper number.",
    )
    event = models.UUIDField(
        null=True,
        editable=False,
        help_text="Stories that have the same are about one event. We do not know which.",
    )

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-publish_at", "-pk"]
        verbose_name = "story"
        verbose_name_plural = "stories"
        indexes = [
            models.Index(fields=["-publish_at", "-id"], name="article_newest"),
            models.Index(fields=["topic", "-publish_at", "-id"], name="article_newest_of_topic"),
            models.Index(fields=["author", "-publish_at", "-id"], name="article_newest_of_author"),
            models.Index(fields=["publish_at"], name="article_pinned", condition=Q(pinned=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="article_status_known",
                condition=Q(status__in=["draft", "scheduled", "published", "withdrawn"]),
                violation_error_message="A story is a draft, scheduled, published or withdrawn.",
            ),
            models.CheckConstraint(
                name="article_out_has_time",
                condition=Q(status__in=["draft", "withdrawn"]) | Q(publish_at__isnull=False),
                violation_error_message="Enter the date and time when the story should appear.",
            ),
            models.CheckConstraint(
                name="article_out_has_topic",
                condition=Q(status__in=["draft", "withdrawn"]) | Q(topic__isnull=False),
                violation_error_message=CHOOSE_TOPIC,
            ),
            models.CheckConstraint(
                name="article_updated_after_publishing",
                condition=Q(updated_at__isnull=True) | Q(publish_at__lte=F("updated_at")),
                violation_error_message="A story cannot be updated before it appears.",
            ),
            models.CheckConstraint(
                name="article_withdrawn_at_only_when_withdrawn",
                condition=Q(status="withdrawn") | Q(withdrawn_at__isnull=True),
                violation_error_message="Only a withdrawn story has a time at which it was withdrawn.",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def clean(self) -> None:
        """Refuse a half article beyond a draft, a text that is too long, foreign pictures and another's old slug."""
        super().clean()
        problems: dict[str, str] = {}
        if self.status != self.Status.DRAFT:
            problems |= {
                name: NEEDED for name in ("standfirst", "body") if not getattr(self, name).strip()
            }
            if not self.topic_id:
                problems["topic"] = CHOOSE_TOPIC
        if len(self.body) > MOST_TEXT:
            problems["body"] = TOO_LONG % {"length": len(self.body), "most": MOST_TEXT}
        elif problem := image_problem(self.body):
            problems["body"] = problem
        if Article.objects.filter(redirects__old_slug=self.slug).exclude(pk=self.pk).exists():
            problems["slug"] = (
                "Another story had this address, and old links use it. Choose another address."
            )
        if problems:
            raise ValidationError(problems)

    @property
    def body_html(self) -> SafeString:
        """The text as safe HTML."""
        return to_html(self.body)

    @property
    def changed(self) -> datetime:
        """The time of the last change that readers can see of a published article."""
        corrected = (correction.at for correction in self.corrections.all())
        return max(instant for instant in (self.publish_at, self.updated_at, *corrected) if instant)

    @property
    def words(self) -> int:
        """How many words the text has, without the lines of its pictures."""
        count = 0
        for line in self.body.splitlines():
            if not line.lstrip().startswith("!["):
                count += len(line.split())
        return count

    @property
    def reading_minutes(self) -> int:
        """How many minutes the text takes to read, at least one."""
        return max(1, round(self.words / WORDS_A_MINUTE))

    @property
    def years_old(self) -> int:
        """How many whole years ago the article appeared, by the place's clock; 0 for less than one."""
        if self.publish_at is None:
            return 0
        then = timezone.localdate(self.publish_at)
        today = timezone.localdate()
        return max(0, today.year - then.year - ((today.month, today.day) < (then.month, then.day)))

    @property
    def endings(self) -> "list[TimelineStep]":
        """The steps that say what became of those in the article, in their order."""
        return [step for step in self.steps.all() if step.stage == TimelineStep.Stage.OUTCOME]

    @property
    def timeline(self) -> "tuple[Stop, ...]":
        """The five stages in order, lit as far as this article has come, the last lit is `latest`; empty without any.

        Each has the last day on it; that of residents' reports has none.
        """
        dates: dict[str, date | None] = {step.stage: step.date for step in self.steps.all()}
        if self.residents_least is not None:
            dates[TimelineStep.Stage.REPORT] = None
        lit = [place for place, stage in enumerate(TimelineStep.Stage) if stage in dates]
        if not lit:
            return ()
        latest = lit[-1]
        stops = []
        for place, stage in enumerate(TimelineStep.Stage):
            is_lit = stage in dates
            stop = Stop(
                stage=stage.value,
                label=str(stage.label),
                date=dates.get(stage),
                latest=place == latest,
                lit=is_lit,
                untold=0 < place < latest and not is_lit,
            )
            stops.append(stop)
        return tuple(stops)


class KeyFact(models.Model):
    """A figure of the article and what it counts."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="facts", verbose_name="story")
    figure = models.CharField("figure", max_length=12)
    text = models.CharField("what it counts", max_length=120)
    order = models.PositiveSmallIntegerField("order", default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = "key fact"
        verbose_name_plural = "key facts"
        constraints = [
            models.UniqueConstraint(
                fields=["article", "order"],
                name="fact_order_unique",
                violation_error_message="Two facts of this story have the same place. Change one of them.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.text}"


class RelatedLink(models.Model):
    """A link to a report elsewhere; without an address only its title is shown."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="links", verbose_name="story")
    title = models.CharField("title", max_length=200)
    url = models.URLField("address", blank=True)
    order = models.PositiveSmallIntegerField("order", default=0)

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = "related link"
        verbose_name_plural = "related links"
        constraints = [
            models.UniqueConstraint(
                fields=["article", "order"],
                name="link_order_unique",
                violation_error_message="Two links of a story have the same place.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """Return the address if it is one of the web, else nothing: what a browser would run is no link."""
        if self.url.startswith(("https://", "http://")):
            return self.url
        return ""


class TimelineStep(models.Model):
    """An event of the article's timeline."""

    class Stage(models.TextChoices):
        """The five stages, in the order in which a case passes them."""

        REPORT = "report", "Residents report"
        ARREST = "arrest", "Arrests"
        CHARGE = "charge", "Charges"
        COURT = "court", "Court"
        OUTCOME = "outcome", "Outcome"

    article = models.ForeignKey(Article, models.CASCADE, related_name="steps", verbose_name="story")
    stage = models.CharField("stage", max_length=12, choices=Stage)
    date = models.DateField("date")
    text = models.CharField("what happened", max_length=200)

    class Meta:
        ordering = ["date", "pk"]
        verbose_name = "step of the story"
        verbose_name_plural = "steps of the story"
        constraints = [
            models.CheckConstraint(
                name="step_stage_known",
                condition=Q(stage__in=["report", "arrest", "charge", "court", "outcome"]),
                violation_error_message="A step is a report, arrests, charges, court or an outcome.",
            ),
            models.CheckConstraint(
                name="step_report_not_by_hand",
                condition=~Q(stage="report"),
                violation_error_message="You cannot add this stage yourself. It appears with a public result.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}, {self.date}"


@dataclass(frozen=True)
class Stop:
    """One stage as the timeline shows it; `date` is the last day on it, None where no day is published.

    `untold`: the case has come further, so this stage may lie behind it, but the article does not tell of it. Never so
    for residents' reports.
    """

    stage: str
    label: str
    date: date | None
    latest: bool
    lit: bool
    untold: bool


def to_html(text: str) -> SafeString:
    """Return Markdown as safe HTML."""
    return mark_safe(markup.to_html(text))  # noqa: S308 - markup.to_html lets nothing unsafe through.
