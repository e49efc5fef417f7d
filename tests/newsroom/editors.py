"""An editor, and what one does with a story, for tests."""

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
    """Return a story in this state, an hour from its time."""
    now = timezone.now()
    times: dict[Status, datetime | None] = {Status.DRAFT: None, Status.SCHEDULED: now + SOON}
    return make_article(status=state, publish_at=times.get(state, now - SOON))


CALLS: dict[str, Callable[[Article, User], object]] = {
    "save_draft": lambda story, ed: editing.save_draft(article=story, by=ed),
    "amend": lambda story, ed: editing.amend(article=story, by=ed),
    "rename": lambda story, ed: editing.rename(article=story, slug="new-name", by=ed),
    "restore": lambda story, ed: editing.restore(revision=revised(story), by=ed),
    "schedule": lambda story, ed: editing.schedule(article=story, by=ed, when=timezone.now() + 2 * SOON),
    "unschedule": lambda story, ed: editing.unschedule(article=story, by=ed),
    "publish": lambda story, ed: editing.publish(article=story, by=ed),
    "withdraw": lambda story, ed: editing.withdraw(article=story, by=ed, note="It was wrong."),
    "correct": lambda story, ed: editing.correct(article=story, by=ed, text="Ten, not twelve."),
    "pin": lambda story, ed: editing.pin(article=story, by=ed),
    "unpin": lambda story, ed: editing.unpin(article=story, by=ed),
}


def revised(story: Article) -> Revision:
    """Return a revision of the story as it stands."""
    record = revisions.record(article=story, before=None, made_by="ed", at=timezone.now())
    assert record is not None
    return record


def numbers(story: Article) -> list[tuple[int, str, str]]:
    """Return the story's revisions: number, who and what."""
    return list(story.revisions.order_by("number").values_list("number", "made_by", "summary"))
