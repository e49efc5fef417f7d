from datetime import timedelta

import pytest
from django.utils import timezone

from newsroom.domain import corrected_words, revisions
from newsroom.models import Article, Revision
from tests.newsroom.articles import make_article

pytestmark = pytest.mark.django_db
BEFORE = "Police held Dan Sampleson at 14 garages in Example Road on Monday."
AFTER = "Police held a man near the shops on Monday."


def history(*texts):
    """Return an article with a revision for each text; whether a correction came with it; and its minute."""
    article, now, count = make_article(body=texts[-1][0]), timezone.now(), 0
    for number, (body, corrected, minute) in enumerate(texts, start=1):
        count += corrected
        fields = revisions.snapshot(article) | {
            "body": body,
            "corrections": [["", "Wrong."]] * count,
        }
        at = now + timedelta(minutes=minute)
        Revision.objects.create(
            article=article, number=number, made_by="ed", summary="", made_at=at, fields=fields
        )
    return article


def found(article, **fields):
    """Return what this text would bring back."""
    phrases = corrected_words.brought_back(
        article=article, fields=revisions.snapshot(article) | fields
    )
    return [phrase.phrase for phrase in phrases]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("We spoke with Dan.", ["Dan"]),
        ("We spoke with sampleson’s mother.", ["sampleson’s"]),
        ("There were 14 of them.", ["14"]),
        ("He was held at the shop, in example road, on Sunday.", ["in example road on"]),
        ("It was said: garages in Example.", ["garages in Example"]),
        ("A man was seen at noon.", []),
        (AFTER, []),
    ],
)
def test_names_numbers_and_runs_of_three_words_are_found(text, phrases):
    assert found(history((BEFORE, False, 0), (AFTER, True, 5)), body=text) == phrases


def test_they_are_found_wherever_readers_would_see_them():
    article = history((BEFORE, False, 0), (AFTER, True, 5))
    changed = {
        "headline": "Sampleson held",
        "facts": [["14", "vans"]],
        "links": [["About Dan", ""]],
    }
    assert found(article, **changed) == ["Sampleson", "14", "Dan"]


@pytest.mark.parametrize(("minute", "phrases"), [(5, ["Dan Sampleson"]), (400, [])])
def test_a_change_of_the_text_within_an_hour_of_the_correction_belongs_to_it(minute, phrases):
    for order in (
        [(AFTER, False, minute), (AFTER, True, 0)],
        [(BEFORE, True, 0), (AFTER, False, minute)],
    ):
        Article.objects.all().delete()
        assert found(history((BEFORE, False, -500), *order), body="Dan Sampleson") == phrases


def test_without_a_correction_nothing_is_warned_of():
    assert found(history((BEFORE, False, 0), (AFTER, False, 5)), body=BEFORE) == []


def test_what_is_live_again_is_no_news():
    assert (
        found(history((BEFORE, False, 0), (AFTER, True, 5), (BEFORE, False, 500)), body=BEFORE)
        == []
    )


def test_a_picture_that_was_taken_out_is_called_one():
    picture = f"![A man](image:{'ab' * 16}-1600x900)"
    assert found(
        history((picture, False, 0), ("Text.", True, 5)),
        body=f"x ![Shop](image:{'ab' * 16}-1600x900)",
    ) == ["image a picture 1600x900"]
