"""What only the team reads is plain English: gettext stands around what residents read, and around nothing else."""

import ast
import re

import polib

from core import catalogues
from reports.management.translations import NOT, SOURCES
from tests.project.test_shape import ROOT, TEMPLATES, sources

MARKED = re.compile(r"\{% (?:block)?trans|\b_\(|\{% load [^%]*\bi18n\b")
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
MODULES = {
    path: path.read_text(encoding="utf-8")
    for path in sources("core", "newsroom", "reports", "config")
}


def asked_for(source):
    """Yield every text that a module gives to gettext."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in GETTEXT
        ):
            yield from (arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant))


def test_modules_ask_gettext_for_what_is_in_our_catalogues_alone():
    ours = {entry.msgid for entry in polib.pofile(str(catalogues.path_of("pl")))}
    asked = {text for source in MODULES.values() for text in asked_for(source)}
    assert len(asked) > 100
    assert asked - ours == set()


def test_templates_that_no_resident_reads_know_nothing_of_gettext():
    read = {path for glob in SOURCES for path in ROOT.glob(glob)} - {ROOT / name for name in NOT}
    marked = {path for path in TEMPLATES if MARKED.search(path.read_text(encoding="utf-8"))}
    assert len(marked) > 50
    assert marked - read == set()


def test_an_underscore_is_gettext_and_nothing_else():
    assert [
        path
        for path, source in MODULES.items()
        if re.search(r"import .*\b(?!gettext )\w+ as _\b", source)
    ] == []
