"""Usernames and e-mail addresses: the names by which people are found on phones."""

import re
from collections.abc import Iterator

from reports.text.entities.kinds import WORDS, Candidate, EntityKind, words

EMAIL = re.compile(
    r"(?<![\w.+\-])[\w.+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{2,63}){1,4}(?![\w@])"
)
NAME = r"[^\W_]?[\w.\-]{1,30}"
AT_NAME = re.compile(r"(?<![\w.@+\-])@ ?([\w][\w.\-]{1,30})")
SERVICES = (
    r"snap ?chat|snap|insta ?gram|insta|telegram|tele|tik ?tok|facebook|fb|whats ?app|wickr(?: me)?|signal|kik|discord|"
    r"twitter|threema|session|viber|messenger|onlyfans|reddit|user ?name|user ?id|screen ?name|gamer ?tag|psn|steam"
)
AT_SERVICE = re.compile(
    rf"\b(?P<service>{SERVICES})(?:['’]?s)?\b"
    r"(?: (?:account|profile|page)\b)?(?P<named> ?(?:user ?name|name|handle|id|tag|user|add|contact)\b)?"
    r"(?P<called>[ ,]{0,2}(?:is called|called|is|was|under|as|known as|goes by|on|are)\b)?"
    r"(?P<colon> {0,2}[:=\-–>] {0,2})?[ \"“”'(]{0,3}(?P<at>@ ?)?(?P<name>\w[\w.\-]{1,30})"
)
SIGNS = words(
    """snap insta tele tik facebook fb whats wickr signal kik discord twitter threema session viber messenger onlyfans
    reddit user screen gamer psn steam"""
)  # every service's name contains one of these; most texts have none, and need no search
PLACES = words("home work school night noon once least all the first last about around")
NOT_NAMES = WORDS | words(
    """with from that this they them their then there when where what which while who were will would could should have
    has had been being some somebody someone people message messages messaging group groups chat chats story stories
    account accounts name names called user username private public unknown none same different many several posts post
    posting video videos picture pictures photo photos dealing deals selling sells sold buying bought sending sends
    sent using uses used asking asks asked where after before because also only just like about under over again
    always every here deleted blocked changed still shows showing online page profile contact number phone app apps
    not-known never nothing something anything"""
)


def emails(text: str) -> Iterator[Candidate]:
    """Yield the e-mail addresses in a normalised text."""
    if "@" in text:
        for match in EMAIL.finditer(text):
            yield Candidate(EntityKind.EMAIL, match[0], *match.span())


def usernames(text: str) -> Iterator[Candidate]:
    """Yield the usernames in a normalised text: "@name", and names that follow a service's."""
    if "@" in text:
        for match in AT_NAME.finditer(text):
            name = match[1].rstrip(".-")
            goes_on = text[match.end() : match.end() + 1] == "@"
            is_word = " " in match[0] and not _marked(name)  # "see you @ home"
            if _is_name(name) and name not in PLACES and not goes_on and not is_word:
                yield Candidate(
                    EntityKind.USERNAME, name, match.start(), match.start(1) + len(name)
                )
    if not any(map(text.__contains__, SIGNS)):
        return
    for match in AT_SERVICE.finditer(text):
        name = match["name"].rstrip(".-")
        introduced = match["colon"] or match["at"] or match["named"] or "name" in match["service"]
        called = match["called"] and "called" in match["called"]
        is_meant = introduced or called or _marked(name)
        if _is_name(name) and name not in NOT_NAMES and is_meant:
            yield Candidate(
                EntityKind.USERNAME, name, match.start("name"), match.start("name") + len(name)
            )


def _is_name(name: str) -> bool:
    letters = sum(char.isalpha() for char in name)
    return (
        len(name) > 2
        and letters > 0
        and not re.fullmatch(r"\d{1,2}(?:[.:]\d\d)?(?:am|pm|ish|th|st|nd|rd)", name)
    )


def _marked(name: str) -> bool:
    """Return whether a word has digits, a low line or a full stop inside, as usernames do and ordinary words do not."""
    return bool(re.search(r"\w[\d_.]|\d\w", name)) and not re.fullmatch(r"[\d.]+[a-z]{0,2}", name)
