"""Every contract of import-linter in pyproject.toml is broken by the imports that it is there to forbid."""

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


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """Copy the code, and its contracts with it."""
    for package in CONFIG["root_packages"]:
        ignored = shutil.ignore_patterns("__pycache__", "migrations")
        shutil.copytree(BASE_DIR / package, tmp_path / package, ignore=ignored)
    shutil.copy(BASE_DIR / "pyproject.toml", tmp_path)
    return tmp_path


def plant(code: Path, importer: str, imported: str) -> None:
    """Let one module import another."""
    file = code.joinpath(*importer.split("."))
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    with file.open("a", encoding="utf-8") as text:
        text.write(f"\nimport {imported}\n")


def lint(code: Path) -> str:
    """Return what import-linter says."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=code, capture_output=True, text=True, check=False).stdout


def broken(said: str) -> set[str]:
    """Return the contracts that are broken."""
    flat = " ".join(said.partition("Broken contracts")[0].split())
    return {contract["name"] for contract in CONTRACTS if f"{contract['name']} BROKEN" in flat}


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


def test_the_code_as_it_is_keeps_every_contract(code: Path) -> None:
    said = lint(code)
    assert broken(said) == set()
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said


@pytest.mark.parametrize("contract", LAYERED, ids=named)
def test_an_import_of_what_stands_above_or_beside_breaks_the_layers(code: Path, contract: dict[str, Any]) -> None:
    wrong = set(climbs(contract))
    for importer, imported in wrong:
        plant(code, importer, imported)
    said = lint(code)
    assert contract["name"] in broken(said)
    assert wrong - set(SAID.findall(said)) == set()


@pytest.mark.parametrize("contract", [one for one in LAYERED if one.get("exhaustive")], ids=named)
def test_a_module_that_has_no_layer_breaks_the_layers(code: Path, contract: dict[str, Any]) -> None:
    for box in contract["containers"]:
        code.joinpath(*box.split("."), "placed_nowhere.py").touch()
    assert broken(lint(code)) == {contract["name"]}


def test_rooms_of_code_are_all_layered() -> None:
    """The control: layers that are not exhaustive are those of the house alone."""
    assert [named(contract) for contract in LAYERED if not contract.get("exhaustive")] == ["The house"]


@pytest.mark.parametrize("contract", PURE, ids=named)
def test_each_forbidden_import_breaks_purity(code: Path, contract: dict[str, Any]) -> None:
    wrong = {(source, module) for source in contract["source_modules"] for module in contract["forbidden_modules"]}
    for source, module in wrong:
        plant(code, source, module)
    said = lint(code)
    assert contract["name"] in broken(said)
    assert wrong - set(SAID.findall(said)) == set()


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
