"""What has changed since an edition was built, and which pages show it."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from newsroom.domain.article_page import may_link_to
from newsroom.models import Article, ChangeCount, Redirect

REMEMBERED = (
    100  # changes of which the articles are known; who has seen none of these renders every page
)


class Change(NamedTuple):
    """A change as `ChangeCount.recent` has it: the number before it, and the articles; None: every page is due."""

    before: int
    articles: list[int] | None


class EditionChanges(NamedTuple):
    """What changed up to a number: the primary keys of articles, and whether every page is due."""

    number: int
    articles: set[int]
    every_page: bool


def count(*, articles: Iterable[int] | None) -> None:
    """Count a change of these articles (primary keys), or of what every page may show."""
    keys = None if articles is None else sorted(articles)
    with transaction.atomic():
        row, _ = ChangeCount.objects.select_for_update().get_or_create(pk=1)
        row.recent = [*row.recent, Change(row.number, keys)][-REMEMBERED:]
        row.number = max(
            row.number + 1, time.time_ns() // 1_000_000
        )  # so no restored database counts as known
        row.save()


def number() -> int:
    """Return the number of the last change: one row, which a machine asks for twice a second; 0 before the first."""
    return ChangeCount.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def place() -> str:
    """Return the digest of the place that the desk's machine has taken, "" before the first."""
    return ChangeCount.objects.filter(pk=1).values_list("place", flat=True).first() or ""


def note_place(*, digest: str) -> None:
    """Store the digest of the place that the desk's machine has taken."""
    ChangeCount.objects.update_or_create(pk=1, defaults={"place": digest})


def since(before: int) -> EditionChanges:
    """Return what has changed since the change with a number, of any machine."""
    row = ChangeCount.objects.filter(pk=1).first() or ChangeCount()
    if row.number == before:
        return EditionChanges(before, set(), every_page=False)
    recent = [Change(*change) for change in row.recent]  # JSON has them as lists
    numbers = [change.before for change in recent]
    if before not in numbers:
        return EditionChanges(row.number, set(), every_page=True)
    later = recent[numbers.index(before) :]
    every_page = False
    articles = set[int]()
    for change in later:
        if change.articles is None:
            every_page = True
        else:
            articles.update(change.articles)
    return EditionChanges(row.number, articles, every_page)


def slugs(*, of: Iterable[int]) -> set[str]:
    """Return the slugs that these articles have, and had before."""
    articles = list(of)
    now = Article.objects.filter(pk__in=articles).values_list("slug", flat=True)
    return {*now, *Redirect.objects.filter(article__in=articles).values_list("old_slug", flat=True)}


def related(*, to: Iterable[int], at: datetime) -> set[int]:
    """Return the articles whose pages may link to one of these as related at `at`."""
    keys = set[int]()
    for article in Article.objects.filter(pk__in=to):
        keys |= {other.pk for other in may_link_to(article, at=at)}
    return keys
