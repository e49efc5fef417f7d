"""An editor, and what one does with an article, for tests."""

from datetime import timedelta

from django.utils import timezone

from newsroom.domain import editing, revisions, working_copies
from newsroom.domain.editing import Status
from newsroom.models import WorkingCopy
from tests.newsroom.articles import make_article

SOON = timedelta(hours=1)
VERBS = frozenset(verb for moves in editing.TRANSITIONS.values() for verb in moves)


def in_state(state):
    """Return an article in this state, an hour from its time."""
    now = timezone.now()
    times = {Status.DRAFT: None, Status.SCHEDULED: now + SOON}
    return make_article(status=state, publish_at=times.get(state, now - SOON))


CALLS = {
    "save_draft": lambda article, ed: editing.save_draft(article=article, by=ed),
    "keep_typed": lambda article, ed: working_copies.keep_typed(
        article=article, by=ed, typed={"headline": ["Half a h"]}, seen=editing.seen_now(article)
    ),
    "drop_changes": lambda article, ed: working_copies.drop_changes(
        article=with_changes(article), by=ed
    ),
    "save_changes": lambda article, ed: working_copies.save_changes(article=article, by=ed),
    "publish_changes": lambda article, ed: working_copies.publish_changes(
        article=with_changes(article), by=ed
    ),
    "restore": lambda article, ed: working_copies.restore(revision=revised(article), by=ed),
    "schedule": lambda article, ed: editing.schedule(
        article=article, by=ed, when=timezone.now() + 2 * SOON
    ),
    "unschedule": lambda article, ed: editing.unschedule(article=article, by=ed),
    "publish": lambda article, ed: editing.publish(article=article, by=ed),
    "withdraw": lambda article, ed: editing.withdraw(article=article, by=ed, note="It was wrong."),
    "correct": lambda article, ed: editing.correct(article=article, by=ed, text="Ten, not twelve."),
    "follow_up": lambda article, ed: editing.follow_up(
        article=article, by=ed, proceedings=False, text="Released."
    ),
    "pin": lambda article, ed: editing.pin(article=article, by=ed),
    "discard": lambda article, ed: editing.discard(article=article, by=ed),
    "unpin": lambda article, ed: editing.unpin(article=article, by=ed),
}


def with_changes(article, **copy):
    """Return the article with a working copy whose headline is changed."""
    fields = revisions.written(revisions.snapshot(article)) | {"headline": "A better headline"}
    written = {
        "fields": fields,
        "changed_at": timezone.now(),
        "changed_by": "ed",
        "token": "a-page",
    }
    WorkingCopy.objects.create(article=article, **(written | copy))
    return article


def rename(article, slug, *, by):
    """Give an article another address, as its form does."""
    article.slug = slug
    if editing.state(article) == Status.PUBLISHED:
        working_copies.save_changes(article=article, by=by)
        working_copies.publish_changes(article=article, by=by)
    else:
        editing.save_draft(article=article, by=by)


def revised(article):
    """Return a revision of the article as it stands."""
    record = revisions.add(article=article, before=None, made_by="ed", at=timezone.now())
    assert record is not None
    return record


def numbers(article):
    """Return the article's revisions: number, who and what."""
    return list(article.revisions.order_by("number").values_list("number", "made_by", "summary"))
