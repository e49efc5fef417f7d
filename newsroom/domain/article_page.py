"""What the front page and an article's address show, read in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from newsroom.models import Appeal, Article, ArticleQuerySet, Correction, GroupMembership, Redirect

FRONT_ARTICLES = 6  # beside the lead
RELATED_ARTICLES = 3
NEWER_RELATED = 2  # how many of those may be newer than the article


@dataclass(frozen=True)
class ArticlePage:
    """An article with what its page shows beside its own fields, each list in its order.

    `answered_appeals` have closed and have a published result; `corrections` are those whose time has come.
    """

    article: Article
    open_appeals: list[Appeal]
    answered_appeals: list[Appeal]
    corrections: list[Correction]
    related: list[Article]

    @property
    def changed(self) -> datetime:
        """When readers last got something new."""
        return changed(self.article, self.corrections)


@dataclass(frozen=True)
class Moved:
    """An article that readers know by another slug; `slug` is where it is now."""

    slug: str


@dataclass(frozen=True)
class Gone:
    """An article that readers could see, and that was withdrawn: when, and the sentence that says why."""

    at: datetime
    note: str


def front_page(*, at: datetime | None = None) -> tuple[Article | None, list[Article]]:
    """Return the lead (None before the first article) and the articles after it at `at` (now), newest first.

    The lead is the newest pinned article, or else the newest; only the lead comes with its areas, facts, steps and
    `open_appeals`.
    """
    at = at or timezone.now()
    out = Article.objects.published(at=at).select_related("topic", "lead_image")
    pinned = list(out.filter(pinned=True)[:1])
    newest = list(out[: FRONT_ARTICLES + 1])
    lead = next(iter(pinned or newest), None)
    if lead:
        open_appeals = Prefetch("appeals", queryset=Appeal.objects.open(at=at), to_attr="open_appeals")
        prefetch_related_objects([lead], "areas", "facts", "steps", open_appeals)
    return lead, [article for article in newest if article != lead][:FRONT_ARTICLES]


def find(*, slug: str, at: datetime | None = None) -> ArticlePage | Moved | Gone | None:
    """Return what this address shows at `at` (now): a page, where the article went, or that it was withdrawn.

    None where readers have never seen anything.
    """
    at = at or timezone.now()
    out = Article.objects.published(at=at)
    if article := _with_parts(out).filter(slug=slug).first():
        return _page(article, at=at)
    if moved := Redirect.objects.filter(out.above(), old_slug=slug).select_related("article").first():
        return Moved(slug=moved.article.slug)
    gone = withdrawn(at=at).filter(Q(slug=slug) | Q(redirects__old_slug=slug)).first()
    return Gone(at=gone.withdrawn_at, note=gone.withdrawn_note) if gone and gone.withdrawn_at else None


def preview(*, pk: int, at: datetime | None = None) -> ArticlePage | None:
    """Return the page of an article in any state, as it is now or at its own time when that is to come; None without.

    The instance is for showing only: a draft has `at` for its time.
    """
    at = at or timezone.now()
    article = _with_parts(Article.objects.all()).filter(pk=pk).first()
    if article is None:
        return None
    article.publish_at = article.publish_at or at
    return _page(article, at=max(at, article.publish_at))


def withdrawn(*, at: datetime | None = None) -> ArticleQuerySet:
    """Return the articles that readers could see once, and that were withdrawn by `at` (now)."""
    at = at or timezone.now()
    return Article.objects.filter(
        status=Article.Status.WITHDRAWN, withdrawn_at__lte=at, publish_at__lte=F("withdrawn_at")
    )


def in_full(articles: ArticleQuerySet, *, at: datetime) -> ArticleQuerySet:
    """Return the articles with all that a feed shows of them; their corrections come as `due_corrections`."""
    corrections = Prefetch("corrections", queryset=Correction.objects.public(at=at), to_attr="due_corrections")
    return articles.select_related("topic", "author", "lead_image").prefetch_related("areas", corrections)


def changed(article: Article, corrections: list[Correction]) -> datetime:
    """Return when readers last got something new of an article that is out, with these corrections."""
    instants = (article.publish_at, article.updated_at, *(correction.at for correction in corrections))
    return max(instant for instant in instants if instant)


def related_to(article: Article, *, at: datetime) -> list[Article]:
    """Return the articles that an article's page names as related at `at`, newest first, without their texts.

    Those in its groups come first, then those of its topic or areas that are nearest in time.
    """
    others = _others(article, at=at)
    together = list(others.filter(pk__in=_in_its_groups(article))[:RELATED_ARTICLES])
    shared_area = Article.areas.through.objects.filter(article=OuterRef("pk"), area__articles=article.pk)
    near = others.filter(Q(topic=article.topic_id) | Exists(shared_area))
    newer, older = _around(article, near, at=at)
    nearest = [*reversed(newer[:NEWER_RELATED]), *older[:RELATED_ARTICLES]][:RELATED_ARTICLES]
    chosen = [*together, *(other for other in nearest if other not in together)][:RELATED_ARTICLES]
    return sorted(chosen, key=lambda other: (other.publish_at, other.pk), reverse=True)


def naming(article: Article, *, at: datetime) -> list[Article]:
    """Return every article whose page may name this one as related at `at`, and a few that do not: whom to look at.

    The article itself may be out, or not yet, or not any more.
    """
    others = _others(article, at=at)
    found = {other.pk: other for other in others.filter(pk__in=_in_its_groups(article))}
    sections = [Q(topic=article.topic_id), *(Q(areas=area) for area in article.areas.all())]
    for section in sections:
        newer, older = _around(article, others.filter(section), at=at)
        found |= {other.pk: other for other in (*newer[:RELATED_ARTICLES], *older[:NEWER_RELATED])}
    return list(found.values())


def _with_parts(articles: ArticleQuerySet) -> ArticleQuerySet:
    parts = ("areas", "facts", "steps", "links")
    return articles.select_related("topic", "author", "lead_image").prefetch_related(*parts)


def _page(article: Article, *, at: datetime) -> ArticlePage:
    appeals: Any = article.appeals.asked(at=at)
    return ArticlePage(
        article=article,
        open_appeals=list(appeals.taking(at=at)),
        answered_appeals=list(appeals.told(at=at)),
        corrections=list(article.corrections.due(at=at)),
        related=related_to(article, at=at),
    )


def _others(article: Article, *, at: datetime) -> ArticleQuerySet:
    return Article.objects.published(at=at).exclude(pk=article.pk).defer("body")


def _in_its_groups(article: Article) -> Any:
    groups = GroupMembership.objects.filter(article=article.pk).values("group")
    return GroupMembership.objects.filter(group__in=groups).values("article")


def _around(article: Article, others: ArticleQuerySet, *, at: datetime) -> tuple[ArticleQuerySet, ArticleQuerySet]:
    """Return those of the others that are newer than the article, and those that are older, the nearest first."""
    when = article.publish_at or at
    # The bound that is told twice is what an index can be entered by.
    newer = others.filter(Q(publish_at__gt=when) | Q(pk__gt=article.pk), publish_at__gte=when)
    older = others.filter(Q(publish_at__lt=when) | Q(pk__lt=article.pk), publish_at__lte=when)
    return newer.order_by("publish_at", "pk"), older
