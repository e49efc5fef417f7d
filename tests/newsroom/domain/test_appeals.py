import pytest

from newsroom.domain import appeals
from newsroom.domain.appeals import AppealState
from tests.newsroom.articles import HOUR, NOON, make_appeal, make_article

pytestmark = pytest.mark.django_db


def test_open_appeals_says_which_have_closed_and_what_each_asks():
    make_appeal(make_article("first"), opens=NOON - 3 * HOUR, closes=NOON - HOUR)
    make_appeal(make_article("second"), highlights="Which car?\nWhen?")
    make_appeal(make_article("later"), opens=NOON + HOUR)
    make_appeal(make_article("hidden", status="draft"))
    words = {"title": "Do you know?", "prompt": "Small things count."}
    assert appeals.public_appeals(at=NOON) == [
        AppealState(
            key="first",
            questions=(),
            open=False,
            story="Headline of first",
            path="/news/first/",
            **words,
        ),
        AppealState(
            key="second",
            questions=("Which car?", "When?"),
            open=True,
            story="Headline of second",
            path="/news/second/",
            **words,
        ),
    ]
