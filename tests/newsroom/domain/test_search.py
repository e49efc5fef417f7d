import pytest
from django.db import connection

from newsroom.domain import search
from newsroom.models import Area, Article
from tests.newsroom.articles import HOUR, NOON, make_article

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def indexed(slug="a-story", **fields):
    article = make_article(slug, **fields)
    search.reindex(article=article)
    return article


def slugs(query):
    return [hit.article.slug for hit in search.search(query=query, at=NOON).hits]


@pytest.mark.parametrize(
    "query",
    [
        "warrant",
        "WARRANTS",
        "warr",
        "lantern warrant",
        "olney",
        "newsroom",
        "drug supply",
        "standfirst",
    ],
)
def test_search_finds_headline_standfirst_text_byline_topic_and_area(query):
    article = make_article(headline="Lanterns found", body="Police had *warrants*.")
    article.areas.add(Area.objects.create(slug="olney", name="Olney"))
    search.reindex(article=article)
    assert slugs(query) == ["a-story"]


def test_search_wants_all_words_and_puts_the_headline_first():
    indexed("in-text", headline="Something", body="A lantern.")
    indexed("in-headline", headline="A lantern", body="Something.")
    indexed("other", headline="Else")
    assert slugs("lantern something") == ["in-headline", "in-text"]


def test_search_gives_articles_with_some_of_the_words_when_none_has_all():
    indexed(headline="A lantern")
    found = search.search(query="lantern zebra", at=NOON)
    assert ([hit.article.slug for hit in found.hits], found.some) == (["a-story"], True)


@pytest.mark.parametrize(
    "query",
    ["foo-bar's \"x", "", " ", "'", '"', "*", "NEAR(", "q AND",
     "col:zz", "-zz", "^x", "%s", "\\", "\x00", "q\x00k", "';--",
     "x" * 1000, "w " * 500, "é" * 400, "(((", "!&|", "<script>", "🚨"],
)  # fmt: skip
def test_search_takes_whatever_is_typed(query):
    indexed()
    assert search.search(query=query, at=NOON).hits == ()


def test_search_uses_the_first_words_of_a_long_query():
    indexed(headline="one two three four five six seven eight nine ten")
    found = search.search(query="one two three four five six seven eight nine ten eleven", at=NOON)
    assert ([hit.article.slug for hit in found.hits], found.some) == (["a-story"], False)


def test_search_shows_no_more_than_a_page_and_says_that_there_are_more():
    articles = [
        make_article(f"story-{place:02}", headline="A lantern")
        for place in range(search.MOST_HITS + 1)
    ]
    for article in articles[:-1]:
        search.reindex(article=article)
    found = search.search(query="lantern", at=NOON)
    assert (len(found.hits), found.more) == (search.MOST_HITS, False)
    search.reindex(article=articles[-1])
    found = search.search(query="lantern", at=NOON)
    assert (len(found.hits), found.more) == (search.MOST_HITS, True)


def test_search_finds_no_article_that_is_not_out():
    indexed("later", headline="Warrants", publish_at=NOON + HOUR)
    indexed("open", headline="Lanterns")
    assert search.search(query="warrants", at=NOON).hits == ()
    found = search.search(query="warrants lantern", at=NOON)
    assert ([hit.article.slug for hit in found.hits], found.some) == (["open"], True)
    assert [hit.article.slug for hit in search.search(query="warrants", at=NOON + HOUR).hits] == [
        "later"
    ]


@pytest.mark.parametrize(
    ("status", "rows"), [("draft", 0), ("withdrawn", 0), ("scheduled", 1), ("published", 1)]
)
def test_reindex_keeps_only_what_is_or_will_be_out(status, rows):
    article = indexed()
    Article.objects.filter(pk=article.pk).update(
        status=status, withdrawn_at=NOON if status == "withdrawn" else None
    )
    search.reindex(article=article)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM newsroom_search")
        assert cursor.fetchone() == (rows,)


def test_reindex_puts_the_new_words_in_place_of_the_old():
    article = indexed(headline="A lantern")
    Article.objects.filter(pk=article.pk).update(headline="A ladder")
    search.reindex(article=article)
    assert (slugs("lantern"), slugs("ladder")) == ([], ["a-story"])


def test_search_asks_as_many_questions_for_three_articles_as_for_one(
    django_assert_num_queries,
):
    indexed("one", headline="A lantern")
    with django_assert_num_queries(2):
        assert len(slugs("lantern")) == 1
    indexed("two", headline="A lantern")
    indexed("three", headline="A lantern")
    with django_assert_num_queries(2):
        assert len(slugs("lantern")) == 3
