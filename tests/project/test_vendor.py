"""What others wrote and lies in the tree is what they published, and docs/dependencies.md says so."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
LINE = re.compile(
    r"^- `@github/(?P<name>[\w-]+)` (?P<version>[\d.]+), MIT: .+?SHA-256\s+`(?P<hash>\w{64})`",
    re.MULTILINE | re.DOTALL,
)


def told():
    """Return the hash of each file, as the document says."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    return {
        f"{found['name']}-{found['version']}.js": found["hash"] for found in LINE.finditer(text)
    }


def test_the_files_are_those_that_the_document_names():
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")
    }
    assert files == told()
    assert len(files) == 2


def test_fonts_and_word_lists_are_those_that_the_document_names():
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rooms = ("config", "core", "newsroom", "reports", "seeds", "static", "templates")
    files = [path for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]
    others = [
        path
        for path in files
        if path.suffix in {".ttf", ".otf", ".woff2"} or path.name == "words.txt"
    ]
    assert len(others) == 3
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() in text for path in others)
