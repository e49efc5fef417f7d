"""What an editor saves of a live story is a working copy; readers see it once it is published, on time."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsroom.domain import editing, public_pages, revisions, working_copies
from newsroom.domain.editing import Seen, Status
from newsroom.domain.errors import ChangedMeanwhile, NoSuchMove
from newsroom.models import Article, KeyFact, Redirect, Revision, Topic, WorkingCopy
from tests.newsroom.articles import make_article, make_whole
from tests.newsroom.editors import SOON, in_state, numbers, revised, with_changes

pytestmark = pytest.mark.django_db
NAMED = "John Exampleman, 16, was charged with murder. Police were called at noon."
UNNAMED = "A boy was arrested. Police were called at noon."


def saved(article: Article, ed: User, **fields: Any) -> Article:
    """Save these fields of a live article as its working copy."""
    typed = Article.objects.get(pk=article.pk)
    for name, value in fields.items():
        setattr(typed, name, value)
    working_copies.save_changes(article=typed, by=ed)
    return article


@pytest.fixture
def corrected(ed: User) -> Article:
    """Return a live article that named a child, until it was corrected."""
    article = make_article(status="draft", publish_at=None, body=NAMED, headline="Exampleman charged")
    revised(article)
    editing.publish(article=article, by=ed)
    words = {"headline": "Boy arrested", "body": UNNAMED}
    editing.correct(article=article, by=ed, text="We named a child, and gave the wrong charge.", **words)
    return Article.objects.get()


def test_the_working_copy_holds_everything_that_an_editor_writes(ed: User) -> None:
    article = make_whole("a-story")
    article.slug, article.headline = "better", "Better"
    facts = [lambda: KeyFact.objects.create(article=article, figure="3", text="vans", order=1)]
    copy = working_copies.save_changes(article=article, by=ed, parts=[*facts, article.areas.clear])
    assert copy is not None
    assert copy.fields.keys() == set(revisions.editable())
    assert {part.label for part in working_copies.differences(copy=copy)} == {"slug", "headline", "areas", "key facts"}
    assert (copy.fields["facts"], copy.fields["areas"]) == ([["12", "warrants"], ["3", "vans"]], [])
    stored = Article.objects.get()
    assert (stored.slug, stored.facts.count(), stored.areas.count()) == ("a-story", 1, 1)


def test_publishing_the_changes_makes_them_the_story_and_says_by_whom(ed: User) -> None:
    article = make_whole("a-story")
    revised(article)
    article.slug, article.topic = "better", Topic.objects.create(slug="court", name="Court")
    working_copies.save_changes(article=article, by=ed, parts=[article.facts.all().delete], show_update=True)
    working_copies.publish_changes(article=article, by=User.objects.create_user("lee"))
    stored = Article.objects.get()
    assert (stored.slug, stored.topic.slug, stored.facts.count()) == ("better", "court", 0)
    assert stored.updated_at is not None
    assert (WorkingCopy.objects.count(), Redirect.objects.get().old_slug) == (0, "a-story")
    assert numbers(article)[-1] == (2, "lee", "Changes published")


def test_saving_what_is_live_leaves_no_working_copy(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    saved(article, ed, headline="Better")
    saved(article, ed, headline=article.headline)
    assert WorkingCopy.objects.count() == 0
    with pytest.raises(NoSuchMove, match="readers see everything already"):
        working_copies.publish_changes(article=article, by=ed)


def test_half_a_story_is_no_working_copy_of_a_live_one(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    with pytest.raises(ValidationError):
        saved(article, ed, body=" ")
    assert WorkingCopy.objects.count() == 0


def test_what_a_correction_took_out_is_named(corrected: Article, ed: User) -> None:
    working_copies.restore(revision=corrected.revisions.get(number=1), by=ed)
    phrases = working_copies.brought_back(copy=working_copies.find(article=corrected))
    assert [found.phrase for found in phrases] == ["Exampleman", "John Exampleman 16 was charged with murder"]
    assert {found.on for found in phrases} == {timezone.localdate()}


def test_a_correction_takes_the_time_from_the_changes_which_must_be_looked_at(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    saved(article, ed, body="Ten.")
    working_copies.schedule_changes(article=article, by=ed, when=timezone.now() + SOON)
    editing.correct(article=article, by=ed, text="Nine, not twelve.", body="Nine.")
    copy = WorkingCopy.objects.get()
    assert (copy.publish_at, copy.scheduled_by, "Corrected" in copy.look_again) == (None, "", True)
    for verb in (working_copies.publish_changes, lambda **now: working_copies.schedule_changes(when=later(), **now)):
        with pytest.raises(NoSuchMove, match="Look at the changes again"):
            verb(article=article, by=ed, again=True)
    working_copies.publish_due(at=later())
    assert Article.objects.get().body == "Nine."
    saved(article, ed, body="Nine, and a van.")
    working_copies.publish_changes(article=article, by=ed)
    assert Article.objects.get().body == "Nine, and a van."


def later() -> Any:
    return timezone.now() + 2 * SOON


def test_a_withdrawal_takes_the_time_from_the_changes(ed: User) -> None:
    article = with_changes(in_state(Status.PUBLISHED), publish_at=timezone.now() + SOON, scheduled_by="ed")
    editing.withdraw(article=article, by=ed, note="It was wrong.")
    working_copies.publish_due(at=later())
    stored = Article.objects.get()
    assert (stored.status, stored.headline, WorkingCopy.objects.get().publish_at) == (
        "withdrawn",
        "Headline of a-story",
        None,
    )


def test_a_pin_leaves_the_changes_and_their_time_alone(ed: User) -> None:
    when = timezone.now() + SOON
    article = with_changes(in_state(Status.PUBLISHED), publish_at=when, scheduled_by="ed")
    editing.pin(article=article, by=ed)
    assert (WorkingCopy.objects.get().publish_at, WorkingCopy.objects.get().look_again) == (when, "")


def test_scheduled_changes_go_out_at_their_instant_and_not_before(ed: User) -> None:
    article = saved(in_state(Status.PUBLISHED), ed, headline="Better")
    when = timezone.now() + SOON
    working_copies.schedule_changes(article=article, by=ed, when=when)
    assert public_pages.next_instant() == when
    working_copies.publish_due(at=when - timedelta(seconds=1))
    assert Article.objects.get().headline == "Headline of a-story"
    working_copies.publish_due(at=when)
    stored = Article.objects.get()
    assert (stored.headline, stored.updated_at) == ("Better", None)  # nobody asked that an update is shown
    assert (numbers(article)[-1][1:], WorkingCopy.objects.count()) == (("ed", "Changes published, as scheduled"), 0)


def test_changes_that_can_no_longer_go_out_say_why_and_stop_no_other(ed: User) -> None:
    now = timezone.now()
    broken = with_changes(in_state(Status.PUBLISHED), publish_at=now + SOON, scheduled_by="ed")
    WorkingCopy.objects.update(fields=WorkingCopy.objects.get().fields | {"slug": "taken"})
    make_article("taken")
    other = with_changes(
        make_article("other", publish_at=now - SOON), publish_at=now + SOON + timedelta(minutes=1), scheduled_by="ed"
    )
    working_copies.publish_due(at=now + 2 * SOON)
    assert Article.objects.get(pk=other.pk).headline == "A better headline"
    copy = WorkingCopy.objects.get()
    assert (copy.article, copy.publish_at) == (broken, None)
    assert copy.look_again.startswith("They could not be published in time: Article with this Slug")


@pytest.mark.parametrize("state", [Status.DRAFT, Status.SCHEDULED, Status.PUBLISHED])
def test_what_is_typed_is_kept_without_a_revision_and_never_goes_out_by_itself(ed: User, state: Status) -> None:
    article = in_state(state)
    seen = editing.seen_now(article, page="mine")
    working_copies.keep_typed(article=article, by=ed, typed={"headline": ["x" * 900], "topic": [""]}, seen=seen)
    working_copies.keep_typed(article=article, by=ed, typed={"headline": ["Half"]}, seen=seen)
    copy = WorkingCopy.objects.get()
    assert (copy.typed, copy.fields, copy.changed_by) == ({"headline": ["Half"]}, {}, "ed")
    assert (Revision.objects.count(), Article.objects.get().headline) == (0, "Headline of a-story")


def test_what_is_typed_beside_scheduled_changes_does_not_go_out_with_them(ed: User) -> None:
    article = saved(in_state(Status.PUBLISHED), ed, headline="Better")
    working_copies.schedule_changes(article=article, by=ed, when=timezone.now() + SOON)
    seen = editing.seen_now(article, page="mine")
    working_copies.keep_typed(article=article, by=ed, typed={"headline": ["Half"]}, seen=seen)
    working_copies.publish_due(at=later())
    copy = WorkingCopy.objects.get()
    assert (Article.objects.get().headline, copy.typed, copy.fields) == ("Better", {"headline": ["Half"]}, {})


def test_a_form_that_is_too_long_is_not_kept(ed: User) -> None:
    article = in_state(Status.DRAFT)
    with pytest.raises(ValidationError):
        working_copies.keep_typed(
            article=article, by=ed, typed={"body": ["x" * 1_000_001]}, seen=editing.seen_now(article)
        )


def test_somebody_else_who_writes_is_named(ed: User) -> None:
    lee, article = User.objects.create_user("lee"), in_state(Status.PUBLISHED)
    mine, theirs = (editing.seen_now(article, page=page) for page in ("mine", "theirs"))
    working_copies.keep_typed(article=article, by=lee, typed={"headline": ["Theirs"]}, seen=theirs)
    for refused in (
        lambda: working_copies.keep_typed(article=article, by=ed, typed={"headline": ["Mine"]}, seen=mine),
        lambda: working_copies.save_changes(article=article, by=ed, seen=mine),
        lambda: working_copies.publish_changes(article=article, by=ed, seen=mine),
        lambda: working_copies.drop_changes(article=article, by=ed, seen=mine),
    ):
        with pytest.raises(ChangedMeanwhile, match="Since you opened this story, lee has written here"):
            refused()
    working_copies.keep_typed(article=article, by=lee, typed={"headline": ["Theirs too"]}, seen=theirs)
    assert WorkingCopy.objects.get().typed == {"headline": ["Theirs too"]}


def test_a_page_that_kept_something_late_cannot_bring_it_back_after_saving(ed: User) -> None:
    article = in_state(Status.PUBLISHED)
    seen = editing.seen_now(article, page="mine")
    article.headline = "Better"
    working_copies.save_changes(article=article, by=ed, seen=seen)
    with pytest.raises(ChangedMeanwhile):
        working_copies.keep_typed(article=article, by=ed, typed={"headline": ["Bett"]}, seen=seen)


def test_changes_that_somebody_published_meanwhile_are_a_conflict(ed: User) -> None:
    article = with_changes(in_state(Status.PUBLISHED))
    seen = editing.seen_now(article, page="mine")
    working_copies.drop_changes(article=article, by=ed)
    with pytest.raises(ChangedMeanwhile, match="published or dropped"):
        working_copies.save_changes(article=article, by=ed, seen=seen)


def test_a_draft_is_restored_at_once_with_a_revision(ed: User) -> None:
    article = make_article(status="draft", publish_at=None)
    old = revised(article)
    article.headline = "Worse"
    editing.save_draft(article=article, by=ed)
    working_copies.restore(revision=old, by=ed)
    assert Article.objects.get().headline == "Headline of a-story"
    assert numbers(article)[-1] == (3, "ed", "Restored revision 1")


def test_restoring_a_live_story_gives_its_rows_back_when_published_and_keeps_its_address(ed: User) -> None:
    article = make_whole("a-story")
    old = revised(article)
    editing.rename(article=article, slug="kept", by=ed)
    article.refresh_from_db()
    article.headline = "Worse"
    working_copies.save_changes(article=article, by=ed, parts=[article.facts.all().delete, article.steps.all().delete])
    working_copies.publish_changes(article=article, by=ed)
    working_copies.restore(revision=old, by=ed)
    assert Article.objects.get().headline == "Worse"
    working_copies.publish_changes(article=article, by=ed)
    stored = Article.objects.get()
    assert (stored.headline, stored.slug) == ("Headline of a-story", "kept")
    assert [str(row) for row in (*stored.facts.all(), *stored.steps.all())] == ["12 warrants", "Arrests, 2024-03-01"]


def test_what_a_page_saw_survives_the_way_through_a_form() -> None:
    for seen in (Seen(0), Seen(7, "ab12", "mine"), Seen(7, "", "mine")):
        assert Seen.parse(str(seen), page=seen.page) == seen
    assert [Seen.parse(text) for text in ("", "x", "-1", "²", "9" * 30)] == [None] * 5
