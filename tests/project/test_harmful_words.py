"""Sentences that were harmful, wrong in law, or more than we keep do not come back."""

import re

import pytest

from tests.project.test_shape import ROOT, sources, texts

# What was said (a regular expression, in which a space is any white space), and what is true instead.
HARMFUL = {
    "not even people you trust": "advice that isolates nobody",
    "could not tell where this came from": "“Please check your message again, then press Send.”",
    "filled in by a person": "“Our spam check could not confirm this message”",
    "police (?:cannot|can never|may not) (?:arrest|search|enter|get a warrant)": "“Police usually need more than an "
    "anonymous tip”",
    "here or anywhere online|do not name or guess": "“in public or online”",
    "screenshot of it": "“If you take a screenshot, crop it”",
    "names in any language": "what we look for, and that we will miss some",
    "received is not lost": "“is stored on disk before we tell you that we have it”",
    "last month’s copy": "“may be in a locked backup for up to 35 days”",
    "let us go": "until we are allowed to delete it",
    "nothing is deleted early": "the schedule, with its exceptions",
    "opens a tip, it is written": "“Each time someone reads what you wrote, it is recorded”",
    "see from them that they once did": "“nobody will be able to tell that they once did”",
}
PEOPLE_READ = [
    *sorted((ROOT / "templates").rglob("*.*")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
    *sources("core", "newsroom", "reports"),
]


def found_in(text):
    """Return what of HARMFUL a text says."""
    said = " ".join(text.split())
    return [sentence for sentence in HARMFUL if re.search(sentence, said, re.IGNORECASE)]


def test_no_harmful_sentence_comes_back():
    assert len(PEOPLE_READ) > 600
    wrong = {name: found for name, text in texts(PEOPLE_READ) if (found := found_in(text))}
    assert wrong == {}, {
        sentence: HARMFUL[sentence] for found in wrong.values() for sentence in found
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Tell nobody, not even\n  people you trust.", "not even people you trust"),
        (
            "The police may not enter.",
            "police (?:cannot|can never|may not) (?:arrest|search|enter|get a warrant)",
        ),
    ],
)
def test_control_a_harmful_sentence_is_found_over_lines_and_in_any_case(text, sentence):
    assert found_in(text.upper()) == [sentence]
