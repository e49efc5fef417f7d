import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from newsroom.admin.actions import ACTS
from newsroom.domain import editing, public_pages
from newsroom.domain.editing import Status
from newsroom.models import Article, Correction
from tests.newsroom.admin.desk import PUBLISH, page, typed, typed_over
from tests.newsroom.articles import make_appeal, make_whole
from tests.newsroom.editors import VERBS, in_state, revised, with_changes

pytestmark = pytest.mark.django_db


# The verbs of the form itself and of the revisions.
UNSAID = {"save_draft", "save_changes", "keep_typed", "restore"}


def problems(html):
    found = re.search(r'<div class="problem" role="alert"[^>]*>(.*?)</div>', html, re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", found[1], re.DOTALL) if found else []
    return [" ".join(re.sub(r"<[^>]*>", "", item).split()) for item in items]


def test_every_verb_of_the_table_that_is_no_writing_has_its_action():
    assert set(ACTS) == VERBS - UNSAID


@pytest.mark.parametrize("state", list(Status))
def test_the_form_offers_what_the_state_allows_and_each_action_asks_first(ed, state):
    article = with_changes(in_state(state))
    before, html = list(Article.objects.values()), ed.get(page(article, "change")).content.decode()
    for name in ACTS:
        offered = f'href="../{name}/"' in html or f'name="onward" value="{name}"' in html
        assert (name, offered) == (name, name in editing.TRANSITIONS[state] and name != "unpin")
        assert ed.get(page(article, name)).status_code == 200
    assert list(Article.objects.values()) == before


def test_where_no_changes_are_saved_what_is_typed_can_be_deleted_under_its_own_name(
    ed,
):
    article = in_state(Status.DRAFT)
    change = page(article, "change")
    assert "drop_changes" not in ed.get(change).text
    ed.post(page(article, "keep"), typed_over(article, headline="Half a h") | {"page": "mine"})
    assert '<a href="../drop_changes/">Delete what you typed</a>' in ed.get(change).text
    assert "What will change" not in ed.get(page(article, "drop_changes")).text
    assert (
        "What you typed is deleted." in ed.post(page(article, "drop_changes"), {}, follow=True).text
    )
    assert 'value="Half a h"' not in ed.get(change).text


def test_an_action_that_the_state_forbids_by_now_says_so(ed):
    answer = ed.post(page(in_state(Status.WITHDRAWN), "publish"), PUBLISH | {"seen": "0"})
    assert answer.status_code == 422
    assert problems(answer.content.decode()) == [
        "You cannot do this while the status is “Withdrawn”."
    ]


@pytest.mark.parametrize("name", ["publish_changes", "withdraw", "correct", "pin"])
def test_an_act_on_what_somebody_changed_meanwhile_is_done_only_knowingly(ed, name):
    article = with_changes(in_state(Status.PUBLISHED))
    revised(article)
    seen = re.compile(r'name="seen" value="([^"]*)"')
    fields = {"note": "It was wrong.", "text": "Ten, not twelve.", "body": article.body}
    fields["seen"] = seen.findall(ed.get(page(article, name)).content.decode())[0]
    editing.pin(article=article, by=User.objects.create_user("sam"))
    answer = ed.post(page(article, name), fields)
    (problem,) = problems(answer.content.decode())
    assert answer.status_code == 422
    assert problem.startswith("Since you opened this story, sam has changed it")
    fields["seen"] = seen.findall(answer.content.decode())[0]
    assert ed.post(page(article, name), fields).status_code == 302


def test_an_editors_day_without_a_script(ed):
    article = in_state(Status.DRAFT)
    when = f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT12:00}"
    steps = [
        ("schedule", PUBLISH | {"when": when}, "scheduled"),
        ("unschedule", {}, "draft"),
        ("publish", PUBLISH, "published"),
        ("pin", {}, "published"),
        ("unpin", {}, "published"),
        ("publish_changes", {}, "published"),
        ("correct", {"text": "Ten, not twelve.", "body": "Ten."}, "published"),
        ("withdraw", {"note": "It was wrong."}, "withdrawn"),
    ]
    for name, fields, state in steps:
        if name == "publish_changes":
            with_changes(article)
        answer = ed.post(page(article, name), fields)
        assert (name, answer.status_code, answer["Location"]) == (
            name,
            302,
            page(article, "change"),
        )
        article.refresh_from_db()
        assert (name, article.status) == (name, state)
    correction = Correction.objects.get()
    assert (article.body, article.updated_at, correction.text) == (
        "Ten.",
        correction.at,
        "Ten, not twelve.",
    )
    assert article.withdrawn_note == "It was wrong."
    assert {revision.made_by for revision in article.revisions.all()} == {"ed"}
    top = ["Moved to the top of the front page", "Removed from the top of the front page"]
    said = ["Unscheduled", "Published", *top, "Changes published", "Corrected", "Withdrawn"]
    assert [revision.summary for revision in article.revisions.order_by("number")][1:] == said


def test_a_draft_that_is_thrown_away_leads_back_to_the_list(ed):
    assert (
        ed.post(page(in_state(Status.DRAFT), "discard"))["Location"] == "/admin/newsroom/article/"
    )
    assert Article.objects.count() == 0


@pytest.mark.parametrize("name", ["publish", "schedule"])
def test_a_new_story_has_no_topic_until_it_is_published_or_scheduled(ed, name):
    topic, add = make_whole("other").topic, "/admin/newsroom/article/add/"
    assert "topic" not in ed.get(add).context["adminform"].form.initial
    ed.post(add, typed(topic=""))
    article = Article.objects.get(status="draft")
    make_appeal(article, key="new")
    assert (article.topic, ed.get(page(article, "preview")).status_code) == (None, 200)
    assert public_pages.lists(of=[article.pk]) == set()
    fields = PUBLISH | {"when": f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT12:00}"}
    refused = ed.post(page(article, name), fields)
    assert problems(refused.content.decode()) == [
        "Choose a topic. Readers find the story under it."
    ]
    assert ed.post(page(article, name), fields | {"topic": topic and topic.pk}).status_code == 302
    assert Article.objects.get(pk=article.pk).topic == topic
    refused = ed.post(page(article, "change"), typed_over(article, topic=""))
    assert refused.context["adminform"].form.errors["topic"] == [
        "Choose a topic. Readers find the story under it."
    ]


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("", "Enter the date and time."),
        ("2024-02-30T12:00", "Enter a valid date/time."),
        (
            "0001-01-01T00:00",
            "This time has passed. If you want the story to appear now, press Cancel, then “Save and publish”.",
        ),
        ("9000-01-01T00:00", "This is more than two years away. Check the year."),
        (
            "2027-03-28T01:30",
            "The clocks go forward then, so there is no such time. Choose an earlier or later one.",
        ),
    ],
)
def test_an_impossible_time_is_a_clear_error_that_keeps_what_was_typed(ed, when, sentence):
    answer = ed.post(page(in_state(Status.DRAFT), "schedule"), PUBLISH | {"when": when})
    html = answer.content.decode()
    assert (answer.status_code, problems(html)) == (422, [sentence])
    assert f'value="{when}"' in html or not when
    assert "<title>Error:" in html
    assert Article.objects.get().status == "draft"


def test_a_correction_that_is_refused_keeps_its_words(ed):
    fields = {"text": "x" * 1001, "body": "The whole text, put right."}
    answer = ed.post(page(in_state(Status.PUBLISHED), "correct"), fields)
    html = answer.content.decode()
    assert problems(html) == ["Ensure this value has at most 1000 characters (it has 1001)."]
    assert "The whole text, put right." in html
    assert "x" * 1001 in html


@pytest.mark.parametrize("state", list(Status))
def test_preview_shows_the_article_as_readers_will_see_it_with_a_sign_and_unkept(ed, state):
    article = in_state(state)
    make_appeal(article, title="Did you see the van?")
    answer = ed.get(page(article, "preview"))
    html = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert f"Status: {state.label}. Readers do not see this page." in html
    assert "<h1>Headline of a-story</h1>" in html
    assert "Did you see the van?" in html
    assert 'name="robots" content="noindex"' in html


def test_preview_differs_from_the_page_of_readers_by_its_sign_alone(ed):
    article = make_whole("a-story")
    preview = ed.get(page(article, "preview")).content.decode()
    public = ed.get("/news/a-story/").content.decode()
    main = re.compile(r"<main.*</main>", re.DOTALL)
    assert main.findall(preview) == main.findall(public)
    assert "preview-sign" in preview
    assert "preview-sign" not in public
