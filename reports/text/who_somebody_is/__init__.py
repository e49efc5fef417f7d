"""Words about who somebody is, and not what they did: origin, faith, poverty. Pure.

Where our wording has one, members are asked why it has to stand there; nothing is refused. The team writes English
alone. `english.txt` beside this file is written as `reports/text/phrases/english.txt` says.
"""

import re
import unicodedata
from pathlib import Path

from reports.text.identity_warnings import quoted
from reports.text.identity_warnings.phrase_files import plain, read

HEADING = "who_somebody_is"
PATTERNS = [
    pattern
    for _heading, pattern in read(Path(__file__).with_name("english.txt"), {HEADING: HEADING})
]


def find(text: str) -> list[str]:
    """Return such words of a text, as they were typed, each once."""
    typed = unicodedata.normalize("NFC", text)
    searched = plain(typed)  # as long as the text
    matches = list[re.Match[str]]()
    for pattern in PATTERNS:
        matches += pattern.finditer(searched)
    in_order = sorted(matches, key=lambda match: match.start())
    return list(dict.fromkeys(quoted(typed[match.start() : match.end()]) for match in in_order))
