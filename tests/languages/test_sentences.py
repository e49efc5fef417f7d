"""No refusal, mail or sentence of the code is plain: each goes through the translations."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.template.loader import render_to_string

from reports.domain.health.faults import FAULTS
from tests.languages import pseudo
from tests.languages.plain import outside
from tests.project.test_shape import ROOT, sources


@pytest.mark.parametrize("becomes", ["", "unwatched", "closed"])
@pytest.mark.parametrize("name", ["unread", "urgent", "weekly", "ill"])
def test_mail_is_translated(name: str, becomes: str, strange: None) -> None:
    known = {"origin": "https://zz.example", "becomes": becomes, "days": 2, "mark": "0a1b2 c3d4e", "due": True}
    known |= {"command": "/zz/manage", "manage": "/zz/manage", "causes": list(FAULTS.values()), "unit": "zz.service"}
    text = render_to_string(f"emails/{name}.txt", known)
    assert text.count(pseudo.OPEN) >= 2
    assert outside(text) == ([], 0)


# The rest of the code, which no walk reaches.

SENTENCE = re.compile(r"(?s)[A-Z“%{][^\n]*[a-z]{2,} [^\n]*[a-z]{2,}.*[.!?]”?")
ROOMS = ("admin", "domain", "forms.py", "graphics", "models", "questions.py", "text", "views")
FOR_PROGRAMMERS = {
    "A tip is held for a transaction; there is none.",
    "The record cannot be changed.",  # what the database's trigger says
    "The stored key is damaged.",  # why, in brackets after the sentence for people
    "{}, line {}: “{}” cannot be read ({}).",  # of a file of phrases, while the program starts
    "{}: a name and {} lines are needed, and these are {}.",  # of a file of another language, at the same time
    "The view of {} does not say which right it asks for: see newsroom/admin/rights.py.",
}


def plain_sentences(source: str) -> Iterator[str]:
    """Yield the sentences of a module that are no docstring, go into no log, and through no translation."""
    tree = ast.parse(source)
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(node.value)
        elif isinstance(node, ast.Call) and _translates_or_logs(node.func):
            passed |= set(ast.walk(node))
        elif isinstance(node, ast.JoinedStr) and node not in passed:
            passed |= set(node.values)
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield from [text] if SENTENCE.fullmatch(text) else []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in passed:
            yield from [node.value] if SENTENCE.fullmatch(node.value) else []


def _translates_or_logs(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr in pseudo.CALLS or (isinstance(called.value, ast.Name) and called.value.id == "log")
    return isinstance(called, ast.Name) and called.id in pseudo.CALLS


def test_no_sentence_of_the_code_is_plain() -> None:
    found = {}
    for path in sources("reports"):
        room = path.relative_to(ROOT / "reports").parts[0]
        if room in ROOMS and path.name != "demo.py":  # which is invented, and for this machine's owner
            texts = set(plain_sentences(path.read_text(encoding="utf-8"))) - FOR_PROGRAMMERS
            found |= {path.name: texts} if texts else {}
    assert found == {}
