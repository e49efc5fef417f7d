"""All public addresses, those that were withdrawn, and the next instant at which they change without an edit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from core.file_names import is_slug
from newsroom.domain import listing
from newsroom.models import Appeal, Article, Correction, Redirect

FEED = 20  # articles in a feed
NEWS_WINDOW = timedelta(days=2)  # for which the news sitemap lists an article
CORRECTIONS = "/about/corrections/"
FIXED = {
    "/": "front",
    "/news/": "archive",
    "/topics/": "sections",
    "/areas/": "sections",
    "/authors/": "sections",
    "/appeals/": "appeals",
    "/feed/": "feed",
    "/sitemap.xml": "sitemap",
    "/news-sitemap.xml": "sitemap",
    # The app `reports` serves these.
    "/about/": "about",
    "/about/who-we-are/": "about",
    "/about/how-it-works/": "about",
    "/about/privacy/": "about",
    "/about/your-data/": "about",
    "/about/promises/": "about",
    "/about/staying-safe/": "about",
    "/about/accessibility/": "about",
    "/outcomes/": "about",
    "/outcomes.csv": "data",
    "/robots.txt": "robots",
}
IN_SITEMAP = (
    *("front", "archive", "month", "topic", "area", "author"),
    *("sections", "appeals", "corrections", "about"),
)


@dataclass(frozen=True)
class PublicPage:
    """A public address and the kind of its page.

    `article` is the primary key of the article that it shows, `list_path` the path of the first page of its list.
    """

    path: str
    kind: str
    article: int | None = None
    list_path: str = ""


def all_pages(*, at: datetime | None = None) -> Iterator[PublicPage]:
    """Yield every public page at `at` (now), without pages that vary by reader.

    A row whose slug is none, as only somebody who changed the database can have put it there, has no page.
    """
    at = at or timezone.now()
    for pk, slug in Article.objects.published(at=at).values_list("pk", "slug"):
        if is_slug(slug):
            yield PublicPage(_path(slug), "article", pk)
    yield from _others(at)


def lists(*, of: Iterable[int]) -> set[str]:
    """Return the paths of the lists that contain these articles (primary keys), or did before their withdrawal."""
    paths = set()
    for article in (
        Article.objects.filter(pk__in=of)
        .select_related("topic", "author")
        .prefetch_related("areas")
    ):
        paths |= {f"/areas/{area.slug}/" for area in article.areas.all()}
        if article.topic:
            paths.add(f"/topics/{article.topic.slug}/")
        if article.author:
            paths.add(f"/authors/{article.author.slug}/")
        if article.publish_at:
            paths.add(f"/news/{timezone.localtime(article.publish_at):%Y/%m}/")
    return paths


def listed(*, at: datetime | None = None) -> list[str]:
    """Return the path of every page for readers that is not an article, at `at` (now)."""
    return [page.path for page in _others(at or timezone.now()) if page.kind in IN_SITEMAP]


def gone(*, at: datetime | None = None) -> set[str]:
    """Return the slugs, former ones too, of articles withdrawn by `at` (now) after readers could see them."""
    articles = Article.objects.withdrawn(at=at)
    old_slugs = Redirect.objects.filter(articles.above()).values_list("old_slug", flat=True)
    return {*articles.values_list("slug", flat=True), *old_slugs}


def instants(*, after: datetime) -> list[tuple[datetime, int]]:
    """Return each instant after another at which a public page changes without an edit, with the article's primary key.

    An article appears, or an appeal opens or closes.
    """
    articles: Any = Article.objects.filter(
        status__in=[Article.Status.SCHEDULED, Article.Status.PUBLISHED]
    )
    appeals: Any = Appeal.objects.filter(articles.above()).order_by()
    return [
        *articles.filter(publish_at__gt=after).values_list("publish_at", "pk"),
        *appeals.filter(opens__gt=after).values_list("opens", "article"),
        *appeals.filter(closes__gt=after).values_list("closes", "article"),
    ]


def next_instant(*, at: datetime) -> datetime | None:
    """Return the first of the `instants` after `at`, None without one."""
    return min((instant for instant, _article in instants(after=at)), default=None)


def security_contact() -> str:
    """Return the URI for reports of vulnerabilities, "" if the operator has set none."""
    contact: str = getattr(settings, "SECURITY_CONTACT", "")
    if "@" in contact and ":" not in contact:
        return f"mailto:{contact}"
    return contact


def addresses() -> list[tuple[str, datetime]]:
    """Return the paths of the articles that are public, newest first, each with its last change."""
    articles = Article.objects.published().annotate(revised=Max("revisions__made_at"))
    rows = articles.order_by("-publish_at", "-pk")  # a query with GROUP BY ignores Meta.ordering
    paths = []
    for slug, *changes in rows.values_list("slug", "publish_at", "updated_at", "revised"):
        if is_slug(slug):
            newest = max(filter(None, changes))
            paths.append((_path(slug), newest))
    return paths


def _others(at: datetime) -> Iterator[PublicPage]:
    """Yield the pages that are not articles."""
    for path, kind in FIXED.items():
        yield PublicPage(path, kind)
    yield from _in_other_languages()
    if security_contact():
        yield PublicPage("/.well-known/security.txt", "security")
    published = Article.objects.published(at=at)
    for month in listing.months(at=at):
        yield from _pages(f"/news/{month.day:%Y/%m}/", "month", month.stories)
    for kind, (_model, field) in listing.SECTIONS.items():
        slugs = (
            published.order_by(f"{field}__slug")
            .exclude(**{field: None})
            .values_list(f"{field}__slug")
        )
        counted = slugs.annotate(articles=Count("pk"))
        for slug, count in [row for row in counted if is_slug(row[0])]:
            yield from _pages(f"/{kind}s/{slug}/", kind, count)
            if kind != "author":
                yield PublicPage(f"/{kind}s/{slug}/feed/", "feed", list_path=f"/{kind}s/{slug}/")
    yield from _pages(CORRECTIONS, "corrections", Correction.objects.public(at=at).count())


def _in_other_languages() -> Iterator[PublicPage]:
    """Yield the pages about this site in each other language, and its start page; no story changes them."""
    kind = "unlisted" if settings.DEMO else "about"  # nobody has checked a demonstration's
    paths = ["/", *(path for path in FIXED if path.startswith("/about/"))]
    for code, _name in settings.LANGUAGES[1:]:
        for path in paths:
            yield PublicPage(f"/{code}{path}", kind, list_path=f"/{code}/")


def _pages(path: str, kind: str, count: int) -> Iterator[PublicPage]:
    """Yield the pages of a list with `count` rows, as `listing.listing` numbers them."""
    list_path = "" if path == CORRECTIONS else path
    yield PublicPage(path, kind, list_path=list_path)
    for number in range(2, listing.pages(count) + 1):
        yield PublicPage(f"{path}{number}/", kind, list_path=list_path)


def _path(slug: str) -> str:
    return f"/news/{slug}/"
