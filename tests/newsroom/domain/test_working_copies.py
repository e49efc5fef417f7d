"""What an editor saves of a live story is a working copy; readers see it once it is published."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from core.errors import EditConflict, NoSuchMove
from newsroom.domain import editing, revisions, working_copies
from newsroom.domain.editing import Seen, Status
from newsroom.models import Article, KeyFact, UnsavedText, WorkingCopy
from tests.newsroom.articles import make_article, make_whole
from tests.newsroom.editors import in_state, numbers, rename, revised, with_changes

pytestmark = pytest.mark.django_db


def saved(article, ed, **fields):
    """Save these fields of a live article as its working copy."""
    typed = Article.objects.get(pk=article.pk)
    for name, value in fields.items():
        setattr(typed, name, value)
    working_copies.save_changes(article=typed, by=ed)
    return article


def keep(article, by, headline, *, page, seen=None):
    """Keep what an editor types in a page, which they have opened now unless `seen` says when."""
    seen = seen or editing.seen_now(article, page=page)
    working_copies.keep_typed(article=article, by=by, typed={"headline": [headline]}, seen=seen)


def kept():
    """Return the headline that is kept for each editor."""
    return {text.changed_by: text.typed["headline"][0] for text in UnsavedText.objects.all()}


def test_the_working_copy_holds_everything_that_an_editor_writes(ed):
    article = make_whole("a-story")
    article.slug, article.headline = "better", "Better"
    facts = [lambda: KeyFact.objects.create(article=article, figure="3", text="vans", order=1)]
    working_copies.save_changes(article=article, by=ed, parts=[*facts, article.areas.clear])
    copy = WorkingCopy.objects.get()
    assert copy.fields.keys() == set(revisions.editable())
    assert {part.label for part in working_copies.differences(copy=copy)} == {
        "slug",
        "headline",
        "areas",
        "key facts",
    }
    assert (copy.fields["facts"], copy.fields["areas"]) == ([["12", "warrants"], ["3", "vans"]], [])
    stored = Article.objects.get()
    assert (stored.slug, stored.facts.count(), stored.areas.count()) == ("a-story", 1, 1)


def test_saving_what_is_live_leaves_no_working_copy(ed):
    article = in_state(Status.PUBLISHED)
    saved(article, ed, headline="Better")
    saved(article, ed, headline=article.headline)
    assert WorkingCopy.objects.count() == 0
    with pytest.raises(NoSuchMove, match="Readers already see everything"):
        working_copies.publish_changes(article=article, by=ed)


def test_half_a_story_is_no_working_copy_of_a_live_one(ed):
    article = in_state(Status.PUBLISHED)
    with pytest.raises(ValidationError):
        saved(article, ed, body=" ")
    assert WorkingCopy.objects.count() == 0


def test_a_correction_makes_changes_be_saved_again_and_a_withdrawal_deletes_them(ed):
    article = in_state(Status.PUBLISHED)
    saved(article, ed, body="Ten.")
    editing.correct(article=article, by=ed, text="Nine, not twelve.", body="Nine.")
    assert "Corrected" in WorkingCopy.objects.get().look_again
    with pytest.raises(NoSuchMove, match="Check the changes again"):
        working_copies.publish_changes(article=article, by=ed, again=True)
    saved(article, ed, body="Nine, and a van.")
    working_copies.publish_changes(article=article, by=ed)
    assert Article.objects.get().body == "Nine, and a van."
    keep(with_changes(article), ed, "Half", page="mine")
    editing.withdraw(article=article, by=ed, note="It was wrong.")
    assert not WorkingCopy.objects.exists()
    assert not UnsavedText.objects.exists()


def test_a_pin_leaves_the_changes_alone(ed):
    editing.pin(article=with_changes(in_state(Status.PUBLISHED)), by=ed)
    assert WorkingCopy.objects.get().look_again == ""


def test_what_is_typed_beside_saved_changes_does_not_go_out_with_them(ed):
    article = saved(in_state(Status.PUBLISHED), ed, headline="Better")
    keep(article, ed, "Half", page="mine")
    working_copies.publish_changes(article=article, by=ed)
    assert (Article.objects.get().headline, kept()) == ("Better", {"ed": "Half"})


def test_a_form_that_is_too_long_is_not_kept(ed):
    article = in_state(Status.DRAFT)
    with pytest.raises(ValidationError):
        working_copies.keep_typed(
            article=article,
            by=ed,
            typed={"body": ["x" * 1_000_001]},
            seen=editing.seen_now(article),
        )


@pytest.mark.parametrize("state", [Status.DRAFT, Status.PUBLISHED])
def test_what_each_editor_typed_is_kept_for_them_alone_and_goes_with_their_own_save(ed, state):
    lee, article = User.objects.create_user("lee"), in_state(state)
    mine, theirs = (editing.seen_now(article, page=page) for page in ("mine", "theirs"))
    keep(article, lee, "Theirs", page="theirs")
    keep(article, ed, "Mine", page="mine")
    keep(article, lee, "Theirs too", page="theirs")
    assert kept() == {"ed": "Mine", "lee": "Theirs too"}
    typed, save = (
        Article.objects.get(),
        editing.save_draft if state == Status.DRAFT else working_copies.save_changes,
    )
    typed.headline = "Mine"
    save(article=typed, by=ed, seen=mine)
    assert kept() == {"lee": "Theirs too"}
    keep(article, lee, "Theirs still", page="theirs", seen=theirs)
    for refused in (save, editing.pin, working_copies.drop_changes):
        if refused is not editing.pin or state == Status.PUBLISHED:
            with pytest.raises(EditConflict, match="Since you opened this story, ed has"):
                refused(
                    article=article,
                    by=lee,
                    seen=Seen(theirs.revision - 1, "an-older-save", "theirs"),
                )
    assert kept() == {"lee": "Theirs still"}


def test_two_windows_of_one_editor_do_not_overwrite_each_other(ed):
    article = in_state(Status.DRAFT)
    one, other = (editing.seen_now(article, page=page) for page in ("one", "other"))
    keep(article, ed, "One", page="one", seen=one)
    with pytest.raises(EditConflict, match="in another window"):
        keep(article, ed, "Other", page="other", seen=other)
    opened_again = editing.seen_now(article, page="third", kept=UnsavedText.objects.get().version)
    keep(article, ed, "One, typed on", page="one", seen=one)
    with pytest.raises(EditConflict, match="in another window"):
        keep(article, ed, "Third", page="third", seen=opened_again)
    editing.save_draft(article=article, by=ed, seen=opened_again)
    assert kept() == {"ed": "One, typed on"}, "a save takes away only what its own page showed"
    opened_again = editing.seen_now(article, page="fourth", kept=UnsavedText.objects.get().version)
    keep(article, ed, "Fourth", page="fourth", seen=opened_again)
    assert kept() == {"ed": "Fourth"}
    working_copies.drop_changes(article=article, by=ed)
    assert kept() == {}


def test_a_page_that_kept_something_late_cannot_bring_it_back_after_saving(ed):
    article = in_state(Status.PUBLISHED)
    seen = editing.seen_now(article, page="mine")
    article.headline = "Better"
    working_copies.save_changes(article=article, by=ed, seen=seen)
    with pytest.raises(EditConflict):
        working_copies.keep_typed(article=article, by=ed, typed={"headline": ["Bett"]}, seen=seen)


def test_changes_that_somebody_published_meanwhile_are_a_conflict(ed):
    article = with_changes(in_state(Status.PUBLISHED))
    seen = editing.seen_now(article, page="mine")
    working_copies.drop_changes(article=article, by=ed)
    with pytest.raises(EditConflict, match="published or deleted"):
        working_copies.save_changes(article=article, by=ed, seen=seen)


def test_a_draft_is_restored_at_once_with_a_revision(ed):
    article = make_article(status="draft", publish_at=None)
    old = revised(article)
    article.headline = "Worse"
    editing.save_draft(article=article, by=ed)
    working_copies.restore(revision=old, by=ed)
    assert Article.objects.get().headline == "Headline of a-story"
    assert numbers(article)[-1] == (3, "ed", "Restored revision 1")


def test_restoring_a_live_story_brings_its_rows_back_and_keeps_its_address(ed):
    article = make_whole("a-story")
    old = revised(article)
    rename(article, "kept", by=ed)
    article.refresh_from_db()
    article.headline = "Worse"
    working_copies.save_changes(
        article=article, by=ed, parts=[article.facts.all().delete, article.steps.all().delete]
    )
    working_copies.publish_changes(article=article, by=ed)
    working_copies.restore(revision=old, by=ed)
    assert Article.objects.get().headline == "Worse"
    working_copies.publish_changes(article=article, by=ed)
    stored = Article.objects.get()
    assert (stored.headline, stored.slug) == ("Headline of a-story", "kept")
    assert [str(row) for row in (*stored.facts.all(), *stored.steps.all())] == [
        "12 warrants",
        "Arrests, 2024-03-01",
    ]


def test_what_a_page_saw_survives_the_way_through_a_form():
    for seen in (Seen(0), Seen(7, "ab12", "mine"), Seen(7, "", "mine")):
        assert Seen.parse(str(seen), page=seen.page) == seen
    assert [Seen.parse(text) for text in ("", "x", "-1", "²", "9" * 30)] == [None] * 5
