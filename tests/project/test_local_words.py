"""Templates, scripts and sentences name nothing of a place: its folder does."""

import ast
import re
from pathlib import Path

import pytest

from tests.project.test_shape import ROOT, sources

LOCAL = re.compile(
    r"tel:|0800|\b(?:999|101|18000|18001|Milton Keynes|Thames Valley)\b"
    r"|\b(?:Crimestoppers|Childline|NSPCC)\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
# Drawings have numbers for lines and curves.
TEMPLATES = [
    path
    for path in sorted((ROOT / "templates").rglob("*.*"))
    if path.suffix in (".html", ".txt", ".xml")
]
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
LANGUAGES = sorted((ROOT / "reports" / "text" / "languages").glob("*.txt"))


def sentences(source):
    """Yield every text of more than one word but docstrings: what people may read."""
    tree = ast.parse(source)
    silent = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in silent
            and " " in node.value
        ):
            yield node.value


def local_words(path, text):
    if path.suffix != ".py":
        return LOCAL.findall(COMMENT.sub("", text))
    found = [word for sentence in sentences(text) for word in LOCAL.findall(sentence)]
    return [word for word in found if word != "tel:"]  # a module may make the link of any number


def test_nothing_of_a_place_stands_in_templates_scripts_and_sentences():
    files = [*TEMPLATES, *SCRIPTS, *LANGUAGES, *sources("core", "newsroom", "reports", "config")]
    assert len(TEMPLATES) > 100
    assert len(SCRIPTS) > 3
    found = {
        str(path.relative_to(ROOT)): local_words(path, path.read_text(encoding="utf-8"))
        for path in files
    }
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.html", '<a href="tel:1">In Milton Keynes</a>', ["tel:", "Milton Keynes"]),
        ("a.html", "{# In Milton Keynes #}{{ numbers.one }} 1999", []),
        ("a.js", "say('Call 999, or 0800 555 111')", ["999", "0800"]),
        (
            "a.py",
            '"""At 101."""\nx = f("Call 101" " in Milton Keynes")\ny = "101"',
            ["101", "Milton Keynes"],
        ),
        ("a.py", 'x = f"{name}, call Childline"', ["Childline"]),
    ],
)
def test_control_what_is_planted_is_found(name, text, words):
    assert local_words(Path(name), text) == words
