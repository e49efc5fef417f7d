"""Every address that readers may see, where old ones lead, and when all this changes by itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from newsroom.domain import article_page, listing, stock
from newsroom.domain.stock import Story, changed
from newsroom.models import Appeal, Article, Correction, Redirect, Revision

TIMES = ("publish_at", "updated_at", "revised")
FEED = 20  # stories in a feed
NEWS_WINDOW = timedelta(days=2)  # how long the news sitemap names a story
SITEMAP = 10_000  # addresses in one sitemap, of the 50,000 that the protocol allows
ABOUT = ("how-it-works", "privacy", "staying-safe", "accessibility")  # kept by the rooms that receive tips
OUTCOMES = {"/outcomes/": "about", "/outcomes.csv": "data", "/outcomes.json": "data"}  # kept there too
CORRECTIONS = "/about/corrections/"
SECTIONS = "/sitemaps/pages.xml"  # names every page that is no story
LISTED = ("front", "archive", "month", "topic", "area", "author", "corrections", "about")  # by it


@dataclass(frozen=True)
class Surface:
    """A public address; `last_changed` differs whenever the page does, None when nothing is known of that.

    To the second it is when the page's stories last changed; its microseconds tell apart changes that have no time of
    their own, like a neighbour withdrawn.
    """

    path: str
    kind: str
    last_changed: datetime | None


class Out(Protocol):
    """A story of which at least this is known."""

    @property
    def pk(self) -> int:
        """Return its primary key."""

    @property
    def out(self) -> datetime:
        """Return when it appeared."""


@dataclass(frozen=True)
class Address:
    """A story as a sitemap names it: its path, when it appeared and when it last changed."""

    pk: int
    path: str
    out: datetime
    changed: datetime


def surfaces(*, at: datetime | None = None) -> Iterator[Surface]:
    """Yield every public address at the instant `at` (now), without those that answer each reader differently."""
    at = at or timezone.now()
    stories = stock.stories(at=at)
    shelves = stock.shelves(of=stories)
    for story in stories:
        near = stock.neighbours(story, among=shelves)
        yield Surface(_path(story.slug), "article", changed(of=[story, *near], own=story))
    others = [*_fixed(stories, at), *_lists(stories, shelves), *_corrections(at)]
    yield from others
    paths = [path.encode() for path in _listed(others)]
    yield Surface(SECTIONS, "sitemap", stock.stamped(stories[-1].out, *paths) if stories else None)


def listed(*, at: datetime | None = None) -> list[str]:
    """Return the path of every page that readers see and that is no story, at the instant `at` (now)."""
    at = at or timezone.now()
    stories = stock.outlines(at=at)
    return _listed([*_fixed(stories, at), *_lists(stories, stock.shelves(of=stories)), *_corrections(at)])


def moved(*, at: datetime | None = None) -> dict[str, str]:
    """Return the paths of stories that are out at the instant `at` (now) by the paths that they had before."""
    out = Redirect.objects.filter(Article.objects.published(at=at).above())
    return {_path(old): _path(new) for old, new in out.values_list("old_slug", "article__slug")}


def gone(*, at: datetime | None = None) -> set[str]:
    """Return the paths, old ones too, of stories that readers could see and that were withdrawn by `at` (now)."""
    stories = article_page.withdrawn(at=at)
    old = Redirect.objects.filter(stories.above()).values_list("old_slug", flat=True)
    return {_path(slug) for slug in (*stories.values_list("slug", flat=True), *old)}


def next_instant(*, at: datetime | None = None) -> datetime | None:
    """Return when what readers see next changes by itself after `at` (now), None when it does not.

    A story or a correction appears, an appeal opens or closes, a story leaves the news sitemap, or the security contact
    is dated anew.
    """
    at = at or timezone.now()
    stories = Article.objects.filter(status__in=[Article.Status.SCHEDULED, Article.Status.PUBLISHED])
    instants = [
        _first(stories.filter(publish_at__gt=at), "publish_at"),
        _first(Correction.objects.filter(stories.above(), at__gt=at), "at"),
        _first(Appeal.objects.filter(stories.above(), opens__gt=at), "opens"),
        _first(Appeal.objects.filter(stories.above(), closes__gt=at), "closes"),
        _later(_first(stories.filter(publish_at__gt=at - NEWS_WINDOW, publish_at__lte=at), "publish_at"), NEWS_WINDOW),
        next_month(at) if security_contact() else None,
    ]
    return min((instant for instant in instants if instant), default=None)


def last_change(*, at: datetime | None = None) -> datetime | None:
    """Return when a list of the newest stories last changed, for machines that ask by date; None before the first.

    A story appeared, or an editor changed one that readers can see or could (then the last revision says when); what
    the listed stories say of themselves comes on top.
    """
    at = at or timezone.now()
    newest = Article.objects.published(at=at).values_list("publish_at", flat=True).first()
    # By key, which goes with the time: the time has no index, and there are many revisions. A join would begin with the
    # stories, all of them.
    seen = Article.objects.filter(publish_at__lte=at).exclude(status=Article.Status.DRAFT)
    revisions = Revision.objects.filter(seen.above(), made_at__lte=at).order_by("-pk")
    instants = [newest, revisions.values_list("made_at", flat=True).first()]
    return max((instant for instant in instants if instant), default=None)


def security_contact() -> str:
    """Return the address, as a URI, for people who find a hole; empty when the operator has named none."""
    contact: str = getattr(settings, "SECURITY_CONTACT", "")
    return f"mailto:{contact}" if "@" in contact and ":" not in contact else contact


def next_month(at: datetime, *, months: int = 1) -> datetime:
    """Return the beginning of the month that comes `months` after that of `at`, by the town's clock."""
    local = timezone.localtime(at)
    years, month = divmod(local.month - 1 + months, 12)
    return timezone.make_aware(datetime(local.year + years, month + 1, 1))  # noqa: DTZ001 - made aware here


def addresses(*, at: datetime | None = None, year: int | None = None) -> list[Address]:
    """Return where the stories are that are out at the instant `at` (now), newest first; of one year of the town's."""
    stories = Article.objects.published(at=at).annotate(revised=Max("revisions__made_at"))
    stories = stories if year is None else stories.filter(publish_at__year=year)
    stories = stories.order_by("-publish_at", "-pk")  # a query that groups has no order of its own
    return [
        Address(pk, _path(slug), out, max(instant for instant in (out, updated, revised) if instant))
        for pk, slug, out, updated, revised in stories.values_list("pk", "slug", *TIMES)
        if out
    ]


def sitemaps[Row: Out](stories: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the stories, which come newest first, by the path of the sitemap that names them, one for each year.

    A long year has parts, counted from its oldest story, so that a new one changes the last part alone.
    """
    found: dict[str, list[Row]] = {}
    for (year,), some in _by(stories, 1).items():
        oldest_first = some[::-1]
        for start in range(0, len(oldest_first), SITEMAP):
            part = f"-{start // SITEMAP + 1}" if start else ""
            found[f"/sitemaps/{year}{part}.xml"] = oldest_first[start : start + SITEMAP]
    return found


def _fixed(stories: list[Story], at: datetime) -> Iterator[Surface]:
    """Yield the addresses that are always there."""
    everything = changed(of=stories)
    yield Surface("/", "front", everything)
    yield Surface("/news/", "archive", everything)
    yield Surface("/feed/", "feed", changed(of=stories[:FEED]))
    yield Surface("/sitemap.xml", "sitemap", everything)
    recent = [story for story in stories if story.out > at - NEWS_WINDOW]
    yield Surface("/news-sitemap.xml", "sitemap", changed(of=recent))
    for page in ABOUT:
        yield Surface(f"/about/{page}/", "about", None)
    for path, kind in OUTCOMES.items():
        yield Surface(path, kind, None)
    yield Surface("/robots.txt", "robots", None)
    if security_contact():
        yield Surface("/.well-known/security.txt", "security", None)


def _lists(stories: list[Story], shelves: stock.Shelves) -> Iterator[Surface]:
    """Yield the lists of stories, their feeds and the sitemaps that name them."""
    for (year, month), some in _by(stories, 2).items():
        yield from _pages(f"/news/{year}/{month}/", "month", some)
    for (kind, slug), some in shelves.items():
        if kind == stock.STRAND:
            continue
        yield from _pages(f"/{kind}s/{slug}/", kind, some)
        if kind != "author":
            yield Surface(f"/{kind}s/{slug}/feed/", "feed", changed(of=some[:FEED]))
    for path, some in sitemaps(stories).items():
        yield Surface(path, "sitemap", changed(of=some))


def _pages(path: str, kind: str, stories: Sequence[Story]) -> Iterator[Surface]:
    """Yield the pages of a list of stories, newest first."""
    for number, rows, last in _cut(stories):
        yield Surface(f"{path}{number}/" if number else path, kind, changed(of=rows, also=last))


def _cut(rows: Sequence[Any]) -> Iterator[tuple[int | None, Sequence[Any], bool]]:
    """Yield each page's number, its rows, and whether the newest page comes next, as `listing.listing` gives them."""
    count, last = len(rows), listing.older_pages(len(rows))
    yield None, rows[: count - listing.PAGE * last], True
    for number in range(1, last + 1):
        yield number, rows[count - listing.PAGE * number : count - listing.PAGE * (number - 1)], number == last


def _corrections(at: datetime) -> Iterator[Surface]:
    """Yield the pages of corrections; the first is there without one."""
    rows = list(Correction.objects.public(at=at).values_list("at", "pk", "text", "article__slug", "article__headline"))
    for number, some, last in _cut(rows):
        when = stock.stamped(some[0][0], repr((some, last)).encode()) if some else None
        yield Surface(f"{CORRECTIONS}{number}/" if number else CORRECTIONS, "corrections", when)


def _listed(surfaces: Iterable[Surface]) -> list[str]:
    return [surface.path for surface in surfaces if surface.kind in LISTED]


def _path(slug: str) -> str:
    return f"/news/{slug}/"


def _first(rows: Any, name: str) -> datetime | None:
    instant: datetime | None = rows.order_by(name).values_list(name, flat=True).first()
    return instant


def _later(instant: datetime | None, wait: timedelta) -> datetime | None:
    return instant + wait if instant else None


def _by[Row: Out](stories: Iterable[Row], depth: int) -> dict[tuple[str, ...], list[Row]]:
    """Return the stories by the year (`depth` 1), or the year and month (2), in which they appeared in the town."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    town = timezone.get_current_timezone()
    for story in stories:
        local = story.out.astimezone(town)
        found[(f"{local.year:04}", f"{local.month:02}")[:depth]].append(story)
    return found
