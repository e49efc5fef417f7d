"""Guess the language of a text from its letters and its commonest words: files `<code>.txt` beside this one.

Each has a line "letters", those that few other languages write, and a line "words". Nothing is sent anywhere.
"""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent
LONGEST = 2_000  # characters that are looked at
LEAST = 2  # letters and words by which a language must be ahead of every other
WORD = re.compile(r"[^\W\d_]+")
NAMES = {  # by name
    "sq": _("Albanian"),
    "ar": _("Arabic"),
    "bn": _("Bengali"),
    "bg": _("Bulgarian"),
    "zh": _("Chinese"),
    "en": _("English"),
    "fr": _("French"),
    "de": _("German"),
    "gu": _("Gujarati"),
    "hu": _("Hungarian"),
    "it": _("Italian"),
    "lt": _("Lithuanian"),
    "fa": _("Persian"),
    "pl": _("Polish"),
    "pt": _("Portuguese"),
    "pa": _("Punjabi"),
    "ro": _("Romanian"),
    "ru": _("Russian"),
    "so": _("Somali"),
    "es": _("Spanish"),
    "ta": _("Tamil"),
    "tr": _("Turkish"),
    "uk": _("Ukrainian"),
    "ur": _("Urdu"),
    "cy": _("Welsh"),
}


class Commonest(NamedTuple):
    """A language's code (BCP 47), its own letters, and its commonest words, in lower case."""

    code: str
    letters: tuple[str, ...]
    words: tuple[str, ...]


def _read(path: Path) -> Commonest:
    letters, words = (line.split()[1:] for line in path.read_text(encoding="utf-8").splitlines())
    return Commonest(path.stem, tuple(letters), tuple(words))


ALL = tuple(_read(path) for path in sorted(FOLDER.glob("*.txt")))


def guess(text: str) -> str:
    """Return the code of the language for which most letters and words speak; "" where that is not clear."""
    lower = text[:LONGEST].lower()
    letters, words = Counter(lower), Counter(WORD.findall(lower))
    scores = list[tuple[int, str]]()
    for language in ALL:
        of_letters = sum(letters[each] for each in language.letters)
        of_words = sum(words[each] for each in language.words)
        scores.append((of_letters + of_words, language.code))
    (second, _code), (most, code) = sorted(scores)[-2:]
    clear = most - second >= LEAST and most * 8 >= words.total()
    return code if clear else ""
