"""What the form says in other languages, from the files `<code>.txt` beside this one; lines that begin "#" are notes.

Each has the language's own name and five lines, which anybody who speaks it can correct.
"""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
LINES = 5


class OtherLanguage(NamedTuple):
    """A language: its code (BCP 47), its name for itself, its direction ("ltr" or "rtl") and the form's lines in it."""

    code: str
    name: str
    direction: str
    lines: tuple[str, ...]


def read(folder: Path = FOLDER) -> tuple[OtherLanguage, ...]:
    """Return the languages of a folder, by code; raises ValueError for a file without a name and LINES lines."""
    return tuple(_language(path) for path in sorted(folder.glob("*.txt")))


def _language(path: Path) -> OtherLanguage:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    name, *says = [line for line in lines if line and not line.startswith("#")] or [""]
    if len(says) != LINES:
        raise ValueError(f"{path}: a name and {LINES} lines are needed, and these are {len(says)}.")
    to_left = unicodedata.bidirectional(name[0]) in ("R", "AL")
    return OtherLanguage(path.stem, name, "rtl" if to_left else "ltr", tuple(says))


ALL = read()


def greeted(codes: Iterable[str], **numbers: object) -> tuple[OtherLanguage, ...]:
    """Return the languages with these codes, in their order, with a place's `numbers` in their lines."""
    known = {language.code: language for language in ALL}
    chosen = [known[code] for code in codes if code in known]
    return tuple(one._replace(lines=tuple(line.format(**numbers) for line in one.lines)) for one in chosen)
