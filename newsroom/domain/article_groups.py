"""Groups of articles about the same event. The caller chooses a group's UUID; the newsroom gives it no meaning."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from newsroom.domain import request_rebuild
from newsroom.domain.errors import NoSuchMove
from newsroom.models import Article, ArticleQuerySet, GroupMembership

OFFERED = 100  # articles to choose from, the newest


@dataclass(frozen=True)
class ArticleLink:
    """An article in a list of choices: its primary key, headline and slug."""

    pk: int
    headline: str
    slug: str


def choices(*, at: datetime | None = None) -> list[ArticleLink]:
    """Return the newest articles that readers can see at the instant `at` (now)."""
    return _links(Article.objects.published(at=at)[:OFFERED])


def articles(*, group: UUID, at: datetime | None = None) -> list[ArticleLink]:
    """Return the articles of a group that readers can see at `at` (now), the last one added first."""
    in_group = Article.objects.published(at=at).filter(memberships__group=group)
    return _links(in_group.order_by(F("memberships__pk").desc()))


def add(*, group: UUID, article: int) -> None:
    """Add an article to a group, so that its page links to the others; raises NoSuchMove unless readers can see it."""
    with transaction.atomic():
        if not Article.objects.published().filter(pk=article).exists():
            raise NoSuchMove(_("Only a story that readers can see can be chosen."))
        if GroupMembership.objects.get_or_create(group=group, article_id=article)[1]:
            request_rebuild.request_rebuild(articles=[article])


def remove(*, group: UUID, article: int) -> bool:
    """Remove an article from a group; return False if it was not in the group."""
    with transaction.atomic():
        removed = bool(GroupMembership.objects.filter(group=group, article=article).delete()[0])
        if removed:
            request_rebuild.request_rebuild(articles=[article])
    return removed


def _links(chosen: ArticleQuerySet) -> list[ArticleLink]:
    return [ArticleLink(*row) for row in chosen.values_list("pk", "headline", "slug")]
