"""Guess the language of a text from its letters and its commonest words: files `<code>.txt` beside this one.

Each has a line "letters", those that few other languages write, and a line "words". Nothing is sent anywhere.
"""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
LONGEST = 2_000  # characters that are looked at
LEAST = 2  # letters and words by which a language must be ahead of every other
WORD = re.compile(r"[^\W\d_]+")
NAMES = {  # by name
    "sq": "Albanian",
    "ar": "Arabic",
    "bn": "Bengali",
    "bg": "Bulgarian",
    "zh": "Chinese",
    "en": "English",
    "fr": "French",
    "de": "German",
    "gu": "Gujarati",
    "hu": "Hungarian",
    "it": "Italian",
    "lt": "Lithuanian",
    "fa": "Persian",
    "pl": "Polish",
    "pt": "Portuguese",
    "pa": "Punjabi",
    "ro": "Romanian",
    "ru": "Russian",
    "so": "Somali",
    "es": "Spanish",
    "ta": "Tamil",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "cy": "Welsh",
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
    letters = Counter(lower)
    words = Counter(WORD.findall(lower))
    scores = list[tuple[int, str]]()
    for language in ALL:
        of_letters = sum(letters[each] for each in language.letters)
        of_words = sum(words[each] for each in language.words)
        scores.append((of_letters + of_words, language.code))
    (second, _code), (most, code) = sorted(scores)[-2:]
    clear = most - second >= LEAST and most * 8 >= words.total()
    return code if clear else ""
