"""The word list as a fixed thing, and what is made of a slip."""

import hashlib
from pathlib import Path

import pytest

from reports.sealing import wordlist
from reports.sealing.wordlist import DRAWN, NEVER_DRAWN, WORDS, correct, split

ROOM = Path(wordlist.__file__).parent


def test_words_are_the_list_that_every_receipt_rests_on():
    listed = (ROOM / "words.txt").read_bytes()
    assert (
        hashlib.sha256(listed).hexdigest()
        == "c3d1fe5d91040b6d2fa4d38223adb40477cc9baa8ad22a623f5a2d3bce9206a7"
    )
    assert listed == "".join(f"{word}\n" for word in WORDS).encode()


def test_words_that_nothing_new_has_are_of_the_list_and_few():
    lines = (ROOM / "never_drawn.txt").read_text().splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert words == sorted(NEVER_DRAWN)
    assert set(words) <= set(WORDS)
    assert 350 <= len(words) <= 400
    assert len(DRAWN) == len(WORDS) - len(words)
    assert NEVER_DRAWN.isdisjoint(DRAWN)


@pytest.mark.parametrize(
    "kind",
    [
        "snitch squealer tattle traitor treason tipoff stooge grass secret",  # who tells
        "police arrest prison deport custody cartel theft",
        "deceased casket strangle mortuary threaten",
        "bonehead badass imbecile",
        "rectal womb undress cheating affair",
        "cannabis morphine junkie dealer",
        "turban islamic pope apostle caucasian eskimo",
    ],
)
def test_what_could_hurt_whoever_holds_the_card_is_never_drawn(kind):
    assert set(kind.split()) <= NEVER_DRAWN


def test_words_come_with_their_notice():
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
def test_correct_guesses_only_what_is_certain(word, meant):
    assert correct(word) == meant


def test_correct_gives_up_at_once_on_an_endless_word():
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
def test_split_takes_letters_for_words_and_all_else_for_gaps(text, parts):
    assert split(text) == parts
