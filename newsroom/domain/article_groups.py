"""Articles that belong together: put on a strand by whoever knows why, under a key that says nothing here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from newsroom.domain import request_rebuild
from newsroom.domain.errors import NotNow
from newsroom.models import Article, ArticleQuerySet, Strand

OFFERED = 100  # articles to choose from, the newest


@dataclass(frozen=True)
class Told:
    """An article as those see it who choose one: its key, its headline and its slug."""

    pk: int
    headline: str
    slug: str


def choices(*, at: datetime | None = None) -> list[Told]:
    """Return the newest articles that readers can see at the instant `at` (now)."""
    return _told(Article.objects.published(at=at)[:OFFERED])


def of(*, key: UUID, at: datetime | None = None) -> list[Told]:
    """Return the articles on a strand that readers can see, the last put there first."""
    return _told(Article.objects.published(at=at).filter(strands__key=key).order_by(F("strands__pk").desc()))


def put(*, key: UUID, article: int) -> None:
    """Put an article that readers can see on a strand: from now on its page names the others; raises NotNow."""
    with transaction.atomic():
        if not Article.objects.published().filter(pk=article).exists():
            raise NotNow("Only a story that readers can see can be chosen.")
        if Strand.objects.get_or_create(key=key, article_id=article)[1]:
            request_rebuild.request_rebuild(articles=[article])


def take(*, key: UUID, article: int) -> bool:
    """Take an article off a strand, and return whether it was on it."""
    with transaction.atomic():
        taken = bool(Strand.objects.filter(key=key, article=article).delete()[0])
        if taken:
            request_rebuild.request_rebuild(articles=[article])
    return taken


def _told(articles: ArticleQuerySet) -> list[Told]:
    return [Told(*row) for row in articles.values_list("pk", "headline", "slug")]
