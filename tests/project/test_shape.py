"""What no other tool looks at: names of modules, rules that speak no HTTP, templates that hold no script."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "core", "newsroom", "reports", "tests")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "signals", "misc", "lib"}
HTTP = ("django.http", "django.views", "django.urls", "django.shortcuts")


def sources(*rooms):
    """Return the Python files of these rooms, migrations left out."""
    return sorted(
        path
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.relative_to(ROOT).parts
    )


def texts(paths):
    """Yield the name, from the project's folder, and the text of each of these files."""
    for path in paths:
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def imports(path):
    """Return the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_no_module_has_a_name_that_says_nothing():
    named = [path.relative_to(ROOT) for path in sources(*ROOMS)]
    assert [
        path
        for path in named
        if FORBIDDEN_NAMES & {part.removesuffix(".py") for part in path.parts}
    ] == []


@pytest.mark.parametrize("app", ["newsroom", "reports"])
def test_both_apps_import_every_module_of_core(app):
    modules = {f"core.{path.stem}" for path in sources("core") if path.stem != "__init__"}
    assert modules - set().union(*map(imports, sources(app))) == set()


def test_rules_speak_no_http():
    rules = sources("reports/domain", "newsroom/domain", "reports/sealing")
    assert [
        (path.name, module) for path in rules for module in imports(path) if module.startswith(HTTP)
    ] == []


def test_verbs_that_staff_use_take_keywords_only():
    rules = texts(sources("reports/domain", "newsroom/domain"))
    verbs = [
        (name, verb, taken)
        for name, text in rules
        for verb, taken in re.findall(r"(?m)^def (\w+)\(([^*)]*)", text)
    ]
    assert len(verbs) > 500
    assert [(name, verb) for name, verb, taken in verbs if re.search(r"\bby\b", taken)] == []


TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def test_desk_reads_what_was_sent_through_a_form():
    desk = texts(sources("reports/admin"))
    assert [name for name, text in desk if re.search(r"request\.POST(\[|\.get)", text)] == []


def test_no_template_has_an_inline_style_script_or_handler():
    pages = dict(texts([path for path in TEMPLATES if path.suffix == ".html"]))
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=\s*[\"']|javascript:")
    assert [name for name, text in pages.items() if inline.search(text)] == []
    scripts = [
        (name, script)
        for name, text in pages.items()
        for script in re.findall(r"<script\b[^>]*>", text)
    ]
    assert [
        one
        for one in scripts
        if "src=" not in one[1] and 'type="application/ld+json"' not in one[1]
    ] == []


def test_no_machine_workplace_or_half_merge_leaks_into_the_project():
    leaks = r"^(<{7}|>{7}) |uv\.lock|files\.pythonhosted|index-url http|/work/|registry\.npmjs"
    words = re.compile(leaks, re.IGNORECASE | re.MULTILINE)
    texts = [
        path
        for path in ROOT.glob("[!.]*")
        if path.is_file() and path.suffix in (".md", ".txt", ".toml", "")
    ]
    texts += [
        path
        for room in ("docs", "deploy", ".ci")
        for path in (ROOT / room).rglob("*")
        if path.is_file()
    ]
    assert [
        path.name
        for path in texts
        if words.search(path.read_text(encoding="utf-8", errors="ignore"))
    ] == []


def test_every_folder_of_slow_tests_is_run():
    runs = (
        (ROOT / "dev")
        .read_text(encoding="utf-8")
        .partition("system_tests() {")[2]
        .partition("}")[0]
        .split()
    )
    folders = {path.parent for path in (ROOT / "tests/system").glob("*/test_*.py")}
    assert len(folders) > 4
    assert {str(folder.relative_to(ROOT)) for folder in folders} <= set(runs)
