from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from newsroom.models import Appeal, Article, RelatedLink, TimelineStep
from tests.newsroom.articles import HOUR, NOON, make_appeal, make_article

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"status": "published"}, True),
        ({"status": "scheduled"}, True),
        ({"status": "published", "publish_at": NOON}, True),
        ({"status": "published", "publish_at": NOON + HOUR}, False),
        ({"status": "scheduled", "publish_at": NOON + HOUR}, False),
        ({"status": "draft"}, False),
        ({"status": "draft", "publish_at": None}, False),
        ({"status": "withdrawn"}, False),
    ],
)
def test_published_keeps_what_is_out(fields, shown):
    article = make_article(**fields)
    assert list(Article.objects.published(at=NOON)) == ([article] if shown else [])


@pytest.mark.parametrize(
    ("fields", "public", "taking"),
    [
        ({}, True, True),
        ({"opens": NOON}, True, True),
        ({"opens": NOON + HOUR}, False, False),
        ({"closes": NOON}, True, False),
        ({"closes": NOON + HOUR}, True, True),
    ],
)
def test_open_keeps_appeals_that_take_answers(fields, public, taking):
    make_appeal(make_article(), **fields)
    assert Appeal.objects.public(at=NOON).count() == public
    assert Appeal.objects.open(at=NOON).count() == taking


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_open_hides_appeals_of_articles_that_are_not_out(status):
    make_appeal(make_article(status=status))
    assert not Appeal.objects.public(at=NOON).exists()
    assert not Appeal.objects.open(at=NOON).exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"status": "out"}, "A story is a draft, scheduled, published or withdrawn."),
        (
            {"status": "scheduled", "publish_at": None},
            "Enter the date and time when the story should appear.",
        ),
        ({"updated_at": NOON - 2 * HOUR}, "A story cannot be updated before it appears."),
    ],
)
def test_article_constraints_speak_plainly(fields, message):
    article = make_article()
    for name, value in fields.items():
        setattr(article, name, value)
    with pytest.raises(ValidationError) as caught:
        article.validate_constraints()
    assert caught.value.messages == [message]
    with transaction.atomic(), pytest.raises(IntegrityError):
        article.save()


def test_appeal_key_never_changes():
    appeal = make_appeal(make_article())
    appeal.title = "Another title"
    appeal.save()
    appeal.key = "another-key"
    with pytest.raises(ValidationError) as caught:
        appeal.full_clean()
    assert caught.value.message_dict == {
        "key": ["You cannot change an appeal’s key, because tips refer to it."]
    }
    assert Appeal.objects.values_list("key", "title").get() == ("a-story", "Another title")


def test_nobody_lights_the_first_lamp_by_hand():
    step = TimelineStep(
        article=make_article(), stage="report", date=NOON.date(), text="Residents reported."
    )
    with pytest.raises(ValidationError) as caught:
        step.validate_constraints()
    assert caught.value.messages == [
        "You cannot add this stage yourself. It appears with a public result."
    ]
    with transaction.atomic(), pytest.raises(IntegrityError):
        step.save()


def test_timeline_shows_the_last_date_of_each_stage():
    article = make_article()
    assert article.timeline == ()
    for stage, day in [
        ("court", date(2024, 3, 3)),
        ("arrest", date(2024, 1, 1)),
        ("court", date(2024, 2, 2)),
    ]:
        TimelineStep.objects.create(article=article, stage=stage, date=day, text="x")
    stops = {stop.stage: stop for stop in article.timeline}
    assert list(stops) == ["report", "arrest", "charge", "court", "outcome"]
    assert stops["arrest"].date == date(2024, 1, 1)
    assert stops["court"].date == date(2024, 3, 3)
    assert [stage for stage, stop in stops.items() if stop.latest] == ["court"]
    assert [stage for stage, stop in stops.items() if stop.untold] == ["charge"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//elsewhere", ""]
)
def test_a_link_that_a_browser_would_run_has_no_address(url):
    assert RelatedLink(title="Elsewhere", url=url).address == ""
    assert (
        RelatedLink(title="Elsewhere", url="https://elsewhere.example/").address
        == "https://elsewhere.example/"
    )
