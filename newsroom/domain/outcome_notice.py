"""The notice on an article that residents' reports led to it, with a range for their number.

The caller decides; the newsroom knows nothing of the reports.
"""

from django.db.models.functions import Now

from newsroom.domain import request_rebuild
from newsroom.models import Article, ArticleQuerySet

MOST = 100  # articles to choose from

type Band = tuple[int, int | None]  # the least and the most reports; None: or more


def out(*, at: Now | None = None) -> ArticleQuerySet:
    """Return the articles that readers can see at `at` (now); a cached query passes the database's Now()."""
    return Article.objects.published(at=at)


def newest() -> list[Article]:
    """Return the newest articles that are not withdrawn, for the choice of an outcome's article."""
    return list(Article.objects.exclude(status=Article.Status.WITHDRAWN).order_by("-pk")[:MOST])


def find(*, number: int) -> Article | None:
    """Return an article by its primary key, None if there is none or it is withdrawn."""
    return Article.objects.exclude(status=Article.Status.WITHDRAWN).filter(pk=number).first()


def is_out(*, article: Article | None) -> bool:
    """Return True if readers can see the article now."""
    return article is not None and out().filter(pk=article.pk).exists()


def tell(*, article: Article | None, band: Band) -> None:
    """Show the notice on an article and on its timeline, with the range of the number of reports."""
    _set(article, *band)


def untell(*, article: Article | None) -> None:
    """Remove the notice from an article and its timeline."""
    _set(article, None, None)


def _set(article: Article | None, least: int | None, most: int | None) -> None:
    """Update only these two columns, as an editor may be changing the article."""
    if article is not None:
        Article.objects.filter(pk=article.pk).update(residents_least=least, residents_most=most)
        article.residents_least, article.residents_most = least, most
        request_rebuild.request_rebuild(articles=[article.pk])
