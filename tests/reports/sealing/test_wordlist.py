"""The word list as a fixed thing, and what is made of a slip."""

import hashlib
from pathlib import Path
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import wordlist
from reports.sealing.wordlist import INDEX, WORDS, correct, split

ROOM = Path(wordlist.__file__).parent


def one_letter_apart(one: str, other: str) -> bool:
    """Say, in another way than the code does, whether the edit distance of two texts is one."""
    short, long = sorted((one, other), key=len)
    if one == other or len(long) - len(short) > 1:
        return False
    same = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a listed word and the same word with one letter changed, missing or extra."""
    word = draw(st.sampled_from(WORDS))
    place = draw(st.integers(0, len(word) - 1))
    letter = draw(st.sampled_from(ascii_lowercase + "éßж"))
    head, tail = word[:place], word[place:]
    return word, draw(st.sampled_from([head + letter + tail[1:], head + tail[1:], head + letter + tail]))


def test_words_are_the_list_that_every_receipt_rests_on() -> None:
    listed = (ROOM / "words.txt").read_bytes()
    assert hashlib.sha256(listed).hexdigest() == "c3d1fe5d91040b6d2fa4d38223adb40477cc9baa8ad22a623f5a2d3bce9206a7"
    assert listed == "".join(f"{word}\n" for word in WORDS).encode()


def test_words_come_with_their_notice() -> None:
    notice = (ROOM / "words.NOTICE").read_text()
    assert "Electronic Frontier" in notice
    assert "CC BY 3.0 US" in notice


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("abacus", "abacus"),
        ("abide", "abide"),  # although "snide" is not far
        ("abacis", "abacus"),
        ("abacs", "abacus"),
        ("abaccus", "abacus"),
        ("donky", "donkey"),
        ("sbide", None),  # abide, snide
        ("aaility", None),  # ability, agility
        ("aabcus", None),  # two letters
        ("qqqqqq", None),
        ("", None),
    ],
)
def test_correct_guesses_only_what_is_certain(word: str, meant: str | None) -> None:
    assert correct(word) == meant


@given(slips())
def test_correct_mends_a_slip_exactly_when_one_word_is_that_near(slip: tuple[str, str]) -> None:
    word, typed = slip
    near = [listed for listed in WORDS if one_letter_apart(listed, typed)]
    assert word == typed or word in near
    if typed in INDEX:
        assert correct(typed) == typed
    else:
        assert correct(typed) == (word if near == [word] else None)


def test_correct_gives_up_at_once_on_an_endless_word() -> None:
    assert correct("a" * 1_000_000) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("1. 2. -", []),
        ("Donkey, FEATHER", ["donkey", "feather"]),
        ("1.donkey2.feather", ["donkey", "feather"]),
        ("donkey_feather\n\tteapot", ["donkey", "feather", "teapot"]),
        ("DİNGY dıngy", ["dingy", "dıngy"]),  # a Turkish keyboard
        ("dingÿ", ["dingy"]),
        ("ｄｏｎｋｅｙ", ["donkey"]),  # full-width letters
    ],
)
def test_split_takes_letters_for_words_and_all_else_for_gaps(text: str, parts: list[str]) -> None:
    assert split(text) == parts
