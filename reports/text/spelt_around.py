"""Find what is spelt so that patterns miss it: "dave at gmail dot com", "dave99 on snap", a plate on two lines. Pure.

For messages to senders alone, where too much refused costs a second look: a search would find too much by it. Each
pattern is bounded, so that a text takes time in proportion to its length.
"""

import re
from collections.abc import Iterator

from reports.text import entities
from reports.text.entities.kinds import Entity, Kind

# Each stands for one character, so that positions stay true.
APART = str.maketrans(dict.fromkeys(",;|_*~\n\r\t()[]{}<>\"“”'", " "))
SPLIT = (Kind.PLATE, Kind.PHONE, Kind.POSTCODE)  # the kinds that are read with any sign between their parts

SPACE = r"\s{0,3}"
OPEN, CLOSE = r"[(\[{<*_\-]", r"[)\]}>*_\-]"
AT_SIGN = rf"(?:{SPACE}@{SPACE}|{SPACE}{OPEN}{SPACE}(?:at|@){SPACE}{CLOSE}{SPACE})"
DOT = rf"(?:{SPACE}{OPEN}{SPACE}(?:dot|\.){SPACE}{CLOSE}{SPACE}|\s{{1,3}}dot\s{{1,3}}|{SPACE}\.)"
DOT_SAID = rf"(?:{SPACE}{OPEN}{SPACE}(?:dot|\.){SPACE}{CLOSE}{SPACE}|\s{{1,3}}dot\s{{1,3}})"
LOCAL = r"(?<![\w.+\-])\w[\w.+\-]{0,63}"
HOST = r"[a-z0-9][a-z0-9\-]{0,62}"
PROVIDER = r"(?:gmail|googlemail|hotmail|icloud|yahoo|protonmail|btinternet|outlook|aol)"
ENDING = r"(?:com|org|net|info|io|me|uk|co|pl|ro|pk|de|eu|so|edu|gov|ac)"
SPELT_EMAIL = re.compile(
    rf"{LOCAL}(?:{AT_SIGN}{HOST}(?:{DOT}{SPACE}{ENDING}\b){{1,3}}"
    rf"|\s{{1,3}}at\s{{1,3}}{HOST}(?:{DOT_SAID}{ENDING}\b){{1,3}}"
    rf"|\s{{1,3}}at\s{{1,3}}{PROVIDER}(?:{DOT}{ENDING}\b){{1,3}}"
    rf"|(?:{AT_SIGN}|\s{{1,3}}at\s{{1,3}})(?:gmail|googlemail|hotmail|icloud|yahoo|protonmail|btinternet)\b)",
    re.IGNORECASE,
)

SERVICE = (
    r"(?:snap ?chat|snap|sc|insta ?gram|insta|ig|telegram|tele|tg|tik ?tok|tt|facebook|fb|whats ?app|wa|wickr|signal|"
    r"kik|discord|twitter|threema|session|viber|messenger|onlyfans|reddit|steam|psn|xbox|youtube|gmail)"
)
# A name with a digit, a low line or a full stop inside; a time, an amount or an ordinal is none.
MARKED = (
    r"(?<![\w.@£$€])(?=[\w.\-]{0,30}[^\W\d_])(?=[\w.\-]{0,30}(?:\d|_|\w\.\w))(?!\d+[a-z]{1,3}\b)[\w][\w.\-]{1,30}\w"
)
SPELT_NAME = re.compile(
    rf"(?P<before>{MARKED})(?:,? {{1,2}}(?:is )?(?:on|in|via|from|at|over|using)(?: (?:his|her|their|the|my))? "
    rf"|[ ]{{0,2}}[(\[:=/\-–]{{1,2}}[ ]{{0,2}}| {{1,2}}){SERVICE}\b"
    rf"|\b{SERVICE}\b(?:'s)?[ .:=,>(\[/\-–]{{1,4}}(?:(?:is|was|name|handle|user|id|tag|add) {{1,2}}){{0,3}}"
    rf"(?P<after>{MARKED})",
    re.IGNORECASE,
)
# Two shapes that no ordinary word has: three letters and then digits, and words that a low line joins.
JOINED = re.compile(r"(?<![\w.@/\-])(?:[^\W\d_]{3,30}\d{1,8}\w{0,8}|[^\W_]{1,30}(?:_[^\W_]{1,30}){1,4})(?![\w@])")

DIGIT = r"(?:(?:double|triple)[ \-]{1,2})?(?:zero|nought|oh|one|two|three|four|five|six|seven|eight|nine|\d)"
SPELT_PHONE = re.compile(
    rf"\b(?=(?:[a-z]{{2,6}}|\d)[ ,.\-\n])(?:{DIGIT}[ ,.\-\n]{{1,3}}){{6,14}}{DIGIT}\b", re.IGNORECASE
)
NUMBER_WORD = re.compile(r"[a-z]{2,}", re.IGNORECASE)


def find(text: str) -> Iterator[Entity]:
    """Yield the plates, phones, postcodes, user names and e-mail addresses that are spelt around a pattern.

    `text` has no invisible characters. Values are as written, but for those of plates, phones and postcodes.
    """
    yield from (entity for entity in entities.find(text.translate(APART)) if entity.kind in SPLIT)
    for match in SPELT_EMAIL.finditer(text):
        yield Entity(Kind.EMAIL, match[0], match[0], *match.span())
    for match in SPELT_NAME.finditer(text):
        group = "before" if match["before"] else "after"
        yield Entity(Kind.USERNAME, match[group], match[group], *match.span(group))
    for match in JOINED.finditer(text):
        yield Entity(Kind.USERNAME, match[0], match[0], *match.span())
    for match in SPELT_PHONE.finditer(text):
        if len(NUMBER_WORD.findall(match[0])) > 2:
            yield Entity(Kind.PHONE, match[0], match[0], *match.span())
