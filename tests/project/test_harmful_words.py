"""Sentences that were harmful, wrong in law or more than we keep: none of their kind may come back."""

import re

from tests.project.test_shape import ROOT, sources

HARMFUL = [
    r"not even people you trust",
    r"in trouble(?! with us)",
    r"could not tell where this came from",
    r"filled in by a person",
    r"police (?:cannot|can never|may not) (?:arrest|search|enter|get a warrant)",
    r"nameless report",
    r"here or anywhere online|do not name or guess",
    r"screenshot of it",
    r"names in any language",
    r"received is not lost",
    r"last month’s copy",
    r"let us go",
    r"nothing is deleted early",
    r"opens a tip, it is written",
    r"officer of the desk|lead of the desk",
]
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
