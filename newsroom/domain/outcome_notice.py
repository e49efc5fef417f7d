"""That an article began with what residents told: said by whoever knows, shown by the newsroom, which knows no more."""

from django.db.models.functions import Now

from newsroom.domain import request_rebuild
from newsroom.models import Article, ArticleQuerySet

MOST = 100  # articles to choose from

type Band = tuple[int, int | None]  # at least, and at most; None: or more


def out(*, at: Now | None = None) -> ArticleQuerySet:
    """Return the articles that readers can see now; for a query that is kept, `at` is the database's own now."""
    return Article.objects.published(at=at)


def newest() -> list[Article]:
    """Return the articles that an outcome may name: the newest that are out or in work."""
    return list(Article.objects.exclude(status=Article.Status.WITHDRAWN).order_by("-pk")[:MOST])


def find(*, number: int) -> Article | None:
    """Return an article that is not withdrawn by its number."""
    return Article.objects.exclude(status=Article.Status.WITHDRAWN).filter(pk=number).first()


def is_out(*, article: Article | None) -> bool:
    """Return whether readers can see the article now."""
    return article is not None and out().filter(pk=article.pk).exists()


def tell(*, article: Article | None, band: Band) -> None:
    """Say on an article, and on its timeline, between which two numbers the reports lie that it began with."""
    _set(article, *band)


def untell(*, article: Article | None) -> None:
    """Say it no longer."""
    _set(article, None, None)


def _set(article: Article | None, least: int | None, most: int | None) -> None:
    """Change these two columns only: an editor may have the article open."""
    if article is not None:
        Article.objects.filter(pk=article.pk).update(residents_least=least, residents_most=most)
        article.residents_least, article.residents_most = least, most
        request_rebuild.request_rebuild(articles=[article.pk])
