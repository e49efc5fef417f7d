import pytest

from newsroom.domain import listing
from newsroom.domain.listing import Month
from newsroom.models import Article, Topic
from tests.newsroom.articles import HOUR, NOON, make_area, make_article, make_author, make_correction

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def make(count: int) -> None:
    for number in range(count):
        make_article(f"story-{number:02}", publish_at=NOON - (count - number) * HOUR)


def numbers(page: listing.Listing[Article] | None) -> tuple[list[int], int | None, int | None] | None:
    if page is None:
        return None
    return [int(article.slug[-2:]) for article in page.rows], page.newer, page.older


@pytest.mark.parametrize(
    ("count", "number", "shown"),
    [
        (0, None, None),
        (19, None, (19, 0, None, None)),
        (19, 1, None),
        (20, None, (20, 10, None, 1)),
        (20, 1, (10, 0, 0, None)),
        (35, None, (35, 20, None, 2)),
        (35, 2, (20, 10, 0, 1)),
        (35, 1, (10, 0, 2, None)),
        (35, 3, None),
    ],
)
def test_pages_are_counted_from_the_oldest_article(
    count: int, number: int | None, shown: tuple[int, int, int | None, int | None] | None
) -> None:
    make(count)
    found = numbers(listing.listing(Article.objects.published(at=NOON), number=number))
    if shown is None:
        assert found is None
    else:
        after, first, newer, older = shown
        assert found == (list(reversed(range(first, after))), newer, older)


def test_a_new_article_changes_the_newest_page_alone() -> None:
    make(35)
    before = [numbers(listing.listing(Article.objects.published(at=NOON), number=number)) for number in (1, 2)]
    make_article("story-99", publish_at=NOON)
    assert before == [numbers(listing.listing(Article.objects.published(at=NOON), number=number)) for number in (1, 2)]


def test_months_go_by_the_towns_clock() -> None:
    make_article("summer", publish_at=NOON.replace(month=6, day=30, hour=23, minute=30, year=2023))  # 1 July, 00:30
    make_article("winter", publish_at=NOON.replace(month=1, day=31, hour=23, minute=30))
    make_article("later", publish_at=NOON + 24 * HOUR)
    assert listing.months(at=NOON) == [Month(2024, 1, 1), Month(2023, 7, 1)]
    page = listing.month(year=2023, month=7, number=None, at=NOON)
    assert page is not None
    assert [article.slug for article in page.rows] == ["summer"]
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
    assert listing.months(at=NOON) == [Month(2024, 3, 1)]
    assert [topic.slug for topic in topics] == ["drug-supply"]
    assert [area.slug for area in areas] == ["olney"]


def test_section_without_an_article_that_is_out_is_none() -> None:
    make_article("hidden", publish_at=NOON + HOUR, author=make_author())
    for slug in ("sam-example", "unknown"):
        assert listing.section(kind="author", slug=slug, number=None, at=NOON) is None
    found = listing.section(kind="author", slug="sam-example", number=None, at=NOON + HOUR)
    assert found is not None
    assert (str(found[0]), [article.slug for article in found[1].rows]) == ("Sam Example", ["hidden"])


def test_corrections_are_listed_newest_first() -> None:
    article = make_article()
    old = make_correction(article, at=NOON - HOUR)
    new = make_correction(article, at=NOON)
    make_correction(make_article("hidden", status="draft"))
    page = listing.corrections(number=None, at=NOON)
    assert page is not None
    assert page.rows == [new, old]
