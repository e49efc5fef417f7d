"""What the front page, a story's page and the page of corrections show, read in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from newsroom.models import Appeal, Article, ArticleQuerySet, Correction, Redirect, Strand

FRONT_STORIES = 6  # beside the lead
RELATED_STORIES = 3
NEWER_RELATED = 2  # how many of those may be newer than the story


@dataclass(frozen=True)
class Moved:
    """A story that readers know by another slug; `slug` is where it is now."""

    slug: str


@dataclass(frozen=True)
class Gone:
    """A story that readers could see, and that was withdrawn: when, and the sentence that says why."""

    at: datetime
    note: str


def whole(stories: ArticleQuerySet, *, at: datetime) -> ArticleQuerySet:
    """Bring what a story's own page shows: its open appeals come as `calls`, its corrections as `put_right`."""
    put_right = Prefetch("corrections", queryset=Correction.objects.public(at=at), to_attr="put_right")
    fields = ("topic", "author", "lead_image")
    stories = stories.annotate(on_strand=Exists(Strand.objects.filter(article=OuterRef("pk"))))
    return stories.select_related(*fields).prefetch_related("areas", "facts", "steps", "links", _calls(at), put_right)


def front_page(*, at: datetime | None = None) -> tuple[Article | None, list[Article]]:
    """Return the lead story (None before the first) and those after it at the instant `at` (now), newest first.

    The lead is the newest of those that are pinned, or else the newest; only it comes with what hangs from it.
    """
    at = at or timezone.now()
    out = Article.objects.published(at=at).select_related("topic", "lead_image")
    pinned = list(out.filter(pinned=True)[:1])
    newest = list(out[: FRONT_STORIES + 1])
    lead = next(iter(pinned or newest), None)
    if lead:
        prefetch_related_objects([lead], "areas", "facts", "steps", _calls(at))
    return lead, [story for story in newest if story != lead][:FRONT_STORIES]


def _calls(at: datetime) -> "Prefetch[str, Any, str]":
    return Prefetch("appeals", queryset=Appeal.objects.open(at=at), to_attr="calls")


def story(*, slug: str, at: datetime | None = None) -> Article | Moved | Gone | None:
    """Return what is at this address: a story with all that its page shows, where it went, or that it was withdrawn.

    None where readers have never seen anything.
    """
    at = at or timezone.now()
    out = Article.objects.published(at=at)
    if found := whole(out, at=at).filter(slug=slug).first():
        return found
    if moved := Redirect.objects.filter(old_slug=slug, article__in=out).select_related("article").first():
        return Moved(slug=moved.article.slug)
    gone = withdrawn(at=at).filter(Q(slug=slug) | Q(redirects__old_slug=slug)).first()
    return Gone(at=gone.withdrawn_at, note=gone.withdrawn_note) if gone and gone.withdrawn_at else None


def withdrawn(*, at: datetime | None = None) -> ArticleQuerySet:
    """Return the stories that readers could see once, and that were withdrawn by the instant `at` (now)."""
    at = at or timezone.now()
    return Article.objects.filter(
        status=Article.Status.WITHDRAWN, withdrawn_at__lte=at, publish_at__lte=F("withdrawn_at")
    )


def related(*, article: Article, at: datetime | None = None) -> list[Article]:
    """Return the newest stories on the story's strands, else those of its topic or areas that are nearest in time.

    Of the latter at most two are newer, so that a new story changes the pages of its neighbours and no others. All come
    newest first.
    """
    first = _together(article, at=at) if vars(article).get("on_strand", True) else []
    areas = [area.pk for area in article.areas.all()]
    shared = Exists(Article.areas.through.objects.filter(article_id=OuterRef("pk"), area_id__in=areas))
    near = Article.objects.published(at=at).exclude(pk=article.pk).filter(Q(topic=article.topic_id) | shared)
    near = near.select_related("topic").only("slug", "headline", "publish_at", "topic__slug", "topic__name")
    when = article.publish_at
    newer = near.filter(Q(publish_at__gt=when) | Q(publish_at=when, pk__gt=article.pk)).order_by("publish_at", "pk")
    older = near.filter(Q(publish_at__lt=when) | Q(publish_at=when, pk__lt=article.pk))
    nearest = [*reversed(newer[:NEWER_RELATED]), *older[:RELATED_STORIES]][:RELATED_STORIES]
    chosen = [*first, *(story for story in nearest if story not in first)][:RELATED_STORIES]
    return sorted(chosen, key=lambda story: (story.publish_at or timezone.now(), story.pk), reverse=True)


def _together(article: Article, *, at: datetime | None) -> list[Article]:
    """Return the newest stories that are on a strand with this one."""
    keys = Strand.objects.filter(article=article.pk).values("key")
    found = Article.objects.published(at=at).exclude(pk=article.pk).filter(strands__key__in=keys).distinct()
    return list(found.select_related("topic", "author")[:RELATED_STORIES])
