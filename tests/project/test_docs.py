"""What the documents say is so: every test, file, setting, check and column that they name exists; none is left out."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

from reports.domain.health.faults import FAULTS
from reports.domain.retention import schedule
from reports.models import Status

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ARCHITECTURE, DESK, OPERATIONS = (
    ROOT / "docs" / name for name in ("architecture.md", "desk.md", "operations.md")
)
CONTRIBUTING, DEPENDENCIES = ROOT / "CONTRIBUTING.md", ROOT / "docs" / "dependencies.md"
DEFINED = r"(?m)^(?:def |class )?{}\b"
ENVIRONMENT, NGINX = ROOT / "deploy" / "environment.example", ROOT / "deploy" / "nginx.conf"
PRIVACY = ROOT / "templates" / "reports" / "about" / "privacy.html"
ROOMS = (
    "config",
    "core",
    "newsroom",
    "reports",
    "templates",
    "static",
    "seeds",
    "tests",
    "deploy",
    "docs",
    ".ci",
)
READERS = set(
    "text flag number steps choice items domain onion database kept_secret run_folder".split()  # noqa: SIM905
)
# The rows of the privacy page, by the status whose days each prints, and the statuses that it speaks of.
PRIVACY_ROWS = {
    Status.SPAM: {Status.SPAM},
    Status.NO_ACTION: {Status.NO_ACTION, Status.NOT_FOR_US},
    Status.PASSED_ON: {Status.PASSED_ON},
}


def words_of(path):
    """Return a document without its blocks of code."""
    return re.sub(
        r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )


def section(path, title):
    """Return the text below a heading, up to the next of its level or above."""
    level, rest = re.split(
        rf"^(#+) {re.escape(title)}$", path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )[1:3]
    return re.split(rf"^#{{1,{len(level)}}} ", rest, flags=re.MULTILINE)[0]


def anchors(text):
    """Return the names by which links reach the headings of a text."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def broken_links(path):
    """Return the links of a document that lead to no file of ours or no heading in it."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", words_of(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name).resolve() if name else path
        if not found.exists() or (
            anchor and anchor not in anchors(found.read_text(encoding="utf-8"))
        ):
            broken.append(target)
    return broken


def missing_files(text):
    """Return the paths in code spans that begin with one of our rooms and do not exist (those with <...> left out)."""
    spans = re.findall(r"`([^`\s]+)`", text)
    named = [
        span.split("::")[0]
        for span in spans
        if span.split("/")[0] in ROOMS and "/" in span and "<" not in span
    ]
    return [name for name in named if not (ROOT / name).exists()]


def missing_names(text):
    """Return the names that a text says are in a file (`name` in `path`) and that nothing defines there."""
    named = [
        (name, ROOT / path) for name, path in re.findall(r"`(\w+)`\s+in\s+`([\w/]+\.py)`", text)
    ]
    return [
        name
        for name, path in named
        if not re.search(DEFINED.format(name), path.read_text(encoding="utf-8"))
    ]


def node_ids(text):
    """Return the tests that a text names."""
    return re.findall(r"`(tests/[\w/]+\.py(?:::\w+)+)`", text)


def exists(node_id):
    """Return whether a test of this name is written in its file; nothing is run."""
    file, *names = node_id.split("::")
    if not (ROOT / file).is_file():
        return False
    body = parsed(file)
    for name in names:
        found = [
            node
            for node in body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return True


@cache
def parsed(file):
    """Return the statements of a file of ours."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8")).body


def settings_read():
    """Return the names of all settings that the code reads through config.env."""
    return {
        str(node.args[0].value)
        for path in (ROOT / "config").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        if ast.unparse(node.func.value) == "env" and isinstance(node.args[0], ast.Constant)
    }


def dependencies():
    """Yield the name of each package that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for wanted in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        yield re.split(r"[\[<>=~!; ]", wanted)[0]


def first_cells(table, column=0):
    """Return what stands in code spans in one column of a table."""
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("|")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row[column])]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_files_names_and_tests_of_a_document_are_there(path):
    text = words_of(path)
    assert (broken_links(path), missing_files(text), missing_names(text)) == ([], [], [])
    assert [name for name in node_ids(text) if not exists(name)] == []


def test_modules_that_see_clear_text_are_those_that_may_import_what_opens_it():
    rows = re.findall(
        r"(?m)^\| `(reports[.\w]*)` \| (.*) \|$",
        section(ARCHITECTURE, "Which code sees clear text"),
    )
    listed = [
        f"{package}.{name}" for package, names in rows for name in re.findall(r"`([.\w]+)`", names)
    ]
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    (contract,) = [contract for contract in linter["contracts"] if contract["type"] == "protected"]
    assert sorted(listed) == sorted(contract["allowed_importers"])


def test_envelopes_are_opened_where_the_document_says():
    product = [
        path
        for room in ("config", "core", "newsroom", "reports")
        for path in (ROOT / room).rglob("*.py")
    ]
    opening = {
        str(path.relative_to(ROOT))
        for path in product
        if "open_sealed(" in path.read_text(encoding="utf-8")
    }
    # the desk's, and the sender's own
    keys = {"reports/domain/keys/unsealed.py", "reports/domain/mailbox/senders_side.py"}
    assert opening == {"reports/sealing/envelope.py"} | keys


def test_every_dependency_has_its_line():
    assert sorted(first_cells(DEPENDENCIES.read_text(encoding="utf-8"), 1)) == sorted(
        dependencies()
    )


def test_the_commands_are_those_that_dev_lists():
    listed = subprocess.run(
        ["sh", ROOT / "dev", "help"], capture_output=True, text=True, check=True
    ).stdout
    known = set(re.findall(r"^\./dev (\w+)", listed, flags=re.MULTILINE))
    assert (
        set(
            re.findall(
                r"^\| `\./dev (\w+)`", CONTRIBUTING.read_text(encoding="utf-8"), flags=re.MULTILINE
            )
        )
        == known
    )
    named = {
        name
        for path in DOCS
        for name in re.findall(r"\./dev (\w+)", path.read_text(encoding="utf-8"))
    }
    assert named - known == {"help"}


def test_every_command_of_a_server_that_a_document_names_is_there():
    texts = [path.read_text(encoding="utf-8") for path in DOCS]
    named = {
        name
        for text in texts
        for name in re.findall(r"(?m)(?:^\s*|`)streetlight\s([a-z]\w+)\b", text)
    }
    named |= {
        name
        for text in texts
        for name in re.findall(r"(?:run --rm \w+|deploy/)\s?manage (\w+)", text)
    }
    assert len(named) > 10
    assert named - get_commands().keys() == set()


def explained_settings(text):
    """Return the settings of an example file, with whether a comment above each, in its paragraph, explains it."""
    explained = {}
    for paragraph in text.split("\n\n"):
        has_comment = False
        for line in paragraph.splitlines():
            if setting := re.match(r"(?:# )?([A-Z_]+)='", line):
                explained[setting[1]] = has_comment
            elif line.startswith("# ") and not line.startswith("# ---"):
                has_comment = True
    return explained


def test_every_setting_is_explained_in_the_example_and_documents_name_no_other():
    assert len(settings_read()) > 15
    assert explained_settings(ENVIRONMENT.read_text(encoding="utf-8")) == dict.fromkeys(
        settings_read(), True
    )
    assigned = {
        name
        for path in DOCS
        for name in re.findall(r"\b([A-Z_]+)='", path.read_text(encoding="utf-8"))
    }
    assert len(assigned) > 3
    assert assigned - settings_read() == set()


def test_control_a_setting_without_an_explanation_is_found():
    text = "# --- Part ---\n\n# Why.\n# A='1'\nB_B='2'\n\nC='3'\n\n# --- Part ---\n# D='4'"
    assert explained_settings(text) == {"A": True, "B_B": True, "C": False, "D": False}


def system_checks():
    """Return the numbers that reports/checks.py gives to its own messages, with the other words of each call."""
    calls = [
        node
        for node in ast.walk(ast.Module(parsed("reports/checks.py"), []))
        if isinstance(node, ast.Call)
    ]
    messages = [
        call
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("Error", "Warning")
    ]
    words = [{word.arg: word.value for word in call.keywords} for call in messages]
    assert all("id" in each for each in words)
    numbers = [each["id"].value for each in words if isinstance(each["id"], ast.Constant)]
    assert len(numbers) == len(words) == len(set(numbers))
    return {
        str(number): {str(name) for name in each}
        for number, each in zip(numbers, words, strict=True)
    }


def test_every_system_check_says_what_to_do_and_documents_name_no_other():
    own = system_checks()
    assert len(own) > 15
    assert not own.keys() & FAULTS.keys()
    assert [number for number, words in own.items() if "hint" not in words] == []
    assert [number for number, fault in FAULTS.items() if not fault.do.strip()] == []
    named = {
        number
        for path in DOCS
        for number in re.findall(r"streetlight\.[EW]\d+", path.read_text(encoding="utf-8"))
    }
    assert named - own.keys() - FAULTS.keys() == set()


def test_every_stored_column_is_in_the_threat_model():
    table = section(ROOT / "docs" / "threat-model.md", "What lies in clear at rest")
    described = {}
    for line in table.splitlines():
        cells = [re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:-1]]
        if len(cells) == 3:
            model = cells[0][0] if cells[0] else next(reversed(described), "")
            described.setdefault(model, set()).update(cells[1])
    models = apps.get_app_config("reports").get_models()
    stored = {
        model.__name__: {field.name for field in model._meta.fields} - {"id", "key_index"}
        for model in models
    }
    assert {name: described.get(name) for name in stored} == stored


def test_the_desks_document_says_what_the_schedule_deletes():
    table = section(DESK, "What is deleted, and when")
    told = {}
    for statuses, after in re.findall(
        r"^\| (.+) \| (\d+ days|kept)\b.*\|$", table, flags=re.MULTILINE
    ):
        told.update(dict.fromkeys(statuses.split(", "), after))
    rules = schedule.SCHEDULE.items()
    assert told == {
        str(status.label): f"{rule.days} days" if rule else "kept" for status, rule in rules
    }


def test_the_privacy_page_says_what_the_schedule_deletes():
    printed = re.findall(r"days_kept\.(\w+)", PRIVACY.read_text(encoding="utf-8"))
    assert printed == [status.value for status in PRIVACY_ROWS]
    kept = schedule.days_kept()
    said = {
        status.value: kept[row] for row, statuses in PRIVACY_ROWS.items() for status in statuses
    }
    assert said == kept  # else give a status with days of its own a row there, and here


def test_nginx_has_the_limits_of_the_settings():
    limits = re.findall(r"client_max_body_size (\d+)([km]);", NGINX.read_text(encoding="utf-8"))
    sizes = {int(number) * {"k": 1024, "m": 1024**2}[unit] for number, unit in limits}
    desk = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert sizes == {
        16 * 1024,
        desk,
        settings.FORM_BODY_LIMIT,
        settings.PHOTO_BODY_LIMIT,
        settings.PHOTO_READ_LIMIT,
    }


def test_nginx_writes_nothing_of_a_visitor():
    text = NGINX.read_text(encoding="utf-8")
    assert re.findall(r"access_log (.+);", text) == ["off"]
    assert re.findall(r"error_log (\S+ \w+);", text) == [
        "/var/log/nginx/error.log alert",
        "/var/log/nginx/error.log emerg",
    ]
    assert re.findall(r"_temp_path (\S+);", text) == ["/run/nginx-body", "/run/nginx-answers"]
    assert re.findall(r".*\$(?:proxy_add_x_forwarded_for|remote_addr|realip).*", text) == [
        "    map $remote_addr $visitor {"
    ]
