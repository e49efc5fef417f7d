"""Numbers in a text that runs from right to left are found whole, and joined the pieces are the text."""

import time

import pytest

from reports.text.number_runs import pieces, runs_right_to_left

URDU = "اس کا نمبر"


def numbers(text):
    """Return what is found in a text; also hold that nothing of it is lost."""
    found = list(pieces(text))
    assert "".join(piece.text for piece in found) == text
    return [piece.text for piece in found if piece.is_number]


@pytest.mark.parametrize(
    "number",
    [
        "07700 900123",
        "+44 7700 900123",
        "+447700900123",
        "(01908) 55 01 23",
        "0-7700-900123",
        "AB12 CDE",
        "12 AB 345",
        "۰۷۷۰۰ ۹۰۰۱۲۳",
        "٠٧٧٠٠ ٩٠٠١٢٣",
        "MK9 3XY",
        "10:30",
        "12/11/2026",
    ],
)
def test_a_number_of_several_parts_is_one_piece(number):
    assert numbers(f"{URDU} {number} ہے۔") == [number]


@pytest.mark.parametrize(
    "text", ["", URDU, f"{URDU} 999", f"{URDU} AB12CDE", f"{URDU} Kev Smith", "()+-. /", "+"]
)
def test_what_nothing_turns_round_is_left_alone(text):
    assert numbers(text) == []


def test_two_numbers_are_two_pieces():
    assert numbers(f"07700 900123 {URDU} 07700 900124") == ["07700 900123", "07700 900124"]
    assert numbers(f"07700 900123\n07700 900124 {URDU}") == ["07700 900123", "07700 900124"]


@pytest.mark.parametrize(
    ("text", "runs"),
    [(URDU, True), ("שלום 12", True), ("A grey van", False), ("ąę 07700 9", False)],
)
def test_which_texts_run_from_right_to_left(text, runs):
    assert runs_right_to_left(text) is runs


@pytest.mark.parametrize(
    "text",
    ["1 " * 50_000, "(1" * 50_000, "1.-" * 33_000, "+" * 100_000, "a " * 50_000, "1 1ا" * 25_000],
)
def test_the_longest_text_takes_no_time(text):
    before = time.process_time()
    numbers(text)
    assert time.process_time() - before < 2
