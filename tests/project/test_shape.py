"""The house keeps its shape: small files, small functions, named rooms, and promises that have their tests."""

import ast
import re
from collections.abc import Iterator
from itertools import accumulate, takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "newsroom", "reports", "tests")
FILE_LINES, FUNCTION_LINES, VIEW_LINES, TEMPLATE_COLUMNS = 600, 40, 15, 140
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


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function's name and how many lines it has, its decorators left out."""
    inside: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    for node in inside:  # statements alone: to look into every expression takes as long again
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            below = getattr(node, part, [])
            inside += below if isinstance(below, list) else []


def too_long(paths: list[Path], limit: int) -> list[str]:
    """Return the functions of these files that are longer than the limit."""
    return [f"{path.name}:{name} {lines}" for path in paths for name, lines in functions(path) if lines > limit]


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


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
# White space beside a word counts in these, or a link's end stands behind its text, which the measure does not follow.
UNMEASURED = {"_entry.html", "_difference.html", "_pieces.html", "_snippet.html", "_person.html", "_picture.html"}
UNMEASURED |= {"outcome.html"}
BLOCKS = {"autoescape", "block", "blocktranslate", "comment", "filter", "for", "if", "spaceless", "with"}
MIDDLES = {"else", "elif", "empty", "plural"}
VOID = {"base", "br", "circle", "hr", "img", "input", "link", "meta", "path", "rect", "source"}
INLINE = {"a", "abbr", "b", "bdi", "button", "code", "em", "label", "mark", "small", "span", "strong", "time"}
MARK = re.compile(r"""
    {%\ (?P<word>\w+).*?%} | {{.*?}} | {\#.*?\#}
    | <(?P<closing>/?)(?P<tag>[a-z][\w-]*|{{\ level\ }})(?P<rest>(?:{%.*?%}|{{.*?}}|"[^"]*"|[^>"])*?)(?P<end>>|$)
    | ^\s*(?P<lone>>)
""", re.VERBOSE)  # fmt: skip


def steps(line: str, inside: list[str]) -> Iterator[int]:
    """Yield -1 or 1 for each mark of a line that ends or begins a level; `inside` holds a tag that goes on below."""
    for mark in MARK.finditer(line):
        word, tag = mark["word"] or "", mark["tag"] or ""
        first, last = not line[: mark.start()].strip(), not line[mark.end() :].strip()
        if inside:  # the attributes of a tag, one a line
            if mark["lone"]:
                yield from (-1,) if inside[0] in VOID else (-1, 1)
                inside.clear()
        elif word in MIDDLES:
            yield from (-1, 1)
        elif word in BLOCKS:
            yield 1
        elif word.removeprefix("end") in BLOCKS:
            yield -1
        elif tag and not mark["end"]:
            inside.append(tag)
            yield 1
        elif tag and tag not in VOID and (tag not in INLINE or (first if mark["closing"] else last)):
            yield -1 if mark["closing"] else 1


def badly_indented(text: str) -> list[str]:
    """Return the lines of a template that do not stand two spaces deeper for each level that is open around them.

    A level is a block of the template language or an element; one that stands in the middle of a line of text, such as
    a link in a sentence, is none. What stands in a `textarea` or `pre` is left alone.
    """
    found, depth, inside = [], 0, list[str]()
    text = re.sub(r"(<(textarea|pre)\b[^<]*?>).*?(</\2>)", r"\1\3", text, flags=re.DOTALL)
    for line in text.splitlines():
        moves = list(steps(line, inside))
        level = depth + min([0, *accumulate(takewhile(lambda move: move < 0, moves))])
        if line and len(line) - len(line.lstrip()) != 2 * level:
            found.append(line)
        depth += sum(moves)
    return found


def test_templates_are_indented_and_have_no_long_line() -> None:
    lines = [(name, line) for name, text in texts(TEMPLATES) for line in text.splitlines()]
    assert [(name, line) for name, line in lines if len(line) > TEMPLATE_COLUMNS] == []
    measured = [path for path in TEMPLATES if path.suffix in (".html", ".svg") and path.name not in UNMEASURED]
    assert [(name, line) for name, text in texts(measured) for line in badly_indented(text)] == []


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
