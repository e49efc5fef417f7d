import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.errors import NoSuchMove
from newsroom.domain import editing, search, working_copies
from newsroom.domain.editing import Status
from newsroom.models import Appeal, Article, Redirect, Revision
from tests.newsroom.articles import make_appeal, make_article
from tests.newsroom.editors import CALLS, in_state, numbers, rename, revised

pytestmark = pytest.mark.django_db


def test_a_change_whose_revision_cannot_be_written_is_not_made(ed, monkeypatch):
    article = make_article(status="draft", publish_at=None)

    def broken(**_):
        raise OSError

    monkeypatch.setattr("newsroom.domain.revisions.add", broken)
    with pytest.raises(OSError):  # noqa: PT011 - ours, above
        editing.publish(article=article, by=ed)
    assert Article.objects.get().status == "draft"


def test_save_draft_keeps_state_times_and_pin_as_they_are_stored(ed):
    article = in_state(Status.SCHEDULED)
    due = article.publish_at
    article.status, article.publish_at, article.pinned = "published", timezone.now(), True
    editing.save_draft(article=article, by=ed)
    stored = Article.objects.get()
    assert (stored.status, stored.publish_at, stored.pinned) == ("scheduled", due, False)


@pytest.mark.parametrize("name", ["standfirst", "body"])
@pytest.mark.parametrize("verb", ["publish", "schedule"])
def test_half_an_article_is_a_draft_and_no_more(ed, name, verb):
    article = make_article(status="draft", publish_at=None, **{name: ""})
    editing.save_draft(article=article, by=ed)
    with pytest.raises(ValidationError) as refused:
        CALLS[verb](article, ed)
    assert refused.value.message_dict == {
        name: ["Add this before you publish or schedule the story."]
    }
    assert Article.objects.get().status == "draft"


def test_a_slug_that_readers_knew_leads_on_for_good_and_is_never_free(ed):
    in_state(Status.PUBLISHED)
    for slug in ("second", "third"):
        rename(Article.objects.get(), slug, by=ed)
    assert list(Redirect.objects.values_list("old_slug", "article__slug")) == [
        ("a-story", "third"),
        ("second", "third"),
    ]
    other = make_article("b-story", status="draft", publish_at=None)
    with pytest.raises(ValidationError) as refused:
        rename(other, "second", by=ed)
    assert refused.value.message_dict == {
        "slug": ["Another story had this address, and old links use it. Choose another address."]
    }


def test_an_article_may_go_back_to_a_slug_of_its_own(ed):
    in_state(Status.PUBLISHED)
    for slug in ("second", "a-story"):
        rename(Article.objects.get(), slug, by=ed)
    assert list(Redirect.objects.values_list("old_slug", flat=True)) == ["second"]


@pytest.mark.parametrize("state", [Status.DRAFT, Status.SCHEDULED])
def test_a_slug_that_no_reader_knew_leaves_nothing(ed, state):
    rename(in_state(state), "second", by=ed)
    assert Redirect.objects.count() == 0


@pytest.mark.parametrize(
    ("wanted", "free"),
    [
        ("free", "free"),
        ("a-story", "a-story-2"),
        ("old", "old-2"),
        ("", "story"),
        ("x" * 130, "x" * 110),
    ],
)
def test_free_slug_counts_up_from_what_is_and_was_taken(ed, wanted, free):
    Redirect.objects.create(old_slug="old", article=make_article())
    assert editing.free_slug(wanted) == free


def test_withdraw_closes_the_appeal_and_takes_the_lead_away(ed):
    article = in_state(Status.PUBLISHED)
    make_appeal(article)
    editing.pin(article=article, by=ed)
    assert Appeal.objects.open().count() == 1
    editing.withdraw(article=article, by=ed, note="Wrong.")
    assert (Appeal.objects.open().count(), Article.objects.get().pinned) == (0, False)


def test_pin_makes_the_leading_article_give_way_and_says_so(ed):
    first, second = make_article("first"), make_article("second")
    editing.pin(article=first, by=ed)
    editing.pin(article=second, by=ed)
    assert list(Article.objects.filter(pinned=True).values_list("slug", flat=True)) == ["second"]
    said = ["Moved to the top of the front page", "Removed from the top of the front page"]
    assert [summary for _, _, summary in numbers(first)] == said


def test_pin_of_an_article_to_come_leaves_the_lead_where_it_is(ed):
    editing.pin(article=make_article("first"), by=ed)
    editing.pin(article=in_state(Status.SCHEDULED), by=ed)
    assert Article.objects.filter(pinned=True).count() == 2


def test_restore_leaves_out_what_has_been_deleted_since(ed):
    article = make_article(status="draft", publish_at=None)
    old = revised(article)
    old.fields |= {
        "topic": "gone",
        "author": "gone",
        "areas": ["gone"],
        "lead_image": "gone",
        "headline": "Old",
    }
    working_copies.restore(revision=old, by=ed)
    stored = Article.objects.get()
    assert (stored.headline, stored.topic.slug, stored.author, stored.lead_image) == (
        "Old",
        "drug-supply",
        None,
        None,
    )


def test_discard_deletes_a_draft_with_its_history(ed):
    article = in_state(Status.DRAFT)
    revised(article)
    editing.discard(article=article, by=ed)
    assert (Article.objects.count(), Revision.objects.count()) == (0, 0)


def test_discard_keeps_a_draft_whose_appeal_has_a_key(ed):
    article = in_state(Status.DRAFT)
    make_appeal(article)
    with pytest.raises(NoSuchMove):
        editing.discard(article=article, by=ed)


def test_search_knows_an_article_from_its_publication_to_its_withdrawal(ed):
    article = make_article(status="draft", publish_at=None, body="Zeppelin over Bradwell.")
    found = []
    for verb in ("publish", "withdraw"):
        CALLS[verb](article, ed)
        found.append(len(search.search(query="zeppelin").hits))
    assert found == [1, 0]
