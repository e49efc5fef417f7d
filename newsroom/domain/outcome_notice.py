"""The notice on an article that residents' reports led to it, with a range for their number.

The caller decides; the newsroom knows nothing of the reports. Articles of one event name each other on their pages.
"""

from uuid import UUID

from django.db.models.functions import Now

from newsroom.domain import request_rebuild
from newsroom.models import Article, ArticleQuerySet

type Band = tuple[int, int | None]  # the least and the most reports; None: or more


def out(*, at: Now | None = None) -> ArticleQuerySet:
    """Return the articles that readers can see at `at` (now); a cached query passes the database's Now()."""
    return Article.objects.published(at=at)


def is_out(*, article: Article | None) -> bool:
    """Return True if readers can see the article now."""
    return article is not None and out().filter(pk=article.pk).exists()


def show_notice(*, article: Article | None, band: Band, event: UUID) -> None:
    """Show the notice on an article and on its timeline, with the range of the number of reports.

    `event` is the caller's name for what it is about; the newsroom gives it no meaning.
    """
    _set(article, *band, event)


def untell(*, article: Article | None) -> None:
    """Remove the notice from an article and its timeline, and the article from its event."""
    _set(article, None, None, None)


def _set(article: Article | None, least: int | None, most: int | None, event: UUID | None) -> None:
    """Update only these columns, as an editor may be changing the article."""
    if article is not None:
        Article.objects.filter(pk=article.pk).update(
            residents_least=least, residents_most=most, event=event
        )
        article.residents_least = least
        article.residents_most = most
        article.event = event
        request_rebuild.request_rebuild(articles=[article.pk])
