"""The promises that tests keep, by their mark `promise`: `python -m tests.project.promises` prints them.

`--write` writes docs/promises.md instead: what the privacy page promises, with the tests that bear it out.

The mark names a section; what is promised is the first paragraph of the test's docstring. `control` is the test beside
it that breaks the promise and must be caught (after its class or its file, if that is another), or True where the same
test does both. `name` is the promise of reports/promises.py that the test bears out.
"""

import argparse
import ast
import sys
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from reports.promises import PROMISES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "promises.md"
SECTIONS = {
    "keys": "A stored tip opens only with a keyholder's words",
    "receiving": "What we said we received is on a disk",
    "messages": "You can find out what became of it",
    "sender": "Nothing about the sender is kept",
    "danger": "Someone reads, and no danger is forgotten",
    "results": "The town learns what tips do, and nobody learns who told",
    "deleting": "What is deleted is gone",
    "team": "The team answers for what it does",
    "work": "Nobody's work is lost or overwritten",
    "police": "What is passed on shows nobody who told",
    "machine": "Nobody makes the server act for them",
    "everybody": "Everybody can use it",
}
HEAD = """# Promises

The eleven promises of the page “Our promises”, each with the tests that bear it out. `./dev test --whole TEST` runs
one. A control breaks the promise on purpose, or shows the test what it must tell apart.

`.venv/bin/python -m tests.project.promises` prints all promises that tests keep. With `--write` it writes this page
from the marks on the tests and from `reports/promises.py`.
"""


class Promise(NamedTuple):
    """A promise, with the node ids of its test and of its control, and the name that the privacy page has for it."""

    section: str
    says: str
    test: str
    control: str
    name: str

    @property
    def line(self):
        """Return it as an item of a list, with its test and its control."""
        if not self.control:
            return f"- {self.says}: `{self.test}`"
        control = "the same test" if self.control == self.test else f"`{self.control}`"
        return f"- {self.says}: `{self.test}`, control: {control}"


def sentence(docstring):
    """Return the first paragraph of a docstring, on one line and without its full stop."""
    return " ".join((docstring or "").split("\n\n")[0].split()).removesuffix(".")


def functions(body, above):
    """Yield the functions of a module or class, each after its node id."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from functions(node.body, f"{above}::{node.name}")
        elif isinstance(node, ast.FunctionDef):
            yield f"{above}::{node.name}", node


def marked(file, source):
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
                yield Promise(
                    ast.literal_eval(mark.args[0]), says, test, control, given.get("name", "")
                )


def promises():
    """Return all promises, by the paths of their tests."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [
        each
        for path in files
        for each in marked(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    ]


def page(listed):
    """Return the document: each promise of the privacy page, with the tests that bear it out."""
    parts = [HEAD]
    for promise in PROMISES:
        lines = [each.line for each in listed if each.name == promise.name]
        parts.append("\n".join([f"## `{promise.name}`\n\n{promise.says}\n", *lines, ""]))
    return "\n".join(parts)


def everything(listed):
    """Return all promises, by their sections."""
    parts = []
    for section, title in SECTIONS.items():
        lines = [each.line for each in listed if each.section == section]
        parts.append("\n".join([f"{title}\n", *lines, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.project.promises")
    parser.add_argument("--write", action="store_true", help="write docs/promises.md")
    if parser.parse_args().write:
        settings.configure(USE_I18N=False)
        DOCUMENT.write_text(page(promises()), encoding="utf-8")
    else:
        sys.stdout.write(everything(promises()))
