"""Groups of articles about the same event. The caller chooses a group's UUID; the newsroom gives it no meaning."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from newsroom.domain import request_rebuild
from newsroom.domain.errors import NoSuchMove
from newsroom.models import Article, GroupMembership

OFFERED = 100  # articles to choose from, the newest


def choices(*, at: datetime | None = None) -> list[Article]:
    """Return the newest articles that readers can see at the instant `at` (now)."""
    return list(Article.objects.published(at=at).defer("body")[:OFFERED])


def articles(*, group: UUID, at: datetime | None = None) -> list[Article]:
    """Return the articles of a group that readers can see at `at` (now), the last one added first."""
    in_group = Article.objects.published(at=at).filter(memberships__group=group).defer("body")
    return list(in_group.order_by(F("memberships__pk").desc()))


def add(*, group: UUID, article: int) -> None:
    """Add an article to a group, so that its page links to the others; raises NoSuchMove unless readers can see it."""
    with transaction.atomic():
        if not Article.objects.published().filter(pk=article).exists():
            raise NoSuchMove(_("Choose a story that readers can see."))
        if GroupMembership.objects.get_or_create(group=group, article_id=article)[1]:
            request_rebuild.request_rebuild(articles=[article])


def remove(*, group: UUID, article: int) -> bool:
    """Remove an article from a group; return False if it was not in the group."""
    with transaction.atomic():
        removed = bool(GroupMembership.objects.filter(group=group, article=article).delete()[0])
        if removed:
            request_rebuild.request_rebuild(articles=[article])
    return removed
