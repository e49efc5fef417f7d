"""What the front page and an address of a story show, read in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from newsroom.domain import showing
from newsroom.domain.showing import Shown
from newsroom.models import Appeal, Article, ArticleQuerySet, Correction, Redirect

FRONT_STORIES = 6  # beside the lead


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
    """Bring what a story in full shows in a feed: its corrections come as `put_right`."""
    put_right = Prefetch("corrections", queryset=Correction.objects.public(at=at), to_attr="put_right")
    return stories.select_related("topic", "author", "lead_image").prefetch_related("areas", put_right)


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
        calls = Prefetch("appeals", queryset=Appeal.objects.open(at=at), to_attr="calls")
        prefetch_related_objects([lead], "areas", "facts", "steps", calls)
    return lead, [story for story in newest if story != lead][:FRONT_STORIES]


def story(*, slug: str, at: datetime | None = None) -> Shown | Moved | Gone | None:
    """Return what is at this address: a story with all that its page shows, where it went, or that it was withdrawn.

    None where readers have never seen anything.
    """
    at = at or timezone.now()
    if found := showing.story(slug=slug, at=at):
        return found
    out = Article.objects.published(at=at)
    if moved := Redirect.objects.filter(out.above(), old_slug=slug).select_related("article").first():
        return Moved(slug=moved.article.slug)
    gone = withdrawn(at=at).filter(Q(slug=slug) | Q(redirects__old_slug=slug)).first()
    return Gone(at=gone.withdrawn_at, note=gone.withdrawn_note) if gone and gone.withdrawn_at else None


def withdrawn(*, at: datetime | None = None) -> ArticleQuerySet:
    """Return the stories that readers could see once, and that were withdrawn by the instant `at` (now)."""
    at = at or timezone.now()
    return Article.objects.filter(
        status=Article.Status.WITHDRAWN, withdrawn_at__lte=at, publish_at__lte=F("withdrawn_at")
    )
