"""What residents read in other languages: our catalogues in `locale`, and a place's own, compiled for one machine.

An entry that a native speaker has checked is not `fuzzy`, as in every translator's tool; all of ours are. The entries
marked SAFETY say what may hurt somebody who misreads them: about consent, silence, danger, contact and age. On a real
desk such a text stands in English until it is checked; a demonstration shows all.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import polib

from core.languages import BEGIN, END, RIGHT_TO_LEFT

LOCALE = Path(__file__).parents[1] / "locale"
SAFETY = "safety"  # in an entry's comment; all that a place adds is as well
UNCHECKED_FILE = "unchecked.json"
_BLANK = "only spaces"
# Between marks of HTML: what is filled in, and numbers or names of several words, which are read from left to right.
LEFT_TO_RIGHT = re.compile(r"<[^>]*>|(%\(\w+\)[sd]|\{[\w.]+\}|[0-9A-Za-z]+(?: [0-9A-Za-z]+)+)")


# What a translation has as the English has it: what is filled in, HTML, links, digits. Nothing else of that kind may be
# in it, whoever has written it: a page shows it as it is.
MUST_MATCH = re.compile(r"(?i)%\([^)]*\).?|%.|\{[^{}]*\}|<[^>]*>|https?://\S+|docs/\w+\.md|\d+")
AFTERNOON = re.compile(r"\d{1,2}(?=(?:[.:]\d\d)? ?pm\b)")  # other languages write “10pm” as 22
NOT_ALLOWED = re.compile(
    '[<>"{}%\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]'
)  # signs of those, and of direction


class Checked(NamedTuple):
    """Of a language: how many texts, how many checked, how many keep people safe, and which of those lack it."""

    texts: int
    checked: int
    safety: int
    in_english: tuple[str, ...]

    def in_words(self, name: str) -> str:
        """Return a line about it for whoever runs the site."""
        safe = self.safety - len(self.in_english)
        checked = f"{self.checked} of {self.texts} texts checked"
        return f"{name}: {checked}, {safe} of the {self.safety} that keep people safe."


def path_of(code: str) -> Path:
    """Return where our catalogue of a language is."""
    return LOCALE / code / "LC_MESSAGES" / "django.po"


def metadata(code: str) -> dict[str, str]:
    """Return the header of a language's catalogue, with its rule for plurals."""
    found: dict[str, str] = polib.pofile(str(path_of(code))).metadata
    return found


def entries(code: str, *, place: Path, texts: Iterable[str]) -> list[polib.POEntry]:
    """Return our texts in a language and the `texts` of a place: what is checked in its folder comes before ours.

    What changed in English since is another text, and not checked.
    """
    found = {entry.msgid: entry for entry in polib.pofile(str(path_of(code)))}
    found |= {text: polib.POEntry(msgid=text, comment=SAFETY) for text in texts}
    for entry in _own(code, place):
        ours = found.get(entry.msgid)
        if ours and (is_checked(entry) or not ours.msgstr) and not differences(entry):
            entry.comment = ours.comment
            entry.occurrences = ours.occurrences
            found[entry.msgid] = entry
    return list(found.values())


def first_unusable(code: str, *, place: Path) -> polib.POEntry | None:
    """Return the first entry of a place's own that has something else than its English; it counts as missing."""
    return next(filter(differences, _own(code, place)), None)


def _own(code: str, place: Path) -> Iterable[polib.POEntry]:
    """Return the entries of a place's own catalogue of a language."""
    path = place / "languages" / f"{code}.po"
    if not path.exists():
        return ()
    return polib.pofile(str(path))


def is_checked(entry: polib.POEntry) -> bool:
    """Return whether a native speaker has checked an entry."""
    return bool(entry.translated())


def differences(entry: polib.POEntry) -> list[str]:
    """Return what of an entry's translations is not as in the English, or may not be there; nothing of an empty one."""
    found = list[str]()
    english = entry.msgid_plural or entry.msgid
    readings = (english, _with_24_hours(english))
    may_lack = Counter(["%(sent)s"] if entry.msgid_plural else [])  # “your picture”
    for text in filter(None, entry.msgstr_plural.values() or [entry.msgstr]):
        there = Counter(MUST_MATCH.findall(text))
        unlike = list[list[str]]()
        for reading in readings:
            wanted = Counter(MUST_MATCH.findall(reading))
            unlike.append([*(there - wanted), *(wanted - there - may_lack)])
        fewest = min(unlike, key=len)
        found += fewest
        found += NOT_ALLOWED.findall(MUST_MATCH.sub("", text))
        if not text.strip():
            found.append(_BLANK)
    return found


def _with_24_hours(english: str) -> str:
    return AFTERNOON.sub(lambda hour: str(int(hour[0]) % 12 + 12), english)


def is_safety(entry: polib.POEntry) -> bool:
    """Return whether an entry belongs to what keeps people safe."""
    return SAFETY in (entry.comment or "").split()


def count(found: Iterable[polib.POEntry]) -> Checked:
    """Return how much of these is checked."""
    found = list(found)
    safety = [entry for entry in found if is_safety(entry)]
    missing = tuple(entry.msgid for entry in safety if not is_checked(entry))
    return Checked(len(found), sum(map(is_checked, found)), len(safety), missing)


def write(codes: Iterable[str], *, place: Path, texts: Iterable[str], to: Path, demo: bool) -> None:
    """Compile these languages into a folder, as gettext finds them, and what of them is unchecked."""
    to.mkdir(exist_ok=True)
    unchecked: dict[str, dict[str, Any]] = {}
    for code in codes:
        found = entries(code, place=place, texts=texts)
        compiled = polib.POFile()
        compiled.metadata = metadata(code)
        compiled.extend(_compiled(entry, code, demo=demo) for entry in found)
        folder = to / code / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        compiled.save_as_mofile(str(folder / "django.new"))
        (folder / "django.new").replace(folder / "django.mo")
        counted = count(found)
        unchecked[code] = {
            "unchecked": counted.texts - counted.checked,
            "in_english": counted.in_english,
        }
    (to / UNCHECKED_FILE).write_text(
        json.dumps(unchecked, ensure_ascii=False, indent=1), encoding="utf-8"
    )


@lru_cache
def is_unchecked(code: str, folder: Path) -> bool:
    """Return whether anything of a language was unchecked when it was compiled into a folder, as this process began."""
    return bool(unchecked_by_language(folder).get(code, {}).get("unchecked"))


def unchecked_by_language(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what `write` says of each language: how many are unchecked, and what stands in English for that."""
    try:
        found: dict[str, dict[str, Any]] = json.loads(
            (folder / UNCHECKED_FILE).read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return {}
    return found


def _compiled(entry: polib.POEntry, code: str, *, demo: bool) -> polib.POEntry:
    forms = entry.msgstr_plural or {0: entry.msgstr}
    if not all(forms.values()) or (is_safety(entry) and not is_checked(entry) and not demo):
        english = {}
        for n in forms:
            text = entry.msgid
            if n and entry.msgid_plural:
                text = entry.msgid_plural
            english[n] = f"{BEGIN}{text}{END}"
        forms = english
    elif code in RIGHT_TO_LEFT:
        forms = {n: LEFT_TO_RIGHT.sub(_isolated, text) for n, text in forms.items()}
    if not entry.msgid_plural:
        return polib.POEntry(msgid=entry.msgid, msgstr=forms[0])
    return polib.POEntry(msgid=entry.msgid, msgid_plural=entry.msgid_plural, msgstr_plural=forms)


def _isolated(found: re.Match[str]) -> str:
    if found[1]:
        return f"\u2068{found[1]}\u2069"
    return found[0]
