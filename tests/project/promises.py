"""`python -m tests.project.promises` writes docs/promises.md from the tests that have the mark `promise`.

The mark names the section of the document; what is promised is the first paragraph of the test's docstring. `control`
is the test beside it that breaks the promise and must be caught (after its class or its file, if that is another), or
True where the same test does both. `name` is the one that the promise has in reports/promises.py.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "promises.md"
SECTIONS = {
    "keys": "A stored tip opens only with a keyholder's words",
    "receiving": "What we said we received is on a disk",
    "messages": "You can find out what became of it",
    "sender": "Nothing about the sender is kept",
    "results": "The town learns what tips do, and nobody learns who told",
    "deleting": "What is deleted is gone",
    "team": "Staff answer for what they do",
    "police": "What is handed over shows nobody who told",
    "everybody": "Everybody can use it",
}
HEAD = """# Promises

What Streetlight promises, and the test that fails when a promise is broken: `./dev test --whole NODE_ID` runs it. A
control breaks the promise on purpose, or shows the test what it must tell apart; its name says how. Marks on the tests
write this page: `.venv/bin/python -m tests.project.promises`.

The privacy page repeats the promises that have a name, in words for residents, from `reports/promises.py`.
"""


class Promise(NamedTuple):
    """A promise, with the node ids of its test and of its control, and its name if the privacy page repeats it."""

    section: str
    says: str
    test: str
    control: str
    name: str

    @property
    def row(self) -> str:
        """Return its row of the document."""
        says = f"`{self.name}` {self.says}" if self.name else self.says
        control = "the same test" if self.control == self.test else f"`{self.control}`"
        return f"| {says} | `{self.test}`{f'<br>control: {control}' if self.control else ''} |"


def sentence(docstring: str | None) -> str:
    """Return the first paragraph of a docstring, on one line and without its full stop."""
    return " ".join((docstring or "").split("\n\n")[0].split()).removesuffix(".")


def functions(body: list[ast.stmt], above: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a module or class, each after its node id."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from functions(node.body, f"{above}::{node.name}")
        elif isinstance(node, ast.FunctionDef):
            yield f"{above}::{node.name}", node


def marked(file: str, source: str) -> Iterator[Promise]:
    """Yield the promises of a file of tests, in its order."""
    for test, node in functions(ast.parse(source).body if "mark.promise(" in source else [], file):
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise":
                given = {str(word.arg): ast.literal_eval(word.value) for word in mark.keywords}
                control = given.get("control", "")
                if control is True:
                    control = test
                elif control and not control.startswith("tests/"):
                    control = f"{file if '::' in control else test.rpartition('::')[0]}::{control}"
                says = sentence(ast.get_docstring(node))
                yield Promise(ast.literal_eval(mark.args[0]), says, test, control, given.get("name", ""))


def promises() -> list[Promise]:
    """Return all promises, by the paths of their tests."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [each for path in files for each in marked(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))]


def page(listed: list[Promise]) -> str:
    """Return the document that lists these promises."""
    parts = [HEAD]
    for section, title in SECTIONS.items():
        rows = [each.row for each in listed if each.section == section]
        parts.append("\n".join([f"## {title}\n\n| Promise | Test |\n|---|---|", *rows, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(page(promises()), encoding="utf-8")
