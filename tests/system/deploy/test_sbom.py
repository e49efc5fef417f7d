"""The bill of materials names everything that is locked and everything in the tree that others wrote."""

import hashlib
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "deploy" / "sbom.py"
NEEDED = {"type", "bom-ref", "name", "version", "scope"}
ALLOWED = NEEDED | {"purl", "hashes", "licenses", "properties"}


def made(folder: Path) -> str:
    """Return what the program prints where it is called from this folder."""
    command = [sys.executable, "-I", PROGRAM]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """Return the bill of this tree."""
    return json.loads(made(ROOT))


def test_everything_that_is_locked_is_in_it_with_its_hashes(bill: dict[str, Any]) -> None:
    listed = {(one["name"], one["version"]): one for one in bill["components"] if one["type"] == "library"}
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("requirements.txt", "requirements-dev.txt")}
    pins = {name: set(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)) for name, text in texts.items()}
    assert set(listed) == set().union(*pins.values())
    assert {name for name, one in listed.items() if one["scope"] == "required"} == pins["requirements.txt"]
    hashes = set(re.findall(r"sha256:(\w{64})", "".join(texts.values())))
    assert {each["content"] for one in listed.values() for each in one["hashes"]} == hashes
    assert all(one["hashes"] for one in listed.values())


def test_every_file_of_others_is_in_it_as_it_lies_here(bill: dict[str, Any]) -> None:
    files = {one["bom-ref"]: one["hashes"][0]["content"] for one in bill["components"] if one["type"] == "file"}
    rooms = ("config", "newsroom", "reports", "seeds", "static", "templates")
    there = [str(path.relative_to(ROOT)) for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]
    others = [name for name in there if re.search(r"^static/vendor/.*\.js$|\.(ttf|otf|woff2?)$|(^|/)words\.txt$", name)]
    assert set(files) == set(others)
    assert files == {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}


def test_it_is_the_same_wherever_it_is_made_and_names_no_host(bill: dict[str, Any], tmp_path: Path) -> None:
    text = made(tmp_path)
    assert json.loads(text) == bill
    assert text == made(ROOT)
    assert not re.search(r"https?:|\.(org|com|net)\b|" + re.escape(str(ROOT)), text)


def test_a_line_that_it_does_not_understand_stops_it(tmp_path: Path) -> None:
    program = runpy.run_path(str(PROGRAM))
    for name in program["LOCKS"]:
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8") + "left-out==1.0\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    program["document"].__globals__["ROOT"] = tmp_path
    with pytest.raises(ValueError, match="not understood"):
        program["document"]()
