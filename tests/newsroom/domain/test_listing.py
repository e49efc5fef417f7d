from datetime import date

import pytest

from newsroom.domain import listing
from newsroom.domain.listing import StoryMonth
from tests.newsroom.articles import HOUR, NOON, make_article, make_correction

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def test_months_go_by_the_towns_clock():
    make_article(
        "summer", publish_at=NOON.replace(month=6, day=30, hour=23, minute=30, year=2023)
    )  # 1 July, 00:30
    make_article("winter", publish_at=NOON.replace(month=1, day=31, hour=23, minute=30))
    make_article("later", publish_at=NOON + 24 * HOUR)
    assert listing.months(at=NOON) == [
        StoryMonth(date(2024, 1, 1), 1),
        StoryMonth(date(2023, 7, 1), 1),
    ]
    page = listing.month(day=date(2023, 7, 1), number=None, at=NOON)
    assert page is not None
    assert [article.slug for article in page] == ["summer"]
    for day in (date(2023, 6, 1), date(2024, 3, 1)):
        assert listing.month(day=day, number=None, at=NOON) is None


def test_corrections_are_listed_newest_first():
    article = make_article()
    old = make_correction(article, at=NOON - HOUR)
    new = make_correction(article, at=NOON)
    make_correction(make_article("hidden", status="draft"))
    page = listing.corrections(number=None, at=NOON)
    assert page is not None
    assert list(page) == [new, old]
