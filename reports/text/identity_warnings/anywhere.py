"""What can show who writes: phone numbers, email addresses, usernames with "@", and "I am" with a name."""

import re
from collections.abc import Iterator

from django.utils.functional import Promise

from reports.text.entities import normalise
from reports.text.entities.phones import phones
from reports.text.identity_warnings import advice

type Place = tuple[int, int, Promise]  # start, end and advice

BEFORE = 40  # characters in which a word such as "his" or "my" says whose a number is
# The last of these words in the sentence decides; without one it may be anybody's.
WHOSE = re.compile(
    r"\b(?:(?P<theirs>his|her|hers|their|theirs|its|the|this|that|these|he|she|they|him|them|dealer\w*|seller\w*|"
    r"jego|jej|ich|ten|tego|diler\w*|lui|ei|lor|acest|ei rif|eu rhif|y rhif|uska|unka|uski|unki|"
    r"\u0627\u0633 \u06a9[\u0627\u06cc\u06d2]|\u0627\u0646 \u06a9[\u0627\u06cc\u06d2]|"
    r"\w+(?:kiisa|keeda|kooda|tiisa|teeda|tooda))|"
    r"(?P<mine>I|I'm|me|my|mine|us|our|m[o\u00f3]j\w*|mnie|meu|mea|fy|fi|mera|meri|\u0645\u06cc\u0631\w+|"
    r"\w+(?:kayga|kaygu|tayda)))\b",
    re.IGNORECASE,
)
EMAIL = re.compile(r"(?<![\w.+@-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}")
HANDLE = re.compile(r"(?<![\w.@+-])@\w[\w.-]{2,30}")
# "I am", "this is ... speaking" and the like, then two words: a name if they are written as names are.
INTRODUCING = re.compile(
    r"\b(?:I am|I'm|Im|jestem|eu sunt|sunt|rwy'n|rwyf yn|dwi'n|dw i'n|waxaan ahay|anigu waxaan ahay|main|mein|yours,?|"
    r"regards,?|sincerely,?|signed:?|thanks,?|thank you,?|cheers,?|pozdrawiam,?|podpisano:?|cu respect,?|cu stima,?|"
    r"cofion,?|diolch,?|from:|name:)\s{1,3}(?P<first>[^\W\d_][\w'-]{1,30}) (?P<last>[^\W\d_][\w'-]{1,30})\b",
    re.IGNORECASE,
)
NO_NAMES = {"milton", "coffee", "the", "mr", "mrs", "ms"}


def names(text: str) -> Iterator[Place]:
    """Yield the places where somebody says their name, or signs with it."""
    for match in INTRODUCING.finditer(text):
        if _is_name(match["first"]) and _is_name(match["last"]):
            yield *match.span(), advice.NAME_ADVICE


def contacts(text: str, *, helplines: frozenset[str]) -> Iterator[Iterator[Place]]:
    """Yield e-mail addresses, user names and phone numbers, unless the sentence says that they are somebody else's."""
    if "@" in text:
        yield _written_with_at(text, EMAIL, advice.EMAIL_ADVICE)
        yield _written_with_at(text, HANDLE, advice.HANDLE_ADVICE)
    yield _phones(text, helplines)


def _written_with_at(text: str, pattern: re.Pattern[str], message: Promise) -> Iterator[Place]:
    for match in pattern.finditer(text):
        if not _is_theirs(text, match.start()):
            yield *match.span(), message


def _phones(text: str, helplines: frozenset[str]) -> Iterator[Place]:
    normalised = normalise(text)
    for phone in phones(normalised.text):
        start, end = normalised.span(phone.start, phone.end)
        if phone.value not in helplines and not _is_theirs(text, start):
            yield start, end, advice.ANY_PHONE_ADVICE


def _is_theirs(text: str, at: int) -> bool:
    """Return whether the sentence says before this place that it is somebody else's."""
    sentence = re.split(r"[.!?\n](?:\s|$)", text[max(0, at - BEFORE) : at])[-1]
    words = list(WHOSE.finditer(sentence))
    return bool(words) and words[-1]["theirs"] is not None


def _is_name(word: str) -> bool:
    return word[0].isupper() and word[1:].islower() and word.lower() not in NO_NAMES
