"""The house keeps its shape: small files, small functions, named rooms, and promises that have their tests."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "core", "newsroom", "reports", "tests")
FILE_LINES, FUNCTION_LINES, TEMPLATE_COLUMNS = 600, 40, 140
VIEW_LINES, ADMIN_VIEW_LINES = 15, 25
JOINED = 3  # how many `and` and `or` one condition may have; how many ways a function has, ruff counts
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "signals", "misc", "lib"}
HTTP = ("django.http", "django.views", "django.urls", "django.shortcuts")


def sources(*rooms: str) -> list[Path]:
    """Return the Python files of these rooms, migrations left out."""
    return sorted(
        path
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.relative_to(ROOT).parts
    )


def texts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield the name, from the project's folder, and the text of each of these files."""
    for path in paths:
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield each function of a file."""
    inside: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    for node in inside:  # statements alone: to look into every expression takes as long again
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            below = getattr(node, part, [])
            inside += below if isinstance(below, list) else []


def takes_request(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function has an argument `request`, as a view has."""
    return any(argument.arg == "request" for argument in function.args.args)


def too_long(paths: list[Path], limit: int, *, views_only: bool = False) -> list[str]:
    """Return the functions of these files that have more lines than the limit, their decorators left out."""
    return [
        f"{path.name}:{function.name}"
        for path in paths
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > limit and (takes_request(function) or not views_only)
    ]


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def joined(text: str) -> Iterator[tuple[int, int]]:
    """Yield the line of each condition of a module that is joined, and how many `and` and `or` it has."""
    nodes: list[ast.AST] = [ast.parse(text)]
    for node in nodes:
        if isinstance(node, ast.BoolOp):
            yield node.lineno, sum(len(part.values) - 1 for part in ast.walk(node) if isinstance(part, ast.BoolOp))
        else:
            nodes += ast.iter_child_nodes(node)


def test_no_condition_joins_too_much() -> None:
    found = [(name, *condition) for name, text in texts(sources(*ROOMS)) for condition in joined(text)]
    assert [(name, line) for name, line, count in found if count > JOINED] == []


def test_control_a_condition_is_counted_with_all_that_is_inside_it() -> None:
    inside = "if a and not (b or c) or any(d and e for d in f):\n    g(h or i)\n    j = k < l\n"
    assert list(joined(inside)) == [(1, 4), (2, 1)]


def test_files_are_small_and_well_named() -> None:
    files = sources(*ROOMS)
    assert [name for name, text in texts(files) if len(text.splitlines()) > FILE_LINES] == []
    named = [path.relative_to(ROOT) for path in files]
    assert [path for path in named if FORBIDDEN_NAMES & {part.removesuffix(".py") for part in path.parts}] == []


def test_no_function_is_long() -> None:
    assert too_long(sources(*ROOMS), FUNCTION_LINES) == []


def test_no_view_is_long() -> None:
    views = [ROOT / "newsroom" / "views.py", *sorted((ROOT / "reports" / "views").glob("*.py"))]
    assert too_long(views, VIEW_LINES) == []
    assert too_long(sources("newsroom/admin", "reports/admin"), ADMIN_VIEW_LINES, views_only=True) == []


def test_control_a_long_view_is_found_where_views_alone_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "page.py"
    path.write_text("def show(request, pk):\n    a = 1\n    return a\n\n\ndef rows(links):\n    a = 1\n    return a\n")
    assert too_long([path], 3) == []
    assert too_long([path], 2, views_only=True) == ["page.py:show"]
    assert too_long([path], 2) == ["page.py:show", "page.py:rows"]


@pytest.mark.parametrize("app", ["newsroom", "reports"])
def test_both_apps_import_every_module_of_core(app: str) -> None:
    modules = {f"core.{path.stem}" for path in sources("core") if path.stem != "__init__"}
    assert modules - set().union(*map(imports, sources(app))) == set()


# Modules that clash with another name where they are imported, so that they get a name of their own there.
ALIASES = {
    "config.settings": "real",
    "core.place": "local",
    "newsroom.domain.revisions": "history",
    "newsroom.domain.search": "news_search",
    "newsroom.views": "news",
    "reports.admin.desk.drafts": "pages",
    "reports.admin.people.sign_in": "pages",
    "reports.admin.tips.forms": "tip_forms",
    "reports.admin.tips.page": "tip_page",
    "reports.domain.desk": "desk_domain",
    "reports.domain.mailbox.messages": "letters",
    "reports.domain.search": "searching",
    "reports.domain.triage.safety": "decisions",
    "reports.domain.triage.undo": "undoing",
    "reports.models.arrivals": "models",
    "reports.questions": "sheet",
    "reports.views.mailbox": "mailbox_views",
    "tests.reports.domain.audit.tampering": "of_the_record",
    "tests.system.harness.home": "homes",
    "tests.system.proofs.__main__": "proofs",
}


def renamed(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each module of ours that a file imports under another name, with that name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            module = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            at = ROOT / module.replace(".", "/")
            if alias.asname and (at.is_dir() or at.with_suffix(".py").is_file()):
                yield module, alias.asname


def test_modules_keep_their_names_where_they_are_imported() -> None:
    found = {(module, name) for path in sources(*ROOMS) for module, name in renamed(path)}
    assert found == set(ALIASES.items())


def test_rules_speak_no_http() -> None:
    rules = sources("reports/domain", "newsroom/domain", "reports/sealing")
    assert [(path.name, module) for path in rules for module in imports(path) if module.startswith(HTTP)] == []


def test_verbs_that_staff_use_take_keywords_only() -> None:
    rules = texts(sources("reports/domain", "newsroom/domain"))
    verbs = [
        (name, verb, taken) for name, text in rules for verb, taken in re.findall(r"(?m)^def (\w+)\(([^*)]*)", text)
    ]
    assert len(verbs) > 500
    assert [(name, verb) for name, verb, taken in verbs if re.search(r"\bby\b", taken)] == []


TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def test_templates_have_no_long_line() -> None:
    lines = [(name, line) for name, text in texts(TEMPLATES) for line in text.splitlines()]
    assert [(name, line) for name, line in lines if len(line) > TEMPLATE_COLUMNS] == []


def test_desk_reads_what_was_sent_through_a_form() -> None:
    desk = texts(sources("reports/admin"))
    assert [name for name, text in desk if re.search(r"request\.POST(\[|\.get)", text)] == []


def test_no_template_has_an_inline_style_script_or_handler() -> None:
    pages = dict(texts([path for path in TEMPLATES if path.suffix == ".html"]))
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=\s*[\"']|javascript:")
    assert [name for name, text in pages.items() if inline.search(text)] == []
    scripts = [(name, script) for name, text in pages.items() for script in re.findall(r"<script\b[^>]*>", text)]
    assert [one for one in scripts if "src=" not in one[1] and 'type="application/ld+json"' not in one[1]] == []


def test_no_machine_workplace_or_half_merge_leaks_into_the_project() -> None:
    leaks = r"^(<{7}|>{7}) |uv\.lock|files\.pythonhosted|index-url http|/work/|registry\.npmjs"
    words = re.compile(leaks, re.IGNORECASE | re.MULTILINE)
    texts = [path for path in ROOT.glob("[!.]*") if path.is_file() and path.suffix in (".md", ".txt", ".toml", "")]
    texts += [path for room in ("docs", "deploy", ".ci") for path in (ROOT / room).rglob("*") if path.is_file()]
    assert [path.name for path in texts if words.search(path.read_text(encoding="utf-8", errors="ignore"))] == []


def test_every_folder_of_slow_tests_is_run() -> None:
    runs = (ROOT / "dev").read_text(encoding="utf-8").partition("system_tests() {")[2].partition("}")[0].split()
    folders = {path.parent for path in (ROOT / "tests/system").glob("*/test_*.py")}
    assert len(folders) > 4
    assert {str(folder.relative_to(ROOT)) for folder in folders} <= set(runs)
