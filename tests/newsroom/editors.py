"""An editor, and what one does with an article, for tests."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from newsroom.domain import editing, revisions
from newsroom.domain.editing import Status
from newsroom.models import Article, Revision
from tests.newsroom.articles import make_article

SOON = timedelta(hours=1)


def in_state(state: Status) -> Article:
    """Return an article in this state, an hour from its time."""
    now = timezone.now()
    times: dict[Status, datetime | None] = {Status.DRAFT: None, Status.SCHEDULED: now + SOON}
    return make_article(status=state, publish_at=times.get(state, now - SOON))


CALLS: dict[str, Callable[[Article, User], object]] = {
    "save_draft": lambda article, ed: editing.save_draft(article=article, by=ed),
    "amend": lambda article, ed: editing.amend(article=article, by=ed),
    "rename": lambda article, ed: editing.rename(article=article, slug="new-name", by=ed),
    "restore": lambda article, ed: editing.restore(revision=revised(article), by=ed),
    "schedule": lambda article, ed: editing.schedule(article=article, by=ed, when=timezone.now() + 2 * SOON),
    "unschedule": lambda article, ed: editing.unschedule(article=article, by=ed),
    "publish": lambda article, ed: editing.publish(article=article, by=ed),
    "withdraw": lambda article, ed: editing.withdraw(article=article, by=ed, note="It was wrong."),
    "correct": lambda article, ed: editing.correct(article=article, by=ed, text="Ten, not twelve."),
    "pin": lambda article, ed: editing.pin(article=article, by=ed),
    "unpin": lambda article, ed: editing.unpin(article=article, by=ed),
}


def revised(article: Article) -> Revision:
    """Return a revision of the article as it stands."""
    record = revisions.record(article=article, before=None, made_by="ed", at=timezone.now())
    assert record is not None
    return record


def numbers(article: Article) -> list[tuple[int, str, str]]:
    """Return the article's revisions: number, who and what."""
    return list(article.revisions.order_by("number").values_list("number", "made_by", "summary"))
