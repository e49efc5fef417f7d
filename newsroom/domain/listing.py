"""Lists of articles, a page at a time."""

from datetime import date, datetime
from math import ceil
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, DateField, Exists, Model, OuterRef, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

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


class StoryMonth(NamedTuple):
    """The first day of a month, and the number of articles published in it."""

    day: date
    stories: int  # a name of the templates


def pages(count: int) -> int:
    """Return the number of pages of a list of `count` rows."""
    return ceil(count / PAGE)


def listing[Row: Model](rows: QuerySet[Row], *, number: int | None) -> Page[Row] | None:
    """Return a page of rows, by number from 2 (None: the first); None if there is no such page."""
    paginator = Paginator(rows, PAGE)
    if number == 1 or not paginator.count or (number or 1) > paginator.num_pages:
        return None
    return paginator.page(number or 1)


def newest() -> list[Article]:
    """Return the newest articles, for the archive."""
    return list(_with_sections(Article.objects.published())[:NEWEST])


def sections(*, kind: str) -> list[Section]:
    """Return the topics, areas or authors that have articles, in their order."""
    model, field = SECTIONS[kind]
    articles = Article.objects.published().order_by().filter(**{field: OuterRef("pk")})
    return list(model.objects.filter(Exists(articles)))


def open_appeals() -> list[Appeal]:
    """Return the appeals that take answers, newest first, each with its article."""
    return list(Appeal.objects.open().select_related("article"))


def months(*, at: datetime | None = None) -> list[StoryMonth]:
    """Return the months in which articles were published, newest first, by the town's clock."""
    months = (
        Article.objects.published(at=at)
        .order_by()
        .annotate(day=TruncMonth("publish_at", DateField()))
    )
    counts = (
        months.values("day")
        .annotate(articles=Count("pk"))
        .order_by("-day")
        .values_list("day", "articles")
    )
    return [StoryMonth(*month) for month in counts]


def month(*, day: date, number: int | None, at: datetime | None = None) -> Page[Article] | None:
    """Return a page of the articles of the month that begins with a day, by the town's clock."""
    start = timezone.make_aware(datetime(day.year, day.month, 1))  # noqa: DTZ001 - made aware here
    end = timezone.make_aware(datetime(day.year + day.month // 12, day.month % 12 + 1, 1))  # noqa: DTZ001
    articles = Article.objects.published(at=at).filter(publish_at__gte=start, publish_at__lt=end)
    return listing(_with_sections(articles), number=number)


def section(*, kind: str, slug: str, number: int | None) -> tuple[Section, Page[Article]] | None:
    """Return a topic, area or author and a page of its articles; None if it does not exist or has no public article."""
    owner, articles = _of_section(kind, slug)
    page = listing(_with_sections(articles), number=number)
    if owner and page:
        return (owner, page)
    return None


def corrections(*, number: int | None, at: datetime | None = None) -> Page[Correction] | None:
    """Return a page of the corrections that readers may see."""
    return listing(Correction.objects.public(at=at).select_related("article"), number=number)


def feed(
    *, kind: str = "", slug: str = "", most: int
) -> tuple[Section | None, list[Article]] | None:
    """Return the newest articles, of everything or of one section; None if that has no public article."""
    owner, articles = _of_section(kind, slug) if kind else (None, Article.objects.published())
    in_full = articles.select_related("topic", "author", "lead_image").prefetch_related(
        "areas", "corrections", "steps"
    )
    rows = list(in_full[:most])
    if rows or not kind:
        return (owner, rows)
    return None


def _of_section(kind: str, slug: str) -> tuple[Section | None, ArticleQuerySet]:
    """Return a topic, area or author, and its public articles; None and no article if it does not exist."""
    model, field = SECTIONS[kind]
    owner = model.objects.filter(slug=slug).first()
    articles = Article.objects.published()
    return owner, articles.filter(**{field: owner}) if owner else articles.none()


def _with_sections(articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return the articles with their topics and authors, for a list."""
    return articles.select_related("topic", "author")
