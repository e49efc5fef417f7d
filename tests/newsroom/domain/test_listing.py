import pytest

from newsroom.domain import listing
from newsroom.domain.listing import StoryMonth
from newsroom.models import Article, Topic
from tests.newsroom.articles import HOUR, NOON, make_area, make_article, make_author, make_correction

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.mark.parametrize(
    ("count", "number", "shown"),
    [(0, None, None), (10, None, (0, 10)), (10, 2, None), (11, 1, None), (11, 2, (10, 11)), (25, 3, (20, 25))],
)
def test_pages_have_ten_articles_and_the_first_has_no_number(
    count: int, number: int | None, shown: tuple[int, int] | None
) -> None:
    stories = [make_article(f"story-{place:02}", publish_at=NOON - (place + 1) * HOUR) for place in range(count)]
    page = listing.listing(Article.objects.published(at=NOON), number=number)
    assert (list(page) if page else None) == (stories[slice(*shown)] if shown else None)


def test_months_go_by_the_towns_clock() -> None:
    make_article("summer", publish_at=NOON.replace(month=6, day=30, hour=23, minute=30, year=2023))  # 1 July, 00:30
    make_article("winter", publish_at=NOON.replace(month=1, day=31, hour=23, minute=30))
    make_article("later", publish_at=NOON + 24 * HOUR)
    assert listing.months(at=NOON) == [StoryMonth(2024, 1, 1), StoryMonth(2023, 7, 1)]
    page = listing.month(year=2023, month=7, number=None, at=NOON)
    assert page is not None
    assert [article.slug for article in page] == ["summer"]
    for year, month in ((2023, 6), (2024, 3), (2023, 13), (0, 1), (9999, 12)):
        assert listing.month(year=year, month=month, number=None, at=NOON) is None


def test_the_archive_names_only_what_has_an_article_that_is_out() -> None:
    article = make_article()
    article.areas.add(make_area("olney"))
    Topic.objects.create(slug="empty", name="Empty")
    hidden = make_article("hidden", status="draft", topic=Topic.objects.create(slug="secret", name="Secret"))
    hidden.areas.add(make_area("bradwell"))
    topics, areas = listing.sections(kind="topic", at=NOON), listing.sections(kind="area", at=NOON)
    assert listing.newest(at=NOON) == [article]
    assert listing.months(at=NOON) == [StoryMonth(2024, 3, 1)]
    assert [topic.slug for topic in topics] == ["drug-supply"]
    assert [area.slug for area in areas] == ["olney"]


def test_section_without_an_article_that_is_out_is_none() -> None:
    make_article("hidden", publish_at=NOON + HOUR, author=make_author())
    for slug in ("sam-example", "unknown"):
        assert listing.section(kind="author", slug=slug, number=None, at=NOON) is None
    found = listing.section(kind="author", slug="sam-example", number=None, at=NOON + HOUR)
    assert found is not None
    assert (str(found[0]), [article.slug for article in found[1]]) == ("Sam Example", ["hidden"])


def test_corrections_are_listed_newest_first() -> None:
    article = make_article()
    old = make_correction(article, at=NOON - HOUR)
    new = make_correction(article, at=NOON)
    make_correction(make_article("hidden", status="draft"))
    page = listing.corrections(number=None, at=NOON)
    assert page is not None
    assert list(page) == [new, old]
