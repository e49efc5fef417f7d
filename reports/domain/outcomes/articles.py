"""Articles that tell the result of an enquiry; the newsroom learns only that they belong together."""

from typing import TYPE_CHECKING

from django.db import transaction

from newsroom.domain import article_groups
from newsroom.models import Article
from reports.domain import audit
from reports.models import AuditAct, Enquiry

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def add_article(*, enquiry: Enquiry, article: int, by: "User") -> None:
    """Name a published article as telling the enquiry's result; those named before stay."""
    with transaction.atomic():
        article_groups.add(group=enquiry.pk, article=article)
        _set(enquiry, article)
        audit.record(by=by, act=AuditAct.TOLD, subject=enquiry.subject, enquiry=enquiry.codename, article=article)


def untell(*, enquiry: Enquiry, article: int, by: "User") -> None:
    """Take an article off the enquiry; the one named before it counts again."""
    with transaction.atomic():
        if article_groups.remove(group=enquiry.pk, article=article):
            left = article_groups.articles(group=enquiry.pk)
            _set(enquiry, left[0].pk if left else None)
            audit.record(by=by, act=AuditAct.UNTOLD, subject=enquiry.subject, enquiry=enquiry.codename, article=article)


def stories(*, enquiry: Enquiry) -> list[Article]:
    """Return the enquiry's articles, the last named first."""
    return article_groups.articles(group=enquiry.pk)


def choices(*, enquiry: Enquiry) -> list[Article]:
    """Return the articles that could be named, newest first."""
    named = {story.pk for story in stories(enquiry=enquiry)}
    return [story for story in article_groups.choices() if story.pk not in named]


def _set(enquiry: Enquiry, article: int | None) -> None:
    Enquiry.objects.filter(pk=enquiry.pk).update(article=article)
    enquiry.article_id = article
