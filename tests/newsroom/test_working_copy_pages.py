"""The working copy at the editor's desk: what the pages show of it, keep for it and warn of."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from newsroom.admin.forms import own_boxes
from newsroom.domain import editing, working_copies
from newsroom.domain.editing import Status
from newsroom.models import Article, KeyFact, Revision, UnsavedText, WorkingCopy
from tests.newsroom.admin.desk import page, typed_over
from tests.newsroom.articles import make_article, make_whole
from tests.newsroom.editors import in_state, revised

pytestmark = pytest.mark.django_db
NAME = "John Exampleman"


@pytest.fixture
def corrected(user):
    """Return a live story that named somebody until it was corrected."""
    article = make_article(
        status="draft", publish_at=None, body=f"{NAME}, 16, was charged with murder."
    )
    revised(article)
    editing.publish(article=article, by=user)
    editing.correct(article=article, by=user, text="We named a child.", body="A boy was arrested.")
    return Article.objects.get()


def words(answer):
    """Return the text of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def hidden(answer):
    """Return what the page was made from, as its form sends it."""
    html = answer.content.decode()
    return dict(re.findall(r'name="(seen|page)" value="([^"]*)"', html))


def public(article):
    return Client().get(f"/news/{article.slug}/").content.decode()


@pytest.mark.promise("work", control="test_changes_that_bring_nothing_back_are_not_warned_of")
def test_a_correction_does_not_come_back_by_a_press_of_restore(ed, corrected):
    """What a correction took out of a story comes back by no press of restore or save, and is named before it is
    published.
    """
    answer = ed.post(page(corrected, "revisions/1"), follow=True)
    assert NAME not in public(corrected)
    assert (
        "These words were removed by a correction and will come back: “John Exampleman 16 was charged with murder”"
        in words(answer)
    )
    for name in ("change", "revisions/1"):
        assert "These words were removed by a correction and will come back:" in words(
            ed.get(page(corrected, name))
        )
    refused = ed.post(
        page(corrected, "publish_changes"), hidden(ed.get(page(corrected, "publish_changes")))
    )
    assert (refused.status_code, NAME in public(corrected)) == (422, False)
    assert "Tick the box if you want to put back words that a correction removed." in words(refused)
    assert "I have checked each of these" in words(refused)
    ed.post(page(corrected, "publish_changes"), hidden(refused) | {"again": "on"})
    assert NAME in public(corrected)


def test_changes_that_bring_nothing_back_are_not_warned_of(ed, corrected):
    ed.post(page(corrected), typed_over(corrected, headline="Boy arrested"))
    for name in ("change", "publish_changes"):
        said = words(ed.get(page(corrected, name)))
        assert ("will come back" in said, "I have checked each of these" in said) == (False, False)
    assert ed.post(page(corrected, "publish_changes"), {}).status_code == 302


def test_the_preview_shows_the_saved_changes_and_readers_do_not(ed):
    article = make_whole("a-story")
    rows = {"facts-TOTAL_FORMS": "1", "facts-0-figure": "9,876", "facts-0-text": "vans"}
    ed.post(page(article), typed_over(article, headline="Better", **rows))
    shown = ed.get(page(article, "preview")).content.decode()
    assert "<h1>Better</h1>" in shown
    assert "9,876" in shown
    assert "It shows unpublished changes, which readers do not see yet." in " ".join(shown.split())
    assert ("Better" in public(article), KeyFact.objects.get().figure) == (False, "12")


def test_what_is_kept_comes_back_in_its_boxes_as_not_saved(ed):
    article = in_state(Status.PUBLISHED)
    opened = ed.get(page(article))
    sent = typed_over(article, headline="Half a h", topic="", show_update="on", **hidden(opened))
    rows = {"steps-TOTAL_FORMS": "1", "steps-0-date": "2026-13-", "steps-0-text": "Half"}
    answer = ed.post(page(article, "keep"), sent | rows)
    assert answer.status_code == 200
    assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.json()["kept"])
    assert (Revision.objects.count(), Article.objects.get().headline) == (0, "Headline of a-story")
    again = ed.get(page(article))
    html = again.content.decode()
    for box in (
        'name="headline" value="Half a h"',
        'name="steps-0-date" value="2026-13-"',
        'value="Half"',
    ):
        assert box in html
    assert re.search(r'name="show_update"[^>]* checked', html)
    assert "Not saved yet: the boxes show what you typed here" in words(again)
    assert (
        ed.post(page(article), typed_over(article, headline="Whole", **hidden(again))).status_code
        == 302
    )
    assert not UnsavedText.objects.exists()


def test_no_button_no_token_and_nothing_that_no_database_stores_is_kept(ed):
    sent = {
        "headline": ["a"],
        "facts-0-text": ["b"],
        "csrfmiddlewaretoken": ["c"],
        "onward": ["d"],
        "seen": ["e"],
    }
    assert own_boxes(sent) == {"headline": ["a"], "facts-0-text": ["b"]}
    article = in_state(Status.DRAFT)
    answer = ed.post(
        page(article, "keep"),
        {"headline": "A\x00b", "facts-\x00-text": "x", "seen": "0", "page": "mine"},
    )
    assert (answer.status_code, UnsavedText.objects.get().typed) == (200, {"headline": ["Ab"]})


def test_unsaved_words_are_in_nobody_elses_boxes_and_each_gets_their_own_back(ed):
    article, lee = in_state(Status.PUBLISHED), Client()
    lee.force_login(User.objects.create_superuser("lee"))
    for writer, words_typed in ((lee, "Theirs"), (ed, "Mine")):
        opened = hidden(writer.get(page(article)))
        assert (
            writer.post(
                page(article, "keep"), typed_over(article, headline=words_typed) | opened
            ).status_code
            == 200
        )
    for writer, own, other in ((ed, "Mine", "Theirs"), (lee, "Theirs", "Mine")):
        html = writer.get(page(article)).text
        assert (f'value="{own}"' in html, f'value="{other}"' in html) == (True, False)
    again = ed.get(page(article))
    assert "lee typed something here and has not saved it" in words(again)
    assert (
        ed.post(page(article), typed_over(article, headline="Mine") | hidden(again)).status_code
        == 302
    )
    assert [text.changed_by for text in UnsavedText.objects.all()] == ["lee"]
    refused = lee.post(
        page(article), typed_over(article, headline="Theirs") | hidden(lee.get(page(article)))
    )
    assert "Since you opened this story, ed has saved changes to it" in words(refused)
    assert WorkingCopy.objects.get().fields["headline"] == "Mine"


def test_a_page_that_is_overtaken_is_kept_and_says_who_came_first(ed):
    article = in_state(Status.PUBLISHED)
    opened = hidden(ed.get(page(article)))
    article.headline = "Theirs"
    working_copies.save_changes(article=article, by=User.objects.create_user("lee"))
    answer = ed.post(page(article, "keep"), typed_over(article, headline="Mine") | opened)
    assert (answer.status_code, UnsavedText.objects.get().typed["headline"]) == (200, ["Mine"])
    assert answer.json()["problem"].startswith(
        "Since you opened this story, lee has saved changes to it ("
    )
    for opens_again in (False, True):
        again = hidden(ed.get(page(article))) if opens_again else opened
        saved = ed.post(page(article), typed_over(article, headline="Mine") | again)
        assert "Since you opened this story, lee has saved changes to it" in words(saved)
        assert 'value="Mine"' in saved.text
        assert (
            ed.post(
                page(article, "keep"), typed_over(article, headline="Mine") | hidden(saved)
            ).status_code
            == 200
        )
    assert (
        ed.post(page(article), typed_over(article, headline="Mine") | hidden(saved)).status_code
        == 302
    )
    assert (WorkingCopy.objects.get().fields["headline"], UnsavedText.objects.count()) == (
        "Mine",
        0,
    )


def test_what_cannot_be_kept_is_said(ed):
    article = in_state(Status.DRAFT)
    one, other = (hidden(ed.get(page(article))) for _window in range(2))
    assert ed.post(page(article, "keep"), typed_over(article) | one).status_code == 200
    answer = ed.post(page(article, "keep"), typed_over(article) | other)
    assert (
        answer.status_code,
        "We cannot keep what you type here" in answer.json()["problem"],
    ) == (409, True)


def test_two_revisions_of_choice_stand_side_by_side(ed, corrected):
    plain = ed.get(page(corrected, "revisions"))
    assert "beside revision" not in words(plain)
    numbers = list(corrected.revisions.order_by("number").values_list("number", flat=True))
    for old, new in (
        (numbers[0], numbers[-1]),
        (numbers[-1], numbers[0]),
    ):  # the older one stands first
        answer = ed.get(f"{page(corrected, 'revisions')}?old={old}&new={new}")
        assert f"Revision {numbers[0]} beside revision {numbers[-1]}" in words(answer)
        pairs = re.findall(r'<div class="pair">(.*?)</div>', answer.text, re.DOTALL)
        text = next(pair for pair in pairs if NAME in pair or "arrested" in pair)
        assert text.index("John") < text.index("arrested")
    same = f"{page(corrected, 'revisions')}?old={numbers[0]}&new={numbers[0]}"
    assert "Both have the same words." in words(ed.get(same))
    for wrong in ("old=1", "old=x&new=1", f"old=1&new={'9' * 30}"):
        refused = ed.get(f"{page(corrected, 'revisions')}?{wrong}")
        assert (refused.status_code, "beside revision" in words(refused)) == (200, False)
