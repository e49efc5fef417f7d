"""Sentences that were harmful, wrong in law or more than we keep: none of their kind may come back."""

import re

import pytest

from tests.project.test_shape import ROOT, sources

HARMFUL = {  # what may not be said, and a sentence that says it
    r"not even people you trust": "Not even people you trust.",
    r"in trouble(?! with us)": "You are not in trouble for it.",
    r"could not tell where this came from": "We could not tell where this came from. Press Send.",
    r"filled in by a person": "We could not see that the form was filled in by a person.",
    r"police (?:cannot|can never|may not) (?:arrest|search|enter|get a warrant)": "The police cannot search a home.",
    r"nameless report": "Nobody is arrested on a nameless report alone.",
    r"here or anywhere online|do not name or guess": "Please do not name or guess at anybody, here or anywhere online.",
    r"screenshot of it": "Take a screenshot of it and send that instead.",
    r"names in any language": "We looked for user names and names in any language.",
    r"received is not lost": "What we said we received is not lost.",
    r"last month’s copy": "What is deleted cannot be read from last month’s copy.",
    r"let us go": "We must keep it until they let us go.",
    r"nothing is deleted early": "Nothing is deleted early, and at the most six days late.",
    r"opens a tip, it is written": "Each time somebody opens a tip, it is written down.",
    r"officer of the desk|lead of the desk": "officer of the desk, holds a key and has read it",
}
TEXTS = [
    *sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix in (".html", ".txt", ".js")),
    *sorted((ROOT / "static" / "js").glob("*.js")),
    *sources("reports", "newsroom"),
]


def harmful(text: str) -> list[str]:
    """Return which of these are said in a text, whatever its lines and its quotes."""
    said = " ".join(re.sub(r"\"\s*\n\s*\"", "", text).split())
    return [pattern for pattern in HARMFUL if re.search(pattern, said, re.IGNORECASE)]


def test_no_page_and_no_sentence_of_the_code_says_one_of_them() -> None:
    found = {str(path.relative_to(ROOT)): harmful(path.read_text(encoding="utf-8")) for path in TEXTS}
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize(("pattern", "sentence"), HARMFUL.items())
def test_each_of_them_is_found_across_lines(pattern: str, sentence: str) -> None:
    assert harmful(sentence.replace(" ", "\n      ")) == harmful(sentence)
    assert pattern in harmful(f"<p>{sentence}</p>")


def test_a_promise_of_no_trouble_with_us_is_kept() -> None:
    assert harmful("You will not be in trouble with us for telling.") == []
