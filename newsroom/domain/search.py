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
from newsroom.search_terms import Piece, Term

MOST_HITS = 30
MOST_TERMS = 10
MOST_TYPED = 300  # characters of a query that are used
MOST_GUESSED = 3  # words of a query for which others are tried, hundreds for each
MOST_GUESSES = 4  # words to try in place of a mistyped one

UNPRINTABLE = {"Cc", "Cs", "Cn"}  # categories of characters that no page may show, such as U+0000

INDEXED = (Article.Status.SCHEDULED, Article.Status.PUBLISHED)


@dataclass(frozen=True)
class Hit:
    """An article that matches, with the matching words marked."""

    article: Article
    headline: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    `guesses` are the words that replaced words without a hit. `some` says that no article has all the words, `more`
    that there are more hits than shown, `cut` that only the first words of a long query were used.
    """

    query: str
    hits: tuple[Hit, ...] = ()
    guesses: tuple[str, ...] = ()
    some: bool = False
    more: bool = False
    cut: bool = False


def search(*, query: str, at: datetime | None = None) -> SearchResult:
    """Return the articles public at `at` (now) that have all the words, the best first, for any query.

    Without a match the words one typing error away are tried, then articles that have only some of the words.
    """
    typed = "".join(" " if category(letter) in UNPRINTABLE else letter for letter in query[:MOST_TYPED])
    words = list(dict.fromkeys(search_terms.tokens(typed)))
    groups: list[tuple[Term, ...]] = [(search_terms.term(word),) for word in words[:MOST_TERMS]]
    cut = len(words) > MOST_TERMS or len(query) > MOST_TYPED
    guesses: tuple[str, ...] = ()
    some = False
    matches = _match(groups, at=at)
    if not matches:
        groups, guesses = _guess(words[:MOST_TERMS], groups, at=at)
        matches = _match(groups, at=at) if guesses else []
    if not matches and len(groups) > 1:
        some = True
        groups = [tuple(term for group in groups for term in group)]
        matches = _match(groups, at=at)
    terms = [term for group in groups for term in group]
    hits = tuple(_hit(article, terms) for article in _articles(matches[:MOST_HITS], at=at))
    return SearchResult(
        query=typed.strip(),
        hits=hits,
        guesses=guesses if hits else (),
        some=some and bool(hits),
        more=len(matches) > MOST_HITS,
        cut=cut,
    )


def reindex(*, article: Article) -> None:
    """Update the index for an article; a draft or a withdrawn article is removed from it."""
    on_postgresql = connection.vendor == "postgresql"
    key = "article_id" if on_postgresql else "rowid"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM newsroom_search WHERE {key} = %s", [article.pk])  # noqa: S608 - one of two words of ours
        for row in Article.objects.filter(pk=article.pk, status__in=INDEXED).select_related("topic"):
            texts = [search_terms.tokens(text) for text in _entry(row)]
            if on_postgresql:
                insert = "INSERT INTO newsroom_search (article_id, words) VALUES (%s, %s::tsvector)"
                cursor.execute(insert, [row.pk, _vector(texts)])
            else:
                insert = "INSERT INTO newsroom_search (rowid, headline, about, body) VALUES (%s, %s, %s, %s)"
                cursor.execute(insert, [row.pk, *map(" ".join, texts)])


def _entry(article: Article) -> tuple[str, str, str]:
    """Return the texts by which an article is found, the most relevant first."""
    about = [article.standfirst, article.topic.name, article.byline, *(area.name for area in article.areas.all())]
    return article.headline, " ".join(about), article.body


def _vector(texts: Sequence[Sequence[str]]) -> str:
    """Return the words as the text of a weighted tsvector; PostgreSQL's parser would split them differently."""
    places = [(word, weight) for text, weight in zip(texts, "ABD", strict=True) for word in text]
    return " ".join(f"'{word}':{min(place, 16383)}{weight}" for place, (word, weight) in enumerate(places, 1))


def _match(groups: Sequence[tuple[Term, ...]], *, at: datetime | None) -> list[int]:
    """Return the keys of public articles with a term of each group, the best first, at most one more than shown."""
    if not groups:
        return []
    published, parameters = Article.objects.published(at=at).order_by().values("pk").query.sql_with_params()
    if connection.vendor == "postgresql":
        query = " & ".join(
            "(" + " | ".join(f"'{term.word}'{':*' if term.prefix else ''}" for term in group) + ")" for group in groups
        )
        matching = "SELECT article_id, -ts_rank(words, query) FROM newsroom_search, CAST(%s AS tsquery) AS query"
        matching += " WHERE words @@ query"
    else:
        query = " AND ".join(
            "(" + " OR ".join(f'"{term.word}"{" *" if term.prefix else ""}' for term in group) + ")" for group in groups
        )
        matching = (
            "SELECT rowid, bm25(newsroom_search, 10.0, 4.0, 1.0) FROM newsroom_search WHERE newsroom_search MATCH %s"
        )
    # MATERIALIZED: SQLite would otherwise query the index once for each public article.
    sql = f"WITH matches (id, score) AS MATERIALIZED ({matching}) "
    sql += f"SELECT id FROM matches WHERE id IN ({published}) ORDER BY score, id DESC LIMIT %s"  # noqa: S608 - every value is a parameter
    with connection.cursor() as cursor:
        cursor.execute(sql, [query, *parameters, MOST_HITS + 1])
        return [row[0] for row in cursor.fetchall()]


def _guess(
    words: Sequence[str], groups: Sequence[tuple[Term, ...]], *, at: datetime | None
) -> tuple[list[tuple[Term, ...]], tuple[str, ...]]:
    """Return the groups with near words in place of the first words without a match, and the near words."""
    wider, guesses, guessed = [], [], 0
    for word, group in zip(words, groups, strict=True):
        if guessed == MOST_GUESSED or _match([group], at=at):
            wider.append(group)
            continue
        meant = search_terms.near(word)
        guessed += bool(meant)
        likely = _found(meant, at=at)[:MOST_GUESSES]
        guesses += likely
        wider.append(tuple(search_terms.term(near) for near in likely) or group)
    return wider, tuple(guesses)


def _found(words: set[str], *, at: datetime | None) -> list[str]:
    """Return which of these words stand in articles public at `at`, in their order."""
    keys = _match([tuple(Term(word, prefix=False) for word in words)], at=at) if words else []
    texts = (" ".join(_entry(article)) for article in _articles(keys, at=at))
    return sorted(words & {word for text in texts for word in search_terms.tokens(text)})


def _articles(keys: Sequence[int], *, at: datetime | None) -> list[Article]:
    articles = Article.objects.published(at=at).select_related("topic", "author").in_bulk(keys)
    return [articles[key] for key in keys if key in articles]


def _plain(article: Article) -> str:
    """Return the article's text without markup."""
    return " ".join(unescape(strip_tags(article.body_html)).split())


def _hit(article: Article, terms: Sequence[Term]) -> Hit:
    passage = search_terms.excerpt(article.standfirst, terms) or search_terms.excerpt(_plain(article), terms)
    return Hit(
        article=article,
        headline=search_terms.mark(article.headline, terms),
        excerpt=passage or search_terms.mark(article.standfirst, terms),
    )
