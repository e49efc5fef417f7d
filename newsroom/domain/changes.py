"""Which articles have changed since an edition was built, and which pages may link to them."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q

from newsroom.domain.article_page import may_link_to
from newsroom.models import (
    Appeal,
    Area,
    Article,
    Author,
    ChangeCount,
    Correction,
    GroupMembership,
    Image,
    Revision,
    Topic,
)

DRAFT = Article.Status.DRAFT
LISTED_BY = ("topic", "areas", "publish_at")  # the fields that decide in which lists an article is
# What pages show of the models whose changes leave no revision.
UNREVISED = (
    (Topic, ("slug", "name")),
    (Area, ("slug", "name")),
    (Author, ("slug", "name", "bio")),
    (Image, ("digest", "alt", "caption", "credit")),
    (GroupMembership, ("group", "article")),
)


class Version(NamedTuple):
    """The newsroom's version: the count of revisions, the newest one's key, and a digest of what has no revisions."""

    revisions: int
    newest: int
    rest: str


def number() -> int:
    """Return how many changes were counted: one row, which a machine asks for every second; 0 before the first."""
    return ChangeCount.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def version() -> Version:
    """Return the newsroom's version, which differs after any machine has changed what readers may see."""
    rest = hashlib.sha256()
    for model, names in UNREVISED:
        rest.update(repr(list(model._default_manager.order_by("pk").values_list(*names))).encode())  # noqa: SLF001
    noticed = Article.objects.exclude(residents_least=None).order_by("pk")
    rest.update(repr(list(noticed.values_list("pk", "residents_least", "residents_most"))).encode())
    revisions = Revision.objects.aggregate(count=Count("pk"), newest=Max("pk"))
    return Version(revisions["count"], revisions["newest"] or 0, rest.hexdigest()[:16])


def revised(*, since: Version, now: Version, at: datetime) -> set[int] | None:
    """Return the public or withdrawn articles that were revised between two versions; None when every page is due.

    Every page is due when an article moved to other lists, or when an older revision was committed late.
    """
    if Revision.objects.filter(pk__lte=since.newest).count() > since.revisions:
        return None
    columns = ("article", "number", "fields")  # and no others, which a public machine may not read
    newer = Revision.objects.only(*columns).filter(pk__gt=since.newest, pk__lte=now.newest, article__publish_at__lte=at)
    last = {revision.article_id: revision for revision in newer.exclude(article__status=DRAFT).order_by("number")}
    for article, revision in last.items():
        before = (
            Revision.objects.only(*columns).filter(article=article, pk__lte=since.newest).order_by("-number").first()
        )
        if before and before.fields["status"] != DRAFT and _lists(before) != _lists(revision):
            return None
    return set(last)


def _lists(revision: Revision) -> list[Any]:
    return [revision.fields[name] for name in LISTED_BY]


def changed_by_time(*, since: datetime, at: datetime) -> set[int]:
    """Return the articles whose time came, or that of a correction or an appeal, between two instants."""
    within = {"__gt": since, "__lte": at}

    def came(name: str) -> Q:
        return Q(**{f"{name}{end}": instant for end, instant in within.items()})

    return {
        *Article.objects.filter(came("publish_at")).values_list("pk", flat=True),
        *Correction.objects.filter(came("at")).values_list("article", flat=True),
        *Appeal.objects.filter(came("opens") | came("closes")).values_list("article", flat=True),
    }


def related(*, to: Iterable[int], at: datetime) -> set[int]:
    """Return the articles whose pages may link to one of these as related at `at`."""
    return {other.pk for article in Article.objects.filter(pk__in=to) for other in may_link_to(article, at=at)}
