"""Full-text search of articles, on SQLite (FTS5) and PostgreSQL (tsvector) alike.

The index is not a model, because an FTS5 table cannot be one. Every verb that changes an article calls `reindex`;
triggers would be lost when a migration rebuilds the table of articles. Each search filters with `published()`, so the
index need not know which articles readers can see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from unicodedata import category

from django.db import connection, transaction
from django.utils.html import strip_tags

from newsroom import search_terms
from newsroom.models import Article
from newsroom.search_terms import ExcerptPiece, SearchTerm

MOST_HITS = 30
MOST_TERMS = 10  # words of a query that are used
MOST_TYPED = 300  # characters of a query that are used

UNPRINTABLE = {"Cc", "Cs", "Cn"}  # categories of characters that no page may show, such as U+0000

INDEXED = (Article.Status.SCHEDULED, Article.Status.PUBLISHED)


@dataclass(frozen=True)
class StoryHit:
    """An article that matches, with the matching words marked."""

    article: Article
    headline: tuple[ExcerptPiece, ...]
    excerpt: tuple[ExcerptPiece, ...]


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    `some` says that no article has all the words, `more` that there are more hits than shown.
    """

    query: str
    hits: tuple[StoryHit, ...] = ()
    some: bool = False
    more: bool = False


def search(*, query: str, at: datetime | None = None) -> SearchResult:
    """Return the articles public at `at` (now) that have all the words, or else some of them, for any query.

    The best come first.
    """
    typed = "".join(
        " " if category(letter) in UNPRINTABLE else letter for letter in query[:MOST_TYPED]
    )
    words = list(dict.fromkeys(search_terms.tokens(typed)))
    terms = [search_terms.term(word) for word in words[:MOST_TERMS]]
    whole = _match(terms, at=at)
    matches = whole or _match(terms, at=at, some=True)
    articles = (
        Article.objects.published(at=at)
        .select_related("topic", "author")
        .in_bulk(matches[:MOST_HITS])
    )
    return SearchResult(
        query=typed.strip(),
        hits=tuple(_hit(articles[key], terms) for key in matches if key in articles),
        some=bool(matches) and not whole,
        more=len(matches) > MOST_HITS,
    )


def reindex(*, article: Article) -> None:
    """Update the index for an article; a draft or a withdrawn article is removed from it."""
    on_postgresql = connection.vendor == "postgresql"
    key = "article_id" if on_postgresql else "rowid"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM newsroom_search WHERE {key} = %s", [article.pk])  # noqa: S608 - one of two words of ours
        for row in Article.objects.filter(pk=article.pk, status__in=INDEXED).select_related(
            "topic"
        ):
            texts = [search_terms.tokens(text) for text in _entry(row)]
            if on_postgresql:
                insert = "INSERT INTO newsroom_search (article_id, words) VALUES (%s, %s::tsvector)"
                cursor.execute(insert, [row.pk, _vector(texts)])
            else:
                insert = "INSERT INTO newsroom_search (rowid, headline, about, body) VALUES (%s, %s, %s, %s)"
                cursor.execute(insert, [row.pk, *map(" ".join, texts)])


def _entry(article: Article) -> tuple[str, str, str]:
    """Return the texts by which an article is found, the most relevant first."""
    about = [
        article.standfirst,
        str(article.topic or ""),
        article.byline,
        *(area.name for area in article.areas.all()),
    ]
    return article.headline, " ".join(about), article.body


def _vector(texts: Sequence[Sequence[str]]) -> str:
    """Return the words as the text of a weighted tsvector; PostgreSQL's parser would split them differently."""
    words = list[str]()
    for text, weight in zip(texts, "ABD", strict=True):
        for word in text:
            place = min(len(words) + 1, 16383)
            words.append(f"'{word}':{place}{weight}")
    return " ".join(words)


def _match(terms: Sequence[SearchTerm], *, at: datetime | None, some: bool = False) -> list[int]:
    """Return the keys of public articles with all terms or `some`, the best first, at most one more than shown."""
    if not terms:
        return []
    published, parameters = (
        Article.objects.published(at=at).order_by().values("pk").query.sql_with_params()
    )
    if connection.vendor == "postgresql":
        query = _joined(terms, " | " if some else " & ", quote="'", beginning=":*")
        matching = "SELECT article_id, -ts_rank(words, query) FROM newsroom_search, CAST(%s AS tsquery) AS query"
        matching += " WHERE words @@ query"
    else:
        query = _joined(terms, " OR " if some else " AND ", quote='"', beginning=" *")
        matching = (
            "SELECT rowid, bm25(newsroom_search, 10.0, 4.0, 1.0) FROM newsroom_search WHERE "
            "newsroom_search MATCH %s"
        )
    # MATERIALIZED: SQLite would otherwise query the index once for each public article.
    sql = f"WITH matches (id, score) AS MATERIALIZED ({matching}) "
    sql += f"SELECT id FROM matches WHERE id IN ({published}) ORDER BY score, id DESC LIMIT %s"  # noqa: S608 - every value is a parameter
    with connection.cursor() as cursor:
        cursor.execute(sql, [query, *parameters, MOST_HITS + 1])
        return [row[0] for row in cursor.fetchall()]


def _joined(terms: Sequence[SearchTerm], between: str, *, quote: str, beginning: str) -> str:
    """Return the terms as a query; `beginning` stands after one that may be the beginning of a word."""
    quoted = []
    for term in terms:
        end = beginning if term.prefix else ""
        quoted.append(f"{quote}{term.word}{quote}{end}")
    return between.join(quoted)


def _plain(article: Article) -> str:
    """Return the article's text without markup."""
    return " ".join(unescape(strip_tags(article.body_html)).split())


def _hit(article: Article, terms: Sequence[SearchTerm]) -> StoryHit:
    passage = search_terms.excerpt(article.standfirst, terms) or search_terms.excerpt(
        _plain(article), terms
    )
    return StoryHit(
        article=article,
        headline=search_terms.mark(article.headline, terms),
        excerpt=passage or search_terms.mark(article.standfirst, terms),
    )
