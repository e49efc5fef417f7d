"""Lists of articles, a page at a time.

Pages are counted from the oldest article, so a full page keeps its address and its articles for good: a new article
changes only the newest page, which has from PAGE to 2 * PAGE - 1 articles.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, Model, OuterRef, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from newsroom.domain import article_page
from newsroom.models import Area, Article, ArticleQuerySet, Author, Correction, Topic

PAGE = 10
NEWEST = 12  # articles on the page of all news


@dataclass(frozen=True)
class Listing[Row: Model]:
    """One page of a list; `number` is None for the newest.

    `older` and `newer` are the numbers of the pages beside it: `newer` is 0 for the newest, both None for no page.
    """

    rows: list[Row]
    number: int | None
    older: int | None
    newer: int | None
    count: int


@dataclass(frozen=True)
class Month:
    """A month in which articles appeared, and how many."""

    year: int
    month: int
    stories: int  # a name of the templates

    @property
    def day(self) -> date:
        """The month's first day."""
        return date(self.year, self.month, 1)


@dataclass(frozen=True)
class Contents:
    """What there is to read: the newest articles, and the months, topics and areas that have any."""

    newest: list[Article]
    months: list[Month]
    topics: list[Topic]
    areas: list[Area]


def older_pages(count: int) -> int:
    """Return how many full pages there are besides the newest, of a list with `count` rows."""
    return max(0, count // PAGE - 1)


def listing[Row: Model](rows: QuerySet[Row], *, number: int | None) -> Listing[Row] | None:
    """Return a page (None: the newest) of rows that are ordered newest first, None when there is no such page."""
    count = rows.count()
    last = older_pages(count)
    if count == 0 or (number is not None and not 1 <= number <= last):
        return None
    if number is None:
        return Listing(list(rows[: count - PAGE * last]), None, last or None, None, count)
    found = list(rows[count - PAGE * number : count - PAGE * (number - 1)])
    return Listing(found, number, number - 1 or None, number + 1 if number < last else 0, count)


def contents(*, at: datetime | None = None) -> Contents:
    """Return what there is to read at the instant `at` (now)."""
    at = at or timezone.now()
    out = Article.objects.published(at=at)
    return Contents(
        newest=list(_lines(out)[:NEWEST]),
        months=months(at=at),
        topics=list(Topic.objects.filter(Exists(out.filter(topic=OuterRef("pk"))))),
        areas=list(Area.objects.filter(Exists(out.filter(areas=OuterRef("pk"))))),
    )


def months(*, at: datetime | None = None) -> list[Month]:
    """Return the months in which articles appeared, newest first, by the town's clock."""
    counted = Article.objects.published(at=at).order_by().annotate(month=TruncMonth("publish_at")).values("month")
    found = counted.annotate(articles=Count("pk")).order_by("-month").values_list("month", "articles")
    return [Month(when.year, when.month, articles) for when, articles in found]


def month(*, year: int, month: int, number: int | None, at: datetime | None = None) -> Listing[Article] | None:
    """Return a page of the articles of one month, by the town's clock."""
    try:
        start = timezone.make_aware(datetime(year, month, 1))  # noqa: DTZ001 - made aware here
        end = timezone.make_aware(datetime(year + month // 12, month % 12 + 1, 1))  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None
    articles = Article.objects.published(at=at).filter(publish_at__gte=start, publish_at__lt=end)
    return listing(_lines(articles), number=number)


def section(
    *, of: type[Topic] | type[Area] | type[Author], slug: str, number: int | None, at: datetime | None = None
) -> tuple[Topic | Area | Author, Listing[Article]] | None:
    """Return a topic, area or author and a page of their articles; None when they have none that is out."""
    found = of.objects.filter(slug=slug).first()
    if found is None:
        return None
    articles = Article.objects.published(at=at).filter(**{_FIELDS[of]: found})
    page = listing(_lines(articles), number=number)
    return (found, page) if page else None


def corrections(*, number: int | None, at: datetime | None = None) -> Listing[Correction] | None:
    """Return a page of the corrections that readers may see."""
    return listing(Correction.objects.public(at=at).select_related("article"), number=number)


def feed(
    *, of: type[Topic] | type[Area] | None = None, slug: str = "", most: int, at: datetime | None = None
) -> tuple[Topic | Area | None, list[Article]] | None:
    """Return the newest articles, of all or of one topic or area, for a feed; None when that has none that is out."""
    at = at or timezone.now()
    articles = Article.objects.published(at=at)
    found = None
    if of is not None:
        found = of.objects.filter(slug=slug).first()
        if found is None:
            return None
        articles = articles.filter(**{_FIELDS[of]: found})
    rows = list(article_page.in_full(articles, at=at)[:most])
    return (found, rows) if rows or of is None else None


_FIELDS: dict[type[Model], str] = {Topic: "topic", Area: "areas", Author: "author"}


def _lines(articles: ArticleQuerySet) -> ArticleQuerySet:
    """Bring what a line of a list shows."""
    return articles.select_related("topic", "author")
