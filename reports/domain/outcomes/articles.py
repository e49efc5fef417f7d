"""Which stories tell what came of an enquiry; the newsroom learns only that they belong together."""

from typing import TYPE_CHECKING

from django.db import transaction

from newsroom.domain import article_groups
from newsroom.domain.article_groups import Told
from newsroom.domain.errors import NotNow
from reports.domain import audit
from reports.domain.errors import Refused
from reports.models import AuditAct, Enquiry

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def tell(*, enquiry: Enquiry, article: int, by: "User") -> None:
    """Say that a story which readers can see tells what came of the enquiry; those before it stay beside it."""
    try:
        with transaction.atomic():
            article_groups.put(key=enquiry.pk, article=article)
            _set(enquiry, article)
            audit.record(by=by, act=AuditAct.TOLD, subject=enquiry.subject, enquiry=enquiry.codename, article=article)
    except NotNow as refusal:
        raise Refused(str(refusal)) from refusal


def untell(*, enquiry: Enquiry, article: int, by: "User") -> None:
    """Say that a story does not tell of the enquiry after all; the one before it counts again."""
    with transaction.atomic():
        if article_groups.take(key=enquiry.pk, article=article):
            left = article_groups.of(key=enquiry.pk)
            _set(enquiry, left[0].pk if left else None)
            audit.record(by=by, act=AuditAct.UNTOLD, subject=enquiry.subject, enquiry=enquiry.codename, article=article)


def stories(*, enquiry: Enquiry) -> list[Told]:
    """Return the stories that tell of the enquiry, the last named first."""
    return article_groups.of(key=enquiry.pk)


def choices(*, enquiry: Enquiry) -> list[Told]:
    """Return the stories that could be named, newest first."""
    named = {story.pk for story in stories(enquiry=enquiry)}
    return [story for story in article_groups.choices() if story.pk not in named]


def _set(enquiry: Enquiry, article: int | None) -> None:
    Enquiry.objects.filter(pk=enquiry.pk).update(article=article)
    enquiry.article_id = article
