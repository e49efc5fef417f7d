"""What the form says in other languages, from the files `<code>.txt` beside this one; lines that begin "#" are notes.

Each has the language's own name and five lines, which anybody who speaks it can correct.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import NamedTuple

FOLDER = Path(__file__).parent
LINES = 5


class OtherLanguage(NamedTuple):
    """A language: its code (BCP 47), its name for itself, its direction ("ltr" or "rtl") and the form's lines in it."""

    code: str
    name: str
    direction: str
    lines: tuple[str, ...]


def parse(code: str, text: str) -> OtherLanguage:
    """Return the language in a file's text; raises ValueError for one without a name and LINES lines."""
    stripped = map(str.strip, text.splitlines())
    said = [line for line in stripped if line and not line.startswith("#")]
    name = said[:1]
    lines = said[1:]
    if len(lines) != LINES:
        raise ValueError(
            f"{code}.txt: a name and {LINES} lines are needed, and these are {len(lines)}."
        )
    direction = "ltr"
    if unicodedata.bidirectional(name[0][0]) in ("R", "AL"):
        direction = "rtl"
    return OtherLanguage(code, name[0], direction, tuple(lines))


ALL = tuple(
    parse(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.txt"))
)


def greeted(
    codes: Iterable[str], own: Mapping[str, str], **numbers: object
) -> tuple[OtherLanguage, ...]:
    """Return the languages with these codes, in their order, with a place's `numbers` in their lines.

    `own` are a place's files, by code, which count before ours. Raises ValueError as `parse` does, and for anything in
    braces but the name of a number: a stranger may have written the file.
    """
    known = {language.code: language for language in ALL}
    for code, text in own.items():
        known[code] = parse(code, text)
    chosen = [known[code] for code in codes if code in known]
    return tuple(_with_numbers(language, numbers) for language in chosen)


def _with_numbers(language: OtherLanguage, numbers: Mapping[str, object]) -> OtherLanguage:
    lines = tuple(_filled_in(line, numbers) for line in language.lines)
    return language._replace(lines=lines)


def _filled_in(line: str, numbers: Mapping[str, object]) -> str:
    for _text, name, spec, conversion in Formatter().parse(line):
        if name is not None and (name not in numbers or spec or conversion):
            raise ValueError(f"{{{name}}} is no number. Those are: {', '.join(numbers)}.")
    return line.format(**{name: str(number) for name, number in numbers.items()})
