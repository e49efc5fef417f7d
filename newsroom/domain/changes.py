"""Which articles readers see otherwise than an edition has them, and whose pages name them."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q

from newsroom.domain.article_page import naming
from newsroom.models import Appeal, Area, Article, Author, Correction, GroupMembership, Image, Revision, Topic

DRAFT = Article.Status.DRAFT
PLACES = ("topic", "areas", "publish_at")  # what a revision says of where an article is listed
# What pages show, and what changes without a revision.
UNREVISED = (
    (Topic, ("slug", "name")),
    (Area, ("slug", "name")),
    (Author, ("slug", "name", "bio")),
    (Image, ("digest", "alt", "caption", "credit")),
    (GroupMembership, ("group", "article")),
)


class Version(NamedTuple):
    """What the newsroom holds: how many revisions, the newest one's key, and a digest of what has no revisions."""

    revisions: int
    newest: int
    rest: str


def version() -> Version:
    """Return the newsroom's version: another one whenever any machine changed what readers may see."""
    rest = hashlib.sha256()
    for model, names in UNREVISED:
        rest.update(repr(list(model._default_manager.order_by("pk").values_list(*names))).encode())  # noqa: SLF001
    told = Article.objects.exclude(residents_least=None).order_by("pk")
    rest.update(repr(list(told.values_list("pk", "residents_least", "residents_most"))).encode())
    found = Revision.objects.aggregate(count=Count("pk"), newest=Max("pk"))
    return Version(found["count"], found["newest"] or 0, rest.hexdigest()[:16])


def revised(*, since: Version, now: Version, at: datetime) -> set[int] | None:
    """Return the articles that readers see or saw and that were revised between two versions; None for any number.

    That is when an article changed its place in lists, or when a revision was stored after one with a higher key.
    """
    if Revision.objects.filter(pk__lte=since.newest).count() > since.revisions:
        return None
    newer = Revision.objects.filter(pk__gt=since.newest, pk__lte=now.newest, article__publish_at__lte=at)
    last = {revision.article_id: revision for revision in newer.exclude(article__status=DRAFT).order_by("number")}
    for article, revision in last.items():
        before = Revision.objects.filter(article=article, pk__lte=since.newest).order_by("-number").first()
        if before and before.fields["status"] != DRAFT and _place(before) != _place(revision):
            return None
    return set(last)


def _place(revision: Revision) -> list[Any]:
    return [revision.fields[name] for name in PLACES]


def changed_by_time(*, since: datetime, at: datetime) -> set[int]:
    """Return the articles that changed by themselves: they, a correction or an appeal appeared, or one closed."""
    within = {"__gt": since, "__lte": at}

    def when(name: str) -> Q:
        return Q(**{f"{name}{end}": instant for end, instant in within.items()})

    return {
        *Article.objects.filter(when("publish_at")).values_list("pk", flat=True),
        *Correction.objects.filter(when("at")).values_list("article", flat=True),
        *Appeal.objects.filter(when("opens") | when("closes")).values_list("article", flat=True),
    }


def related(*, to: Iterable[int], at: datetime) -> set[int]:
    """Return the articles whose pages may name one of these as related, at the instant `at`: more than do."""
    return {other.pk for article in Article.objects.filter(pk__in=to) for other in naming(article, at=at)}
