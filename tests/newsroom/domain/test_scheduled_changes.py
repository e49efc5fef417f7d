"""Saving over scheduled changes takes their time; what is due brings back only what was confirmed when scheduling."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsroom.domain import changes, editing, under_way, working_copies
from newsroom.domain.editing import Status
from newsroom.models import Article, WorkingCopy
from tests.newsroom.articles import make_article
from tests.newsroom.domain.test_working_copies import NAMED, UNNAMED, corrected, later, saved
from tests.newsroom.editors import SOON, in_state, numbers

__all__ = ["corrected"]
pytestmark = pytest.mark.django_db


def scheduled_by_ed(article: Article, ed: User) -> None:
    """Schedule a harmless change of the article."""
    saved(article, ed, standfirst="A harmless change.")
    working_copies.schedule_changes(article=article, by=ed, when=timezone.now() + SOON)


@pytest.mark.parametrize("way", ["save", "restore"])
def test_a_corrected_name_does_not_go_out_at_the_time_of_other_changes(corrected: Article, ed: User, way: str) -> None:
    bea = User.objects.create_user("bea")
    scheduled_by_ed(corrected, ed)
    if way == "save":
        saved(corrected, bea, body=NAMED)
    else:
        working_copies.restore(revision=corrected.revisions.get(number=1), by=bea)
    working_copies.publish_due(at=later())
    copy = WorkingCopy.objects.get()
    assert (Article.objects.get().body, copy.publish_at, copy.scheduled_by) == (UNNAMED, None, "")
    assert copy.unscheduled.startswith("ed had scheduled them for ")
    assert copy.unscheduled.endswith("bea has changed them since: nothing appears by itself.")


def test_harmless_changes_over_scheduled_ones_need_a_new_time_too(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    scheduled_by_ed(article, ed)
    saved(article, ed, body="Half a sent")
    working_copies.publish_due(at=later())
    assert Article.objects.get().body == "Text."
    saved(article, ed, body="A whole sentence.")
    assert WorkingCopy.objects.get().unscheduled
    working_copies.schedule_changes(article=article, by=ed, when=timezone.now() + SOON)
    assert WorkingCopy.objects.get().unscheduled == ""
    working_copies.publish_due(at=later())
    assert Article.objects.get().body == "A whole sentence."


def test_what_is_due_brings_back_only_what_was_confirmed_when_it_was_scheduled(corrected: Article, ed: User) -> None:
    saved(corrected, ed, body=NAMED)
    working_copies.schedule_changes(article=corrected, by=ed, when=timezone.now() + SOON, again=True)
    WorkingCopy.objects.update(meant=False)  # as if it had come in after the time was set
    working_copies.publish_due(at=later())
    copy = WorkingCopy.objects.get()
    assert (Article.objects.get().body, copy.publish_at) == (UNNAMED, None)
    assert "this brings back what a correction took out" in copy.look_again
    saved(corrected, ed, body=NAMED)
    working_copies.schedule_changes(article=corrected, by=ed, when=timezone.now() + SOON, again=True)
    working_copies.publish_due(at=later())
    assert Article.objects.get().body == NAMED


def test_the_confirmation_of_a_time_is_none_for_publishing_now(corrected: Article, ed: User) -> None:
    saved(corrected, ed, body=NAMED)
    working_copies.schedule_changes(article=corrected, by=ed, when=timezone.now() + SOON, again=True)
    with pytest.raises(ValidationError):
        working_copies.publish_changes(article=corrected, by=ed)


def test_the_revision_names_who_wrote_and_who_scheduled(ed: User) -> None:
    article = saved(in_state(Status.PUBLISHED), User.objects.create_user("bea"), headline="Better")
    working_copies.schedule_changes(article=article, by=ed, when=timezone.now() + SOON)
    seen = editing.seen_now(article, page="mine")
    lee = User.objects.create_user("lee")
    working_copies.keep_typed(article=article, by=lee, typed={"headline": ["Half"]}, seen=seen)
    working_copies.publish_due(at=later())
    assert numbers(article)[-1][1:] == ("ed", "Changes by bea published, as scheduled")


def test_changes_of_somebody_who_left_must_be_looked_at_again_and_nobody_elses(
    ed: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    article = in_state(Status.PUBLISHED)
    scheduled_by_ed(article, ed)
    assert working_copies.scheduler_left(username="lee", by=ed) == 0
    assert WorkingCopy.objects.get().publish_at is not None
    with django_capture_on_commit_callbacks(execute=True):
        assert working_copies.scheduler_left(username="ed", by=ed) == 1
    assert changes.since(0).articles == {article.pk}
    working_copies.publish_due(at=later())
    copy = WorkingCopy.objects.get()
    assert (Article.objects.get().standfirst, copy.publish_at) == ("Standfirst of a-story", None)
    assert copy.look_again == "ed scheduled them, and is no editor any more."


def test_a_story_that_somebody_who_left_had_scheduled_waits_for_another_editor(ed: User) -> None:
    bea, lee = User.objects.create_user("bea"), User.objects.create_user("lee")
    own, of_bea = (make_article(slug, status=Status.DRAFT, publish_at=None) for slug in ("own", "of-bea"))
    own.headline = "Better"
    editing.save_draft(article=own, by=bea)
    editing.schedule(article=own, by=ed, when=timezone.now() + SOON)
    own = Article.objects.get(pk=own.pk)
    own.headline = "Better still"
    editing.save_draft(article=own, by=bea)  # it stays scheduled, as ed had done
    editing.schedule(article=of_bea, by=bea, when=timezone.now() + SOON)
    assert working_copies.scheduler_left(username="ed", by=lee) == 1
    own, of_bea = Article.objects.get(slug="own"), Article.objects.get(slug="of-bea")
    assert (own.status, own.publish_at, of_bea.status) == (Status.DRAFT, None, Status.SCHEDULED)
    assert [*Article.objects.published(at=later())] == [of_bea]
    _number, who, summary = numbers(own)[-1]
    assert (who, summary.startswith("A draft again: ed had scheduled it for ")) == ("lee", True)
    first = under_way.under_way(at=timezone.now()).drafts[0]
    assert (first, first.last) == (own, summary)
    assert working_copies.scheduler_left(username="ed", by=lee) == 0


def test_changes_do_not_go_out_in_the_name_of_an_account_that_was_switched_off_elsewhere(ed: User) -> None:
    scheduled_by_ed(in_state(Status.PUBLISHED), ed)
    User.objects.update(is_active=False)
    working_copies.publish_due(at=later())
    assert Article.objects.get().standfirst == "Standfirst of a-story"
    assert "ed scheduled them, and is no editor any more." in WorkingCopy.objects.get().look_again
