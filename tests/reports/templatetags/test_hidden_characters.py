"""A mark names what is hidden; the text itself is escaped, and stands there as it was sent."""

import html
import re

import pytest

from reports.templatetags.hidden_characters import show_hidden

RLO, ZWSP, ACUTE = "\u202e", "\u200b", "\u0301"


def copied(text):
    """Return what a browser copies of a text that is shown: what its elements hold."""
    return html.unescape(re.sub(r"<[^>]*>", "", show_hidden(text)))


def labels(text):
    """Return what the boxes say."""
    return re.findall(r'data-code="([^"]*)"', show_hidden(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RLO, ["U+202E"]),
        (ZWSP * 5000, ["U+200B × 5000"]),
        (ZWSP + RLO, ["U+200B U+202E"]),
        (ZWSP + RLO + "\u2060\u2061", ["U+200B U+202E U+2060 + 1"]),
        ("a" + ACUTE * 5000, ["5000 accents"]),
        ("\x08", ["U+0008"]),
        ("A van, twice.", []),
    ],
    ids=ascii,
)
def test_the_mark_says_what_and_how_many(text, said):
    assert labels(text) == said


@pytest.mark.parametrize(
    "text",
    [f"<b>&amp; {RLO}<script>\"'</b>", f"AB{ZWSP}12 CDE", "plain <i>", f"a{ACUTE * 9}<"],
    ids=ascii,
)
def test_what_was_typed_is_escaped_and_copied_as_it_was_sent(text):
    assert copied(text) == text
    assert set(re.findall(r"<[^>]*>", show_hidden(text))) <= {
        "</bdi>",
        *re.findall(r"<bdi [^>]*>", show_hidden(text)),
    }
