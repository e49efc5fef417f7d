"""Warnings about words in a tip that could show who sent it, before it is sent. Pure, in English, advice only."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST_QUOTE = 60  # characters of the person's words that are quoted back
MOST_QUOTES = 3  # for each advice in a field
CONTACT = {"contact", "contact_details", "contact_safe"}  # what a sender means to tell us of themself

PHONE = r"(?:\+44|0044|\(?0)[ -]?\d(?:[ ()-]{0,2}\d){8,9}\b"
EMAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}"
POSTCODE = r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b"
ME = r"(?:me|us|mine|ours|my|our)\b"
MORE = r"(?: \w+){0,2}"  # the next words, so that the quote can be found again in the text
PHONES = r"phone|mobile|cell|number|tel|telephone|whatsapp|no"
HOME = (
    r"house|home|flat|garden|window|bedroom|kitchen|balcony|driveway|drive|front door|back door|doorbell|fence|"
    r"garage|address|post ?code|block|building|landing|street|road"
)
LIVING = r"at|on|here|there|in (?:the|number|no|flat|a (?:flat|house))|\d+"
BESIDE = (
    r"opposite|across|next|near|nearby|above|below|under|over|behind|beside|by|facing|upstairs|downstairs|round|"
    r"around|with|close|two doors|three doors"
)
NEAR_ME = (
    r"opposite|across (?:the \w+ )?from|over the (?:road|street|way) from|above|below|beneath|beside|behind|facing|"
    r"(?:one|two|three|four|a few|\d) doors? (?:\w+ )?from|downstairs from|upstairs from|"
    r"(?:lives?|living) (?:with|near)"
)
KIN = (
    r"(?:step|half|foster)?[ -]?(?:mum|mom|mam|dad|mother|father|brother|sister|son|daughter)|husband|wife|"
    r"fianc[eé]e?|partner|boyfriend|girlfriend|gran(?:dad|dma|ny|dson|ddaughter)?|uncle|aunt(?:ie|y)?|cousin|nephew|"
    r"niece|(?:mother|father|brother|sister)-in-law|in-laws|family|"
    r"ex(?:[ -](?:husband|wife|partner|boyfriend|girlfriend))?|flatmate|housemate|room-?mate|lodger|tenant|"
    r"landlord|landlady|boss|manager|colleague|workmate|co-?worker|client"
)
JOBS = (
    r"nurse|teacher|doctor|social worker|carer|cleaner|caretaker|warden|post(?:man|woman)|driver|courier|"
    r"shopkeeper|landlord|landlady|tenant|neighbou?r|bouncer|barber|youth worker|student|pupil"
)
WORKING = r"work|worked|volunteer|study|teach|clean|deliver"
WHERE = r"at|for|in|with|there|here|as|next|near|nights"

PHONE_ADVICE = _("This looks like your own phone number. Take it out, unless you want us to have it.")
EMAIL_ADVICE = _("Is this your own e-mail address? Take it out, unless you want us to have it.")
NAME_ADVICE = _("This looks like your name. We do not need it.")
HOME_ADVICE = _("This says something about where you live. Say where it happens instead, without “my”.")
NEAR_ADVICE = _("This says where you live or stand. Few people live there, so they may guess that it was you.")
KIN_ADVICE = _("This says who you are to someone. “A person I know” says less about you.")
WORK_ADVICE = _("This says where you work or learn, or what you do. Others may know who that is.")
ONLY_ADVICE = _("If only you or a few people can know this, they may guess that it was you. Say less if you can.")
DEALINGS_ADVICE = _("This says what went on between you and them. They may know from it that it was you.")
VEHICLE_ADVICE = _("This looks like your own car or bike. Leave it out.")
CONTACT_ADVICE = _(
    "You wrote contact details but did not choose that we may use them. Take them out if you do not want us to."
)


# Apostrophes are straight here, whatever was typed. Repeats are bounded, so 100 kB take milliseconds.
PATTERNS: tuple[tuple[Promise, re.Pattern[str]], ...] = tuple(
    (advice, re.compile("|".join(patterns), re.IGNORECASE))
    for advice, *patterns in (
        (
            PHONE_ADVICE,
            rf"\bmy (?:\w+ )?(?:{PHONES})\b[ .:=]{{0,3}}(?:number )?(?:is |on |at )?{PHONE}",
            rf"\b(?:call|ring|phone|text|reach|contact|message|whatsapp|get) me\b[^.\n]{{0,30}}?{PHONE}",
            rf"\b(?:I'm|I am|mine is|mine's) (?:on |at )?{PHONE}",
        ),
        (EMAIL_ADVICE, rf"(?<!\bhis )(?<!\bher )(?<!\btheir )(?<!\bis )(?<![\w.+@-]){EMAIL}"),
        (NAME_ADVICE, rf"\bmy (?:full |real |first |last )?name(?:'s| is)\b{MORE}"),
        (
            HOME_ADVICE,
            rf"\b(?:my|our) (?:own |front |back |home |whole )?(?:{HOME})\b",
            rf"\b(?:I|we) live\b[^.\n]{{0,40}}?\b{POSTCODE}",
            rf"\b(?:I|we) (?:\w+ )?live (?:{LIVING})\b{MORE}",
        ),
        (
            NEAR_ADVICE,
            rf"\b(?:I|we) (?:\w+ )?(?:live|stay|sleep|rent) (?:\w+ )?(?:{BESIDE})\b{MORE}",
            rf"\b(?:{NEAR_ME}) {ME}(?: \w+)?",
            rf"\bnext[ -]door\b(?! to (?!{ME}))(?! (?:shop|garage|pub|school))(?: to {ME})?",
            r"\b(?:my|our) (?:(?!next\b)[\w-]+ ){0,2}?neighbou?rs?\b",
        ),
        (
            KIN_ADVICE,
            rf"\b(?:my|our) (?:old |new |own |best |little |big |younger |older |elder )?(?:{KIN})\b",
            r"\b(?:I'm|I am) (?:his|her|their) \w+",
        ),
        (
            WORK_ADVICE,
            rf"\bI (?:\w+ )?(?:{WORKING}) (?:{WHERE})\b{MORE}",
            rf"\b(?:I'm|I am) (?:working|studying|teaching) (?:{WHERE})\b{MORE}",
            r"\bmy (?:\w+ )?(?:work|workplace|job|shift|shop|office|school|college|class)\b",
            rf"\b(?:I'm|I am) (?:a|an|the) (?:\w+ )?(?:{JOBS})\b",
        ),
        (
            ONLY_ADVICE,
            r"\bonly (?:I|me|we)\b(?: \w+){0,3} (?:know|knows|saw|seen|heard|see|hear)\b",
            r"\b(?:I'm|I am|I was|we are|we're) the only (?:one|ones|person|people)\b",
            r"\b(?:nobody|no[ -]?one) else (?:\w+ )?(?:knows?|saw|seen|heard|sees)\b",
            r"\bonly (?:ever )?told (?:me|us)\b|\btold (?:only me|me (?:in (?:confidence|secret)|not to tell))\b",
        ),
        (
            DEALINGS_ADVICE,
            r"\bI (?:\w+ )?(?:owe|owed) (?:him|her|them)\b",
            r"\bI (?:\w+ )?(?:buy|bought|get|got|score|scored) (?:\w+ ){0,3}(?:from|off) (?:him|her|them)\b",
            r"\b(?:he|she|they)(?:'s|'ve)? (?:\w+ ){0,2}(?:sold|sells?) (?:(?:it|some|weed) )?(?:to )?(?:me|us)\b",
            r"\b(?:he|she|they)(?:'s|'ve)? (?:\w+ ){0,2}(?:threatened|hit|attacked) (?:me|us)\b",
        ),
        (
            VEHICLE_ADVICE,
            r"\bmy (?:own )?(?:car|van|bike|motorbike|moped)(?:'s| is| reg\w*| plate| number)\b",
            r"\bmy (?:own )?(?:number plate|reg|registration)\b",
        ),
    )
)


class IdentityWarning(NamedTuple):
    """A place where an answer could show who wrote it: the field, the words themselves, and what to do about them."""

    field: str
    text: str
    message: Promise

    @property
    def advice(self) -> tuple[str, Promise]:
        """Return the field and the advice: warnings that share both are shown together."""
        return self.field, self.message


def find(answers: Mapping[str, Any]) -> tuple[IdentityWarning, ...]:
    """Return the warnings for a tip's answers (by field, in the form's order): field by field, equal advice together.

    A field gets at most three warnings (MOST_QUOTES) of one kind, so that a long text is not answered by a longer list.
    """
    searched = {field: str(typed) for field, typed in answers.items() if typed and field not in CONTACT}
    warnings = [warning for field, typed in searched.items() for warning in _search(field, typed)]
    details = str(answers.get("contact_details") or "")
    if details and answers.get("contact") != "details":
        warnings.append(IdentityWarning("contact_details", _quote(details), CONTACT_ADVICE))
    return tuple(warnings)


def _search(field: str, typed: str) -> Iterator[IdentityWarning]:
    text = re.sub("[\u2018\u2019\u02bc\u00b4`]", "'", typed)  # of the same length, so that positions stay true
    for advice, pattern in PATTERNS:
        if advice is EMAIL_ADVICE and field == "numbers":
            continue  # an address that somebody sells from
        quotes = dict.fromkeys(_quote(typed[match.start() : match.end()]) for match in pattern.finditer(text))
        for quote in list(quotes)[:MOST_QUOTES]:
            yield IdentityWarning(field, quote, advice)


def _quote(words: str) -> str:
    """Return the words on one line, cut where they are long."""
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + "…"
