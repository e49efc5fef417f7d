"""Phrases that show who writes, from the files `reports/text/phrases/<language>.txt`, as patterns.

`english.txt` says how they are written. The files are read once, at the start; one that cannot be read stops it and
says in which line.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.utils.functional import Promise

from reports.text.identity_warnings import advice

type Pattern = tuple[Promise, re.Pattern[str]]  # what to say, and the words to say it of

FOLDER = Path(__file__).parent.parent / "phrases"
# What a phrase may name without a list of its own.
BLANKS = {
    "number": r"\d{1,4}[a-z]?",
    "age": r"(?:1\d|[2-9]\d)",
    "minute": r"(?:[01]?\d|2[0-3])[.:](?!00|15|30|45)[0-5]\d",  # "9.30" is what people say; "6.10" is a minute
    "phone": r"(?:\+44|0044|\(?0)[ -]?\d(?:[ ()-]{0,2}\d){8,9}",
    "postcode": r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}",
}
WILD = {"*": r"\w*", "_": r"[^\W\d]\w*"}
# Of a word: a blank, a choice (which may hold others, which hold others), or a letter.
PIECES = re.compile(r"\{\w+\}|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|.")
GAP = r"\b[^.!?\n]{0,40}?(?<!\w)"  # some words of the same sentence
# Each stands for one character, so that positions stay true.
APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"))
LETTERS = APOSTROPHES | str.maketrans("łŁđĐيىكه", "lLdDییکہ")
LATIN = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")


def plain(text: str) -> str:
    """Return a text of the same length in small letters, without accents, and with one form of each other letter."""
    small = text.translate(LETTERS).replace("İ", "I").lower()  # the only letter that becomes two
    return LATIN.sub(lambda letter: unicodedata.normalize("NFD", letter[0])[0], small)


def of_all_languages() -> tuple[Pattern, ...]:
    """Return the patterns of all files, for texts that `plain` gives; raises ValueError with the line that is wrong."""
    patterns = list[Pattern]()
    for path in sorted(FOLDER.glob("*.txt")):
        patterns += read(path, advice.BY_NAME)
    return tuple(patterns)


def read[Said](path: Path, by_name: Mapping[str, Said]) -> Iterator[tuple[Said, re.Pattern[str]]]:
    """Yield for each heading of a file what `by_name` says of it and the pattern of its phrases; raises ValueError."""
    blanks = dict(BLANKS)
    families = dict[str, list[str]]()
    family: list[str] | None = None
    for number, line in _lines(path):
        try:
            if heading := re.fullmatch(r"\[(\w+)\]", line):
                family = families.setdefault(heading[1], [])
                by_name[heading[1]]
            elif family is None:
                name, words = re.fullmatch(r"(\w+) = (.+)", line).groups()  # type: ignore[union-attr]
                blanks[name] = "|".join(_words(item, blanks) for item in words.split(", "))
            else:
                family.append(_words(line, blanks) + r"\b")
                re.compile(family[-1])
        except (AttributeError, LookupError, ValueError, re.error) as error:
            raise ValueError(
                f"{path}, line {number}: “{line}” cannot be read ({error})."
            ) from error
    for name, phrases in families.items():
        yield by_name[name], re.compile(rf"\b(?:{'|'.join(phrases)})")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what a file says, with the number of its line; a line that begins with a space goes on with the last."""
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(
        unicodedata.normalize("NFC", path.read_text(encoding="utf-8")).splitlines(), start=1
    ):
        if line.startswith(" ") and lines:
            first, begun = lines[-1]
            blank = "" if begun.endswith("|") else " "
            lines[-1] = (first, f"{begun}{blank}{line.strip()}")
        elif line and not line.startswith("#"):
            lines.append((number, line.strip()))
    yield from lines


def _words(phrase: str, blanks: dict[str, str]) -> str:
    """Return the regular expression of a phrase: words, between which some may be left out, or may not stand."""
    parts = _split(phrase, " ")
    last = max(
        at for at, part in enumerate(parts) if part[0] not in "[!."
    )  # the last that has to stand there
    made = ""
    for at, part in enumerate(parts):
        before, after = (" ", "") if at > last else ("", " ")
        if part == "...":
            made = made.removesuffix(" ") + GAP
        elif part[0] == "[" and part[1:-1].isdecimal():
            made += rf"(?:{before}\w+{after}){{0,{part[1:-1]}}}"
        elif part[0] == "[":
            made += rf"(?:{before}(?:{_choice(part, blanks)}){after})?"
        elif part[0] == "!":
            made += rf"(?!{before}(?:{_choice(part[1:], blanks)})\b)"
        else:
            made += _word(part, blanks)
            if at < last:
                made += after
    return made


def _choice(group: str, blanks: dict[str, str]) -> str:
    """Return the alternatives of a group in brackets; those of a blank are its list."""
    if group[0] == "{":
        return blanks[group[1:-1]]
    made = []
    for alternative in _split(group[1:-1], "|"):
        blank = " " if alternative.startswith(" ") else ""
        made.append(blank + _words(alternative.strip(), blanks) if alternative else "")
    return "|".join(made)


def _word(word: str, blanks: dict[str, str]) -> str:
    """Return the regular expression of a word, in which blanks, choices and endings may stand."""
    return "".join(_piece(piece, blanks) for piece in PIECES.findall(word))


def _piece(piece: str, blanks: dict[str, str]) -> str:
    if piece in WILD:
        return WILD[piece]
    if len(piece) > 1:
        return f"(?:{_choice(piece, blanks)})"
    return re.escape(plain(piece))


def _split(text: str, mark: str) -> list[str]:
    """Return the parts of a text between marks that stand in no bracket."""
    parts = [""]
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if letter == mark and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    if depth:
        raise ValueError("a bracket is not closed")
    return parts
