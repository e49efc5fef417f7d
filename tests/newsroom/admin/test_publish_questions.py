"""What Publish and Schedule ask, and what an appeal on a story with proceedings asks first."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from newsroom.admin.forms import ASK_THE_POLICE
from newsroom.domain import editing, working_copies
from newsroom.domain.editing import Status
from newsroom.models import Appeal, Article, Revision, WorkingCopy
from newsroom.models.articles import NO_SOURCE
from tests.newsroom.admin.desk import PUBLISH, page, typed_over
from tests.newsroom.admin.test_actions import problems
from tests.newsroom.articles import make_appeal, make_article
from tests.newsroom.editors import CALLS, in_state, revised

pytestmark = pytest.mark.django_db

WANTED = PUBLISH | {"proceedings": "yes"}
WARNING = "Please do not name anyone or say who you think it is"
APPEAL = {"title": "A white van?", "prompt": "By the garages.", "opens": "2024-03-01T12:00"}


def tomorrow():
    return {"when": f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT12:00}"}


@pytest.mark.parametrize("name", ["publish", "schedule"])
def test_neither_question_has_an_answer_before_it_is_given(ed, name):
    article = make_article(status="draft", publish_at=None, source_note="")
    asked = ed.get(page(article, name)).text
    assert "Is anybody arrested, charged or wanted by warrant?" in asked
    assert "checked" not in asked
    assert "People under 18 and victims of sexual offences" in asked
    assert "that you asked and they did not answer" in asked
    refused = ed.post(page(article, name), tomorrow() | {"source_note": "  "})
    said = {"Choose yes or no.", NO_SOURCE}
    assert (refused.status_code, {*problems(refused.text)}, Article.objects.get().status) == (
        422,
        said,
        "draft",
    )


@pytest.mark.parametrize("name", ["correct", "withdraw"])
def test_nothing_delays_a_correction_or_a_withdrawal(ed, name):
    article = make_article(source_note="")
    assert "arrested" not in ed.get(page(article, name)).text
    answer = ed.post(page(article, name), {"text": "Ten.", "body": "Ten.", "note": "It was wrong."})
    assert answer.status_code == 302


@pytest.mark.parametrize(("answer", "warned"), [("yes", True), ("no", False)])
@time_machine.travel("2026-08-31T10:00Z", tick=False)
def test_the_answer_sets_the_warning_and_the_day_to_look_again(ed, answer, warned):
    article = in_state(Status.DRAFT)
    ed.post(
        page(article, "publish"),
        PUBLISH | {"proceedings": answer, "source_note": "From a court list."},
    )
    story = ed.get("/news/a-story/").text
    assert (WARNING in story, "From a court list." in story) == (warned, True)
    stored = Article.objects.get()
    expected = date(2027, 2, 28) if warned else None
    assert (stored.proceedings_active, stored.look_again_on) == (warned, expected)


def test_a_story_that_comes_later_looks_again_six_months_after_that(ed):
    article = in_state(Status.DRAFT)
    with time_machine.travel("2026-01-01T10:00Z", tick=False):
        ed.post(page(article, "schedule"), WANTED | {"when": "2026-05-15T12:00"})
        assert "checked" in ed.get(page(article, "schedule")).text
    assert Article.objects.get().look_again_on == date(2026, 11, 15)


@pytest.mark.parametrize("verb", ["publish", "schedule"])
def test_no_verb_lets_a_story_out_without_its_source(ed, user, verb):
    article = make_article(status="draft", publish_at=None, source_note="")
    with pytest.raises(ValidationError) as refused:
        CALLS[verb](article, user)
    assert refused.value.message_dict == {"source_note": [NO_SOURCE]}
    Article.objects.update(source_note="From us.")
    CALLS[verb](article, user)
    shown = ed.post(page(article), typed_over(Article.objects.get(), source_note=""))
    assert shown.context["adminform"].form.errors["source_note"] == [NO_SOURCE]


def test_restoring_an_old_revision_ends_no_warning_and_takes_no_source_away(user):
    article = make_article(status="draft", publish_at=None, source_note="", headline="Before")
    revised(article)
    Article.objects.update(headline="After")
    editing.publish(article=article, by=user, source_note="From us.", proceedings=True)
    working_copies.restore(revision=Revision.objects.get(number=1), by=user)
    assert WorkingCopy.objects.get().fields["source_note"] == "From us."
    working_copies.publish_changes(article=article, by=user)
    stored = Article.objects.get()
    assert (stored.headline, stored.proceedings_active, stored.source_note) == (
        "Before",
        True,
        "From us.",
    )


@pytest.mark.parametrize(("proceedings", "presses"), [(True, 2), (False, 1)])
def test_an_appeal_on_a_story_with_proceedings_asks_for_the_police_first(ed, proceedings, presses):
    article = make_article(proceedings_active=proceedings)
    sent, add = APPEAL | {"article": str(article.pk)}, "/admin/newsroom/appeal/add/"
    for _ in range(presses - 1):
        refused = ed.post(add, sent)
        form = refused.context["adminform"].form
        assert (form.non_field_errors(), Appeal.objects.count()) == ([ASK_THE_POLICE], 0)
        assert "A white van?" in refused.text
        assert '<input type="hidden" name="police_asked" value="on"' in refused.text
        sent |= {"police_asked": "on"}
    assert ed.post(add, sent).status_code == 302
    assert Appeal.objects.get().title == "A white van?"


def test_an_appeal_can_be_closed_at_once_and_asks_again_when_it_asks_something_else(
    ed,
):
    appeal = make_appeal(make_article(proceedings_active=True))
    address = f"/admin/newsroom/appeal/{appeal.pk}/change/"
    stored = {"title": appeal.title, "prompt": appeal.prompt, "opens": "2024-03-01T11:00"}
    assert (
        ed.post(
            address, stored | {"closes": "2024-04-01T12:00", "result": "Nothing came."}
        ).status_code
        == 302
    )
    refused = ed.post(address, stored | {"prompt": "Who is he?"})
    assert refused.context["adminform"].form.non_field_errors() == [ASK_THE_POLICE]


def test_publishing_a_story_that_appeals_asks_for_the_police_too(ed):
    article = in_state(Status.DRAFT)
    appeal = make_appeal(article)
    refused = ed.post(page(article, "publish"), WANTED)
    assert problems(refused.text) == [ASK_THE_POLICE]
    assert 'name="police_asked" value="on"' in refused.text
    assert ed.post(page(article, "publish"), WANTED | {"police_asked": "on"}).status_code == 302
    Article.objects.update(status="draft", publish_at=None)
    Appeal.objects.filter(pk=appeal.pk).update(closes=timezone.now())
    assert ed.post(page(article, "publish"), WANTED).status_code == 302
