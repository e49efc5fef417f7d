import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom import search_terms
from newsroom.search_terms import Piece, Term


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
def test_tokens_are_words_without_case_accents_and_apostrophes(text: str, found: list[str]) -> None:
    assert search_terms.tokens(text) == found


def test_tokens_cut_a_word_that_never_ends() -> None:
    assert search_terms.tokens("x" * 1000) == ["x" * search_terms.LONGEST]


@pytest.mark.parametrize(
    ("word", "term"),
    [
        ("arrested", Term("arrest", prefix=True)),
        ("supplies", Term("suppl", prefix=True)),
        ("supply", Term("suppl", prefix=True)),
        ("gas", Term("gas", prefix=True)),
        ("mk", Term("mk", prefix=False)),
    ],
)
def test_term_leaves_an_english_ending_open(word: str, term: Term) -> None:
    assert search_terms.term(word) == term


@given(st.text(), st.text(min_size=1, max_size=3))
def test_mark_never_changes_the_text(text: str, word: str) -> None:
    assert "".join(piece.text for piece in search_terms.mark(text, [Term(word, prefix=True)])) == text


def test_mark_shows_the_words_that_were_looked_for() -> None:
    assert search_terms.mark("Ten Arrésts, arrested.", [Term("arrest", prefix=True)]) == (
        Piece("Ten ", hit=False),
        Piece("Arrésts", hit=True),
        Piece(", ", hit=False),
        Piece("arrested", hit=True),
        Piece(".", hit=False),
    )


def test_excerpt_is_the_part_around_the_first_hit() -> None:
    text = f"{'before ' * 40}lantern {'after ' * 40}".strip()
    shown = search_terms.excerpt(text, [Term("lantern", prefix=True)])
    assert [piece.text for piece in shown if piece.hit] == ["lantern"]
    whole = "".join(piece.text for piece in shown)
    assert whole.startswith("… before ")
    assert whole.endswith("after …")
    assert len(whole) < 2 * search_terms.AROUND + 30
