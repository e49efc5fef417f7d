"""No arrest is the last word: a story with proceedings asks its editors what became of those in it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from newsroom.domain import editing, seeding, under_way, working_copies
from newsroom.domain.editing import SAY_WHAT_BECAME, Status
from newsroom.models import Article, TimelineStep, WorkingCopy
from tests.newsroom.admin.desk import PUBLISH, page
from tests.newsroom.admin.test_actions import problems
from tests.newsroom.articles import make_article, make_correction
from tests.newsroom.editors import CALLS, in_state, with_changes
from tests.newsroom.test_views import get

pytestmark = pytest.mark.django_db

UNKNOWN = "We do not know what became of this."
OTHERS = "We do not know what became of the others."
WARNING = "Please do not name anyone"
ENDING = "One man was sentenced to four years."


def asked():
    """Return the stories whose editors are asked what became of those in them."""
    return [story.slug for story in under_way.under_way(at=timezone.now()).to_follow_up]


def update(ed, article, **fields):
    """Press “Update the case”, and return what it refuses."""
    day = {"day": f"{timezone.localdate():%Y-%m-%d}"}
    answer = ed.post(page(article, "follow_up"), day | {"proceedings": "no"} | fields)
    return problems(answer.text) if answer.status_code == 422 else []


def test_a_year_of_a_story_with_an_arrest(ed, user, time_machine):
    time_machine.move_to("2026-01-10T10:00Z", tick=False)
    article = in_state(Status.DRAFT)
    ed.post(page(article, "publish"), PUBLISH | {"proceedings": "yes"})
    for day, waits in (
        ("2026-01-11", False),
        ("2026-07-09", False),
        ("2026-07-10", True),
        ("2026-12-31", True),
    ):
        time_machine.move_to(f"{day}T10:00Z", tick=False)
        assert (day, asked()) == (day, ["a-story"] if waits else [])
        story = get(ed, "/news/a-story/")
        assert (
            story.index("<h1>") < story.index(UNKNOWN) < story.index(WARNING),
            OTHERS in story,
        ) == (True, False)
    ed.force_login(user)  # the session of January is over
    home = get(ed, "/admin/")
    assert f'<a href="{page(article, "follow_up")}">Headline of a-story</a>' in home
    assert "Since 10 July 2026" in home

    later = {"text": ENDING, "proceedings": "yes", "look_again_on": "2027-02-01"}
    assert update(ed, article, **later, day="2026-12-20") == []
    story = get(ed, "/news/a-story/")
    assert (UNKNOWN in story, OTHERS in story, WARNING in story, asked()) == (False, True, True, [])
    assert story.count(ENDING) == 2  # under the headline and in the timeline
    assert '<time datetime="2026-12-20">20 Dec 2026</time>' in story
    assert ENDING in get(ed, "/feed/")

    time_machine.move_to("2027-02-01T10:00Z", tick=False)
    ed.force_login(user)
    assert asked() == ["a-story"]
    assert update(ed, article, text="Two were released.\n\nOne was cleared.") == []
    story = get(ed, "/news/a-story/")
    assert (OTHERS in story, WARNING in story, asked()) == (False, False, [])
    assert [str(step.date) for step in Article.objects.get().endings] == [
        "2026-12-20",
        "2027-02-01",
        "2027-02-01",
    ]
    assert Article.objects.get().look_again_on is None
    assert Article.objects.get().updated_at == timezone.now()


def test_the_warning_ends_only_with_a_sentence(ed):
    article = make_article(proceedings_active=True)
    assert update(ed, article, text=" \n ") == [SAY_WHAT_BECAME]
    assert Article.objects.get().proceedings_active is True
    TimelineStep.objects.create(
        article=article, stage="outcome", date=date(2024, 3, 2), text=ENDING
    )
    assert update(ed, article) == []
    assert Article.objects.get().proceedings_active is False


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"proceedings": ""}, "Choose yes or no."),
        ({"day": ""}, "Enter the day on which it happened."),
        ({"day": "2999-01-01"}, "This day has not come yet. Enter the day on which it happened."),
        ({"proceedings": "yes"}, "Enter a later day, on which we will ask you again."),
        (
            {"proceedings": "yes", "look_again_on": "2024-01-01"},
            "Enter a later day, on which we will ask you again.",
        ),
        (
            {"proceedings": "yes", "look_again_on": "2999-01-01"},
            "This is more than two years away. Check the year.",
        ),
        ({"text": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_a_refused_update_says_why_and_keeps_what_was_typed(ed, fields, sentence):
    article = make_article(proceedings_active=True)
    sent = {"text": ENDING, "day": "2024-03-02", "proceedings": "no"} | fields
    answer = ed.post(page(article, "follow_up"), sent)
    assert (problems(answer.text), sent["text"] in answer.text) == ([sentence], True)
    assert (TimelineStep.objects.count(), Article.objects.get().proceedings_active) == (0, True)


def test_an_arrest_that_comes_later_begins_the_warning(ed):
    article = make_article()
    assert UNKNOWN not in get(ed, "/news/a-story/")
    soon = f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}"
    assert update(ed, article, proceedings="yes", look_again_on=soon) == []
    assert UNKNOWN in get(ed, "/news/a-story/")
    assert soon in get(ed, page(article, "follow_up"))


def test_unpublished_changes_keep_what_became_of_them(user):
    article = with_changes(make_article(proceedings_active=True, look_again_on=date(2024, 9, 1)))
    editing.follow_up(article=article, by=user, proceedings=False, text=ENDING)
    assert "Case updated" in WorkingCopy.objects.get().look_again
    WorkingCopy.objects.update(look_again="")
    working_copies.publish_changes(article=article, by=user)
    stored = Article.objects.get()
    assert (stored.headline, stored.proceedings_active) == ("A better headline", False)
    assert [step.text for step in stored.endings] == [ENDING]


def test_no_withdrawn_or_unpublished_story_waits_for_an_answer(user):
    make_article("a-draft", status="draft", publish_at=None, proceedings_active=True)
    article = make_article(proceedings_active=True)
    assert asked() == ["a-story"]
    CALLS["withdraw"](article, user)
    assert asked() == []


def test_the_seeded_story_says_that_nobody_knows(client):
    seeding.load(path=seeding.ARTICLES)
    assert UNKNOWN in get(client, "/news/milton-keynes-drug-warrants/")
    assert asked() == ["milton-keynes-drug-warrants"]


def test_a_file_of_a_published_story_says_where_its_facts_come_from(
    tmp_path_factory,
):
    folder = tmp_path_factory.mktemp("articles")
    lines = (seeding.ARTICLES / "milton-keynes-drug-warrants.md").read_text(encoding="utf-8")
    start, end = lines.index("source_note"), lines.index("facts:")
    (folder / "a.md").write_text(lines[:start] + lines[end:], encoding="utf-8")
    with pytest.raises(seeding.SeedError, match="Say where the facts come from"):
        seeding.load(path=folder)
    seeding.load(path=folder, as_drafts=True)
    assert Article.objects.get().status == "draft"


@pytest.mark.parametrize(
    "text", ["We named John Exampleman, and he was not there.", "Ten, not twelve."]
)
def test_a_withdrawn_storys_correction_stays_without_headline_or_names(client, user, text):
    article = make_article(headline="John Exampleman held")
    make_correction(article, text=text)
    shown = get(client, "/about/corrections/")
    assert ("John Exampleman held" in shown, text in shown) == (True, True)
    CALLS["withdraw"](article, user)
    kept = get(client, "/about/corrections/")
    assert ("Exampleman" in kept, text in kept, article.slug in kept) == (False, False, False)
    assert '<time datetime="2024-03-01T11:30:00+00:00">1 March 2024</time>' in kept
    assert "We corrected a story here, and withdrew it later." in kept


def test_the_page_of_corrections_never_says_that_nothing_was_wrong(client):
    empty = get(client, "/about/corrections/")
    assert ("There are no corrections to show." in empty, "have not had to correct" in empty) == (
        True,
        False,
    )
    make_correction(make_article("never-out", status="draft", publish_at=None))
    assert "There are no corrections to show." in get(client, "/about/corrections/")


def test_court_days_that_an_editor_wrote_down_stand_on_the_first_screen(ed, time_machine):
    time_machine.move_to("2026-01-10T10:00Z", tick=False)
    story, gone = make_article("a-story"), make_article("gone", status=Status.WITHDRAWN)
    court, charge = TimelineStep.Stage.COURT, TimelineStep.Stage.CHARGE
    for article, stage, day, text in (
        (story, court, "2026-03-02", "Trial begins."),
        (story, court, "2026-01-10", "First hearing."),
        (story, court, "2026-01-09", "Over."),
        (story, charge, "2026-02-01", "No court."),
        (gone, court, "2026-02-01", "Withdrawn."),
    ):
        article.steps.create(stage=stage, date=day, text=text)
    days = under_way.under_way(at=timezone.now()).court_days
    assert [step.text for step in days] == ["First hearing.", "Trial begins."]
    assert "2 March 2026: Trial begins." in ed.get("/admin/").text
