"""Lists of articles, a page at a time."""

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import Count, Exists, Model, OuterRef, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from newsroom.domain import article_page
from newsroom.models import Appeal, Area, Article, ArticleQuerySet, Author, Correction, Topic

type Section = Topic | Area | Author

# By kind, whose pages list articles, and the field of an article that names it.
SECTIONS: dict[str, tuple[Any, str]] = {
    "topic": (Topic, "topic"),
    "area": (Area, "areas"),
    "author": (Author, "author"),
}
PAGE = 10  # rows on a page
NEWEST = 12  # articles on the page of all news


@dataclass(frozen=True)
class StoryMonth:
    """A month, and the number of articles published in it."""

    year: int
    month: int
    stories: int  # a name of the templates

    @property
    def day(self) -> date:
        """The month's first day."""
        return date(self.year, self.month, 1)


def pages(count: int) -> int:
    """Return the number of pages of a list of `count` rows."""
    return ceil(count / PAGE)


def listing[Row: Model](rows: QuerySet[Row], *, number: int | None) -> Page[Row] | None:
    """Return a page of rows, by number from 2 (None: the first); None if there is no such page."""
    paginator = Paginator(rows, PAGE)
    if number == 1 or not paginator.count:
        return None
    try:
        return paginator.page(number or 1)
    except EmptyPage:
        return None


def newest(*, at: datetime | None = None) -> list[Article]:
    """Return the newest articles at `at` (now), for the archive."""
    return list(_with_sections(Article.objects.published(at=at))[:NEWEST])


def sections(*, kind: str, at: datetime | None = None) -> list[Section]:
    """Return the topics, areas or authors that have articles at `at` (now), in their order."""
    model, field = SECTIONS[kind]
    articles = Article.objects.published(at=at).order_by().filter(**{field: OuterRef("pk")})
    return list(model.objects.filter(Exists(articles)))


def open_appeals(*, at: datetime | None = None) -> list[Appeal]:
    """Return the appeals that take answers at `at` (now), newest first, each with its article."""
    return list(Appeal.objects.open(at=at).select_related("article"))


def months(*, at: datetime | None = None) -> list[StoryMonth]:
    """Return the months in which articles were published, newest first, by the town's clock."""
    by_month = Article.objects.published(at=at).order_by().annotate(month=TruncMonth("publish_at")).values("month")
    counts = by_month.annotate(articles=Count("pk")).order_by("-month").values_list("month", "articles")
    return [StoryMonth(when.year, when.month, articles) for when, articles in counts]


def month(*, year: int, month: int, number: int | None, at: datetime | None = None) -> Page[Article] | None:
    """Return a page of the articles of one month, by the town's clock."""
    try:
        start = timezone.make_aware(datetime(year, month, 1))  # noqa: DTZ001 - made aware here
        end = timezone.make_aware(datetime(year + month // 12, month % 12 + 1, 1))  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None
    articles = Article.objects.published(at=at).filter(publish_at__gte=start, publish_at__lt=end)
    return listing(_with_sections(articles), number=number)


def section(
    *, kind: str, slug: str, number: int | None, at: datetime | None = None
) -> tuple[Section, Page[Article]] | None:
    """Return a topic, area or author and a page of its articles; None if it does not exist or has no public article."""
    model, field = SECTIONS[kind]
    owner = model.objects.filter(slug=slug).first()
    articles = Article.objects.published(at=at).filter(**{field: owner}) if owner else Article.objects.none()
    page = listing(_with_sections(articles), number=number)
    return (owner, page) if page else None


def corrections(*, number: int | None, at: datetime | None = None) -> Page[Correction] | None:
    """Return a page of the corrections that readers may see."""
    return listing(Correction.objects.public(at=at).select_related("article"), number=number)


def feed(
    *, kind: str = "", slug: str = "", most: int, at: datetime | None = None
) -> tuple[Section | None, list[Article]] | None:
    """Return the newest articles, of everything or of one section; None if that has no public article."""
    articles, owner = Article.objects.published(at=at), None
    if kind:
        model, field = SECTIONS[kind]
        owner = model.objects.filter(slug=slug).first()
        articles = articles.filter(**{field: owner}) if owner else articles.none()
    rows = list(article_page.in_full(articles)[:most])
    return (owner, rows) if rows or not kind else None


def _with_sections(articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return the articles with their topics and authors, for a list."""
    return articles.select_related("topic", "author")
