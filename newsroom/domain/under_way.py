"""What editors have under way: drafts, scheduled stories, changes, and what must be looked at again."""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from newsroom.domain.editing import Status
from newsroom.models import Article, ArticleQuerySet, Revision, TimelineStep, WorkingCopy

MOST = 6  # of each


class UnderWay(NamedTuple):
    """Up to MOST of each of the others, the most pressing first."""

    to_follow_up: ArticleQuerySet  # all that wait, the longest first: what became of those in them?
    look_again: list[WorkingCopy]  # a correction came after these changes were made
    court_days: QuerySet[TimelineStep]  # that an editor wrote down, the next first
    scheduled: QuerySet[Article]
    changes: list[WorkingCopy]  # saved, of a story that is out
    drafts: QuerySet[
        Article
    ]  # changed last first, with the summary and the time of their newest revision
    out: QuerySet[Article]  # the newest that readers have


def under_way(*, at: datetime) -> UnderWay:
    """Return what is under way at that time."""
    rows = WorkingCopy.objects.select_related("article").defer("fields")
    copies = list(rows.order_by("-changed_at"))
    newest = Revision.objects.filter(article=OuterRef("pk")).order_by("-number")
    stories = Article.objects.only(
        "pk", "headline", "publish_at", "status", "slug", "look_again_on"
    )
    return UnderWay(
        to_follow_up=stories.to_follow_up(at=at).order_by(
            F("look_again_on").asc(nulls_first=True), "pk"
        ),
        look_again=[copy for copy in copies if copy.look_again][:MOST],
        court_days=court_days(timezone.localdate(at)),
        scheduled=stories.filter(status=Status.SCHEDULED, publish_at__gt=at).order_by("publish_at")[
            :MOST
        ],
        changes=[copy for copy in copies if not copy.look_again][:MOST],
        drafts=stories.filter(status=Status.DRAFT)
        .annotate(
            last=Subquery(newest.values("summary")[:1]),
            changed_at=Subquery(newest.values("made_at")[:1]),
        )
        .order_by(F("changed_at").desc(nulls_last=True), "-pk")[:MOST],
        out=stories.published(at=at).order_by("-publish_at")[:MOST],
    )


def court_days(today: date) -> QuerySet[TimelineStep]:
    """Return the steps at court from that day on, of stories that are not withdrawn."""
    at_court = TimelineStep.objects.filter(stage=TimelineStep.Stage.COURT, date__gte=today)
    steps = at_court.exclude(article__status=Status.WITHDRAWN).select_related("article")
    return steps.order_by("date", "pk")[:MOST]
