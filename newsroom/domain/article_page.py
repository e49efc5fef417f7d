"""The contents of the front page and of an article's page, read in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from newsroom.models import Appeal, Article, ArticleQuerySet, Redirect

FRONT_ARTICLES = 4  # beside the lead
MANY_ARTICLES = 6  # from so many on, the front page also shows pictures and areas
RELATED_ARTICLES = 3
NEWER_RELATED = 2  # how many of those may be newer than the article


@dataclass(frozen=True)
class ArticlePage:
    """An article with everything its page shows, each list in its order.

    `answered_appeals` have closed and have a published result.
    """

    article: Article
    open_appeals: list[Appeal]
    answered_appeals: list[Appeal]
    related: list[Article]


@dataclass(frozen=True)
class FrontPage:
    """The leading article (None without any), and at most FRONT_ARTICLES after it, newest first.

    The lead is the newest pinned article, or else the newest; only the lead comes with its areas, facts, steps and
    `open_appeals`.
    """

    lead: Article | None
    headlines: list[Article]
    has_many: bool  # MANY_ARTICLES or more are published


def front_page(*, at: datetime | None = None) -> FrontPage:
    """Return the front page at `at` (now)."""
    at = at or timezone.now()
    published = Article.objects.published(at=at).select_related("topic", "lead_image")
    pinned = list(published.filter(pinned=True)[:1])
    newest = list(published[:MANY_ARTICLES])
    lead = next(iter(pinned or newest), None)
    if lead:
        open_appeals = Prefetch(
            "appeals", queryset=Appeal.objects.open(at=at), to_attr="open_appeals"
        )
        prefetch_related_objects([lead], "areas", "facts", "steps", open_appeals)
    headlines = [article for article in newest if article != lead]
    return FrontPage(
        lead=lead,
        headlines=headlines[:FRONT_ARTICLES],
        has_many=len(newest) == MANY_ARTICLES,
    )


def began_with_residents() -> Article | None:
    """Return the newest article that says that it began with residents' reports; None without one."""
    return (
        Article.objects.published()
        .filter(residents_least__isnull=False)
        .select_related("topic")
        .first()
    )


def find(*, slug: str, at: datetime | None = None) -> ArticlePage | Redirect | Article | None:
    """Return what the address shows at `at` (now): a page, a redirect to one, or the article that was withdrawn.

    None if readers could never see an article there.
    """
    at = at or timezone.now()
    published = Article.objects.published(at=at)
    if article := _with_parts(published).filter(slug=slug).first():
        return _page(article, at=at)
    if (
        moved := Redirect.objects.filter(published.above(), old_slug=slug)
        .select_related("article")
        .first()
    ):
        return moved
    return (
        Article.objects.withdrawn(at=at).filter(Q(slug=slug) | Q(redirects__old_slug=slug)).first()
    )


def preview(*, pk: int) -> ArticlePage:
    """Return the page of an article in any state, now or at its later time of publication.

    The article must not be saved: a draft has the present as its time of publication.
    """
    at = timezone.now()
    article = _with_parts(Article.objects.all()).get(pk=pk)
    article.publish_at = article.publish_at or at
    return _page(article, at=max(at, article.publish_at))


def related_to(article: Article, *, at: datetime) -> list[Article]:
    """Return the articles to which an article's page links as related at `at`, newest first, without their texts.

    Those about the same event come first, then those of its topic or areas that are nearest in time.
    """
    others = _others(article, at=at)
    together = list(_of_its_event(article, others)[:RELATED_ARTICLES])
    shared_area = Article.areas.through.objects.filter(
        article=OuterRef("pk"), area__articles=article.pk
    )
    near = others.filter(Q(topic=article.topic_id) | Exists(shared_area))
    newer, older = _around(article, near, at=at)
    nearest = [*reversed(newer[:NEWER_RELATED]), *older[:RELATED_ARTICLES]][:RELATED_ARTICLES]
    chosen = [*together, *(other for other in nearest if other not in together)][:RELATED_ARTICLES]
    return sorted(chosen, key=lambda other: (other.publish_at, other.pk), reverse=True)


def may_link_to(article: Article, *, at: datetime) -> list[Article]:
    """Return all articles whose pages may link to this one as related at `at`; the pages of a few of them do not.

    The article itself need not be published.
    """
    others = _others(article, at=at)
    candidates = {other.pk: other for other in _of_its_event(article, others)}
    sections = [Q(topic=article.topic_id), *(Q(areas=area) for area in article.areas.all())]
    for section in sections:
        newer, older = _around(article, others.filter(section), at=at)
        candidates |= {
            other.pk: other for other in (*newer[:RELATED_ARTICLES], *older[:NEWER_RELATED])
        }
    return list(candidates.values())


def _with_parts(articles: ArticleQuerySet) -> ArticleQuerySet:
    parts = ("areas", "facts", "steps", "links", "corrections")
    return articles.select_related("topic", "author", "lead_image").prefetch_related(*parts)


def _page(article: Article, *, at: datetime) -> ArticlePage:
    appeals: Any = article.appeals.opened(at=at)
    return ArticlePage(
        article=article,
        open_appeals=list(appeals.not_closed(at=at)),
        answered_appeals=list(appeals.closed_with_result(at=at)),
        related=related_to(article, at=at),
    )


def _others(article: Article, *, at: datetime) -> ArticleQuerySet:
    return Article.objects.published(at=at).exclude(pk=article.pk).defer("body")


def _of_its_event(article: Article, others: ArticleQuerySet) -> ArticleQuerySet:
    if article.event:
        return others.filter(event=article.event)
    return others.none()


def _around(
    article: Article, others: ArticleQuerySet, *, at: datetime
) -> tuple[ArticleQuerySet, ArticleQuerySet]:
    """Return the other articles that are newer than the article and those that are older, the nearest first."""
    when = article.publish_at or at
    # The second bound on publish_at is redundant; it lets the database use an index.
    newer = others.filter(Q(publish_at__gt=when) | Q(pk__gt=article.pk), publish_at__gte=when)
    older = others.filter(Q(publish_at__lt=when) | Q(pk__lt=article.pk), publish_at__lte=when)
    return newer.order_by("publish_at", "pk"), older
