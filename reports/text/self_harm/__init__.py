"""Words that may mean that somebody is thinking of harming themselves, so that whoever reads a tip sees them. Pure.

They are named on an unlocked tip alone, and nothing follows from them. The files `<language>.txt` beside this one are
written as `reports/text/phrases/english.txt` says. They miss much, and do not know who speaks of whom.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from reports.text.identity_warnings import quoted
from reports.text.identity_warnings.phrase_files import plain, read

MOST = 3  # quotes of a tip
HEADING = "self_harm"
PATTERNS = tuple(
    pattern
    for path in sorted(Path(__file__).parent.glob("*.txt"))
    for _heading, pattern in read(path, {HEADING: HEADING})
)


def find(texts: Iterable[str]) -> list[str]:
    """Return the first such words of these texts, as they were typed, each once; at most MOST."""
    found = dict[str, None]()
    for text in texts:
        for quote in _quotes(text):
            found[quote] = None
            if len(found) == MOST:
                return list(found)
    return list(found)


def _quotes(text: str) -> Iterator[str]:
    typed = unicodedata.normalize("NFC", text)
    searched = plain(typed)  # as long as the text
    for pattern in PATTERNS:
        for match in pattern.finditer(searched):
            yield quoted(typed[match.start() : match.end()])
