"""What no eye sees is found wherever it does nothing but hide; what scripts and emoji need stays."""

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.text.hidden_characters import DRAWN, MOST, code, pieces

RLO, ZWSP, ZWNJ, ZWJ, SHY = "\u202e", "\u200b", "\u200c", "\u200d", "\u00ad"
ACUTE = "\u0301"


def hidden(text):
    """Return what is hidden in a text."""
    return [piece.text for piece in pieces(text) if piece.hidden]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"Ask {RLO}SDRAWKCAB\u202c.", [RLO, "\u202c"]),
        (f"AB{ZWSP}12 CDE", [ZWSP]),
        (f"AB{ZWSP * 3}12 C{SHY}DE", [ZWSP * 3, SHY]),
        (
            "\u2066in\u2069 \u200eleft\u200f \u061c \ufeff\u2060",
            ["\u2066", "\u2069", "\u200e", "\u200f", "\u061c", "\ufeff\u2060"],
        ),
        ("a\u3164b\u2800c\u034fd", ["\u3164", "\u2800", "\u034f"]),
        ("a\x08b\x00\x7f\x9b", ["\x08", "\x00\x7f\x9b"]),
        (f"a{ACUTE * 5000}b", [ACUTE * 5000]),
        (f"a{ACUTE * (MOST + 1)}", [ACUTE * (MOST + 1)]),
        ("one\u2028two", ["\u2028"]),
        ("x\U000e0061\U000e0062", ["\U000e0061\U000e0062"]),
    ],
    ids=ascii,
)
def test_what_hides_is_found(text, found):
    assert hidden(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A grey van, “KX21 VBN”, £5 – twice…\n\tThen it left.\r\n",
        f"می{ZWNJ}خواهم و خانه{ZWNJ}ها",  # Persian
        f"شہر{ZWNJ}کے اندر",  # Urdu
        f"क्{ZWJ}ष and ন্{ZWNJ}ত",  # Hindi, Bengali
        f"\U0001f468\U0001f3fe{ZWJ}\U0001f4bb \u2764\ufe0f{ZWJ}\U0001f525 \U0001f642{ZWJ}\u2194\ufe0f",
        "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",  # Wales
        "Tiếng Việt, été, e" + ACUTE * MOST,
        "שָׁלוֹם בְּרֵאשִׁ֖ית",  # Hebrew, with points and marks of song
        "۝ 7",
    ],
    ids=ascii,
)
def test_what_scripts_and_emoji_need_stays(text):
    assert hidden(text) == []


@given(st.text(st.sampled_from(f"aA1 \n{RLO}{ZWSP}{ZWNJ}{ZWJ}{ACUTE}م\U0001f600\ufe0f\x00")))
def test_the_pieces_are_the_text_and_no_two_that_are_seen_stand_side_by_side(text):
    found = list(pieces(text))
    assert "".join(piece.text for piece in found) == text
    assert all(piece.text for piece in found)
    assert not any(one.hidden is other.hidden is False for one, other in pairwise(found))


def test_every_character_drawn_as_nothing_is_found_between_two_latin_letters():
    unseen = [
        letter for letter in map(chr, range(sys.maxunicode)) if unicodedata.category(letter) == "Cf"
    ]
    missed = [letter for letter in unseen if hidden(f"a{letter}b") != [letter]]
    assert len(unseen) > 150
    assert set(missed) == {*DRAWN, ZWNJ, ZWJ}, [code(letter) for letter in missed]
