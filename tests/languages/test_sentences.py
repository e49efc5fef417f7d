"""No refusal, mail or sentence of the code is plain: each goes through the translations."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from reports.domain import enquiries, handover, search, triage
from reports.domain.audit import verification
from reports.domain.errors import Refused
from reports.domain.handover import urgent_calls
from reports.domain.health.faults import FAULTS
from reports.domain.keys import keyholders, phrases
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.people import joining
from reports.domain.retention import hold
from reports.domain.tips import opening
from reports.domain.triage import safety
from reports.models import Tip
from tests.languages import pseudo
from tests.languages.plain import outside
from tests.project.test_shape import ROOT, sources

LONG = "z" * 30_000

REFUSALS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an empty note": lambda at: triage.note(tip=at["tip"], text=" ", by=at["by"]),
    "a long note": lambda at: triage.note(tip=at["tip"], text=LONG, by=at["by"]),
    "a move that there is not": lambda at: triage.move(tip=at["tip"], to="passed_on", by=at["by"]),
    "a close without what was done": lambda at: triage.move(tip=at["urgent"], to="spam", by=at["by"]),
    "a danger without a choice": lambda at: safety.add(
        tip=at["tip"], kind="closed", choice="", text="Yes.", by=at["by"]
    ),
    "a tip for a stranger": lambda at: triage.assign(tip=at["tip"], to=at["stranger"], by=at["by"]),
    "an empty message": lambda at: messages.write(tip=at["tip"], text="", question=False, by=at["by"], keys=at["keys"]),
    "a search for nothing": lambda at: search.search(words="", by=at["by"], keys=at["keys"]),
    "a codename that says something": lambda at: enquiries.begin(by=at["by"], codename="A1 B2"),
    "a long summary": lambda at: enquiries.begin(by=at["by"], summary=LONG),
    "an empty pack": lambda at: handover.draft(tips=[], by=at["by"]),
    "a call to nobody": lambda at: urgent_calls.record(
        tip=at["tip"], to="", whom="", when="", reference="", by=at["by"]
    ),
    "a hold without a reason": lambda at: hold(tip=at["tip"], by=at["by"], reason=""),
    "a reason that there is not": lambda at: opening.reveal(tip=at["tip"], reason="", by=at["by"], keys=at["keys"]),
    "wrong words": lambda at: phrases.identity_of(user=at["by"], phrase="a b c d e f"),
    "a rotation by an officer": lambda at: keyholders.rotate(by=at["by"], phrase=at["phrase"]),
    "a wrong code": lambda at: joining.open_invitation(username="nobody", code="x"),
    "a mark that is none": lambda at: verification.knows("x"),
}


@pytest.fixture
def at(officer: User, phrase: str, keys: Keys, send: Callable[..., Tip], django_user_model: Any) -> dict[str, Any]:
    """Return what the refusals are about."""
    stranger = django_user_model.objects.create_user("zzstranger")
    return {
        "tip": send(),
        "urgent": send(danger="yes"),
        "by": officer,
        "keys": keys,
        "phrase": phrase,
        "stranger": stranger,
    }


def test_every_refusal_is_translated(at: dict[str, Any], strange: None) -> None:
    for name, refuse in REFUSALS.items():
        with pytest.raises(Refused) as refused:
            refuse(at)
        assert str(refused.value).startswith(pseudo.OPEN), name
        assert outside(str(refused.value)) == ([], 0), name


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
