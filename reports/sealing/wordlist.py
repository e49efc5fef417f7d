"""The 7,776 words of receipts and passphrase, and how typed words are read.

Source: the EFF long list (see words.NOTICE), 12.9 bits a word. All are three to nine letters from a to z. New
receipts and codenames have none of those in never_drawn.txt. Typed words are read as ever, and passphrases use all.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase


def _listed(name: str) -> Iterator[str]:
    """Yield the words of a file beside this one, which has one a line, and comments after "#"."""
    for line in Path(__file__).with_name(name).read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            yield line


WORDS: tuple[str, ...] = tuple(_listed("words.txt"))
NEVER_DRAWN: frozenset[str] = frozenset(_listed("never_drawn.txt"))
DRAWN: tuple[str, ...] = tuple(word for word in WORDS if word not in NEVER_DRAWN)
INDEX: dict[str, int] = {word: place for place, word in enumerate(WORDS)}
LONGEST = max(map(len, WORDS))

_LETTERS = re.compile(r"[^\W\d_]+")


def split(text: str) -> list[str]:
    """Return the words in `text`, in lower case and without accents; anything but a letter separates them."""
    # Accents go first: a Turkish capital I with a dot becomes two characters, the second of which would cut the word.
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    return _LETTERS.findall(plain.lower())


def correct(word: str) -> str | None:
    """Return the listed word that `word` (lower case) means, or None if that is uncertain.

    A listed word means itself. Any other word means the only listed word that is one changed, missing or extra letter
    away.
    """
    if word in INDEX:
        return word
    if len(word) > LONGEST + 1:
        return None
    near = _one_letter_away(word) & INDEX.keys()
    return near.pop() if len(near) == 1 else None


def _one_letter_away(word: str) -> set[str]:
    """Return every text at edit distance one from `word`: about 53 for each of its letters."""
    away = set[str]()
    for place in range(len(word) + 1):
        head = word[:place]
        tail = word[place:]
        away |= {head + letter + tail for letter in ascii_lowercase}  # one more
        if tail:
            away |= {head + letter + tail[1:] for letter in ascii_lowercase}  # another
            away.add(head + tail[1:])  # one less
    return away
