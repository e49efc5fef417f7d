"""Every contract of import-linter forbids what it is there to forbid; `./dev lint` holds the code to them."""

import ast
import re
import tomllib
from typing import Any

import pytest

from tests.settings import BASE_DIR

CONFIG = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS: list[dict[str, Any]] = CONFIG["contracts"]
LAYERED = [contract for contract in CONTRACTS if contract["type"] == "layers"]
PURE = [contract for contract in CONTRACTS if contract["type"] == "forbidden"]
SAID = re.compile(r"^(\S+) is not allowed to import\s+(\S+):", re.MULTILINE)  # a long line is broken
TRANSLATIONS = {"django.utils.translation", "django.utils.functional"}  # of pure text


def named(contract: dict[str, Any]) -> str:
    """Return how the contract is told from others."""
    return str(contract["name"]).partition(":")[0]


def test_rooms_of_code_are_all_layered() -> None:
    assert [named(contract) for contract in LAYERED if not contract.get("exhaustive")] == ["The house"]


@pytest.mark.parametrize("contract", [one for one in PURE if "pure" in one["name"]], ids=named)
def test_what_is_pure_names_all_others(contract: dict[str, Any]) -> None:
    may = {"reports.text"}  # what rules say to people is below all else
    told = {*contract["source_modules"], *contract["forbidden_modules"], *may}
    rooms = {
        f"{package}.{path.stem}"
        for package in ("newsroom", "reports")
        for path in (BASE_DIR / package).iterdir()
        if path.name not in ("__init__.py", "__pycache__", "migrations")
    }
    assert {room for room in rooms if not told.intersection((room, room.partition(".")[0]))} == set()


def test_text_rules_take_only_translations_of_django() -> None:
    """Import-linter sees Django as one module, so this looks into the files."""
    taken = set()
    for path in (BASE_DIR / "reports" / "text").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else names
            taken |= {name for name in names if name.startswith("django")}
    assert taken <= TRANSLATIONS
    assert taken, "the control: some rule says something to people"
