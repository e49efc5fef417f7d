"""Every contract of import-linter forbids what it is there to forbid; `./dev lint` holds the code to them."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
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


def climbs(contract: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the imports that a contract of layers forbids: of what stands just above, and of what stands beside."""
    above = [f"{box}." for box in contract.get("containers", [])] or [""]
    layers = [[module.strip() for module in layer.split("|")] for layer in contract["layers"]]
    for box in above:
        for higher, lower in pairwise(layers):
            yield f"{box}{lower[0]}", f"{box}{higher[0]}"
        for first, *others in layers:
            for other in others:
                yield f"{box}{other}", f"{box}{first}"


def test_each_import_that_a_contract_is_there_to_forbid_breaks_it(tmp_path: Path) -> None:
    """Every module is there and empty, but for the imports that are wrong."""
    for package in CONFIG["root_packages"]:
        shutil.copytree(
            BASE_DIR / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__", "migrations"),
            copy_function=lambda _from, to: Path(to).touch(),
        )
    rules = (BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    without_exceptions = re.sub(r"^ignore_imports = .+\n", "", rules, flags=re.MULTILINE)  # nobody imports these here
    (tmp_path / "pyproject.toml").write_text(without_exceptions, encoding="utf-8")
    wrong = {one for contract in LAYERED for one in climbs(contract)}
    wrong |= {
        (importer, imported)
        for contract in PURE
        for importer in contract["source_modules"]
        for imported in contract["forbidden_modules"]
    }
    for importer, imported in wrong:
        file = tmp_path.joinpath(*importer.split("."))
        file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        with file.open("a", encoding="utf-8") as text:
            text.write(f"import {imported}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert f"Contracts: 0 kept, {len(CONTRACTS)} broken." in said
    assert wrong - set(SAID.findall(said)) == set()


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
