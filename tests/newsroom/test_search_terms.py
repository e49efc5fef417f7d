import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom import search_terms
from newsroom.search_terms import ExcerptPiece, SearchTerm


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("foo-bar's \"x", ["foo", "bars", "x"]),
        ("Café CAFÉ", ["cafe", "cafe"]),
        ("don’t", ["dont"]),
        ("a_b", ["a", "b"]),
        ("Straße", ["strasse"]),
        ("مرحبا", ["مرحبا"]),
        ("", []),
        ("\x00 -- ''", []),
    ],
)
def test_tokens_are_words_without_case_accents_and_apostrophes(text, found):
    assert search_terms.tokens(text) == found


def test_tokens_cut_a_word_that_never_ends():
    assert search_terms.tokens("x" * 1000) == ["x" * search_terms.LONGEST]


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("arrested", SearchTerm("arrest", prefix=True)),
        ("supplies", SearchTerm("suppl", prefix=True)),
        ("supply", SearchTerm("suppl", prefix=True)),
        ("gas", SearchTerm("gas", prefix=True)),
        ("mk", SearchTerm("mk", prefix=False)),
    ],
)
def test_term_leaves_an_english_ending_open(word, term):
    assert search_terms.term(word) == term


@given(st.text(), st.text(min_size=1, max_size=3))
def test_mark_never_changes_the_text(text, word):
    assert (
        "".join(piece.text for piece in search_terms.mark(text, [SearchTerm(word, prefix=True)]))
        == text
    )


def test_mark_shows_the_words_that_were_looked_for():
    assert search_terms.mark("Ten Arrésts, arrested.", [SearchTerm("arrest", prefix=True)]) == (
        ExcerptPiece("Ten ", hit=False),
        ExcerptPiece("Arrésts", hit=True),
        ExcerptPiece(", ", hit=False),
        ExcerptPiece("arrested", hit=True),
        ExcerptPiece(".", hit=False),
    )


def test_excerpt_is_the_part_around_the_first_hit():
    text = f"{'before ' * 40}lantern {'after ' * 40}".strip()
    shown = search_terms.excerpt(text, [SearchTerm("lantern", prefix=True)])
    assert [piece.text for piece in shown if piece.hit] == ["lantern"]
    whole = "".join(piece.text for piece in shown)
    assert whole.startswith("… before ")
    assert whole.endswith("after …")
    assert len(whole) < 2 * search_terms.AROUND + 30
