"""Which stories and appeals readers see, read with everything their pages show in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.utils import timezone

from newsroom.models import Appeal, Article, ArticleQuerySet

FRONT_STORIES = 7  # the lead and six more
ARCHIVE_STORIES = 20  # on each page of the archive


@dataclass(frozen=True)
class AppealState:
    """An appeal as the form needs it: `open` is whether it takes answers now."""

    key: str
    title: str
    prompt: str
    open: bool


def _whole(stories: ArticleQuerySet, *, at: datetime) -> ArticleQuerySet:
    """Bring what a story's own page shows; its open appeals come as `calls`."""
    calls = Prefetch("appeals", queryset=Appeal.objects.open(at=at), to_attr="calls")
    return stories.select_related("topic").prefetch_related("areas", "facts", "steps", "links", calls)


def front_page(*, at: datetime | None = None) -> tuple[Article | None, list[Article]]:
    """Return the lead story (None before the first) and those after it, at the instant `at` (now)."""
    at = at or timezone.now()
    stories = list(_whole(Article.objects.published(at=at), at=at)[:FRONT_STORIES])
    return (stories[0] if stories else None), stories[1:]


def archive_page(*, number: str, at: datetime | None = None) -> Page[Article]:
    """Return one page of all stories that are out, newest first; an impossible number gives the nearest page."""
    stories = Article.objects.published(at=at).select_related("topic")
    return Paginator(stories, ARCHIVE_STORIES).get_page(number)


def story(*, slug: str, at: datetime | None = None) -> Article | None:
    """Return the story with this slug, None when it is not out."""
    at = at or timezone.now()
    return _whole(Article.objects.published(at=at), at=at).filter(slug=slug).first()


def open_appeals(*, at: datetime | None = None) -> list[AppealState]:
    """Return every appeal that readers may know of, oldest first; those that have closed say so by `open`."""
    at = at or timezone.now()
    taking = set(Appeal.objects.open(at=at).values_list("pk", flat=True))
    return [
        AppealState(key=appeal.key, title=appeal.title, prompt=appeal.prompt, open=appeal.pk in taking)
        for appeal in Appeal.objects.public(at=at).order_by("opens", "pk")
    ]
