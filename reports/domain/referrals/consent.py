"""Whom we may tell of a tip: one rule from what the sender says and from the danger that a member writes down.

A yes lets us tell. Against anything less we tell by phone only on a ground, and against a no we tell nobody without
one. A tick at "I am under 18" is the second ground for those who keep children safe, and none for the police. The third
is for what came once the public pages said so (`adults_from`), and for the police and those who keep adults safe alone.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.db.models import TextChoices

from reports.domain.errors import Refused
from reports.domain.intake.recorded_tips import CHANNELS
from reports.domain.tips import asking
from reports.domain.tips.opened_entry import OpenedEntry
from reports.graphics.pdf import GROUNDS
from reports.models import Entry, Tip

NO = "no"
WORDS = "words"
YES = "yes"
UNSAID = ""
UNKNOWN = "unknown"
STRICTEST = (NO, WORDS, UNSAID, YES)  # the first that was given counts
STRICTER = (NO, WORDS)  # what alone counts of a reply, or of what a member reads in one


class Ground(TextChoices):
    """The danger on which we may tell someone although the sender did not say yes."""

    LIFE = "life", GROUNDS["life"]
    CHILD = "child", GROUNDS["child"]
    ADULT = "adult", GROUNDS["adult"]


WITHOUT_ADULTS = (Ground.LIFE, Ground.CHILD)
_DANGERS = "a life is at risk or a child may be in danger"
_DANGERS_WITH_ADULTS = (
    "a life is at risk, or a child or an adult who cannot protect themselves may be in danger"
)
_NO_ADULT = (
    "A danger to an adult is no reason here, because part of this came before our pages said that it is. Choose "
    "another danger, or none."
)


class SenderSays(NamedTuple):
    """What a sender says that decides whom we may tell."""

    police: str  # no, words, yes, "" where nothing was said, or unknown
    under_18: bool


def police(entries: Iterable[OpenedEntry]) -> str:
    """Return the strictest answer under a receipt: no, words, "" where a text left it open, or yes.

    Where two texts differ, nobody knows here which came last. A reply or a picture without an answer says nothing, and
    only a text can say yes: if another sender may have written it, their yes counts as no answer.
    """
    listed = list(entries)
    answers = {answer for entry in listed for answer in _answers(entry)}
    if not asking.has_one_holder(listed):
        answers.discard(YES)
    return next((answer for answer in STRICTEST if answer in answers), UNSAID)


def needs_team_lead(entries: Iterable[OpenedEntry]) -> bool:
    """Return whether a team lead must approve too.

    An answer was left open, a colleague typed it for somebody, or someone else may have written.
    """
    listed = list(entries)
    left_open = any(entry.kind == "tip" and UNSAID in _answers(entry) for entry in listed)
    return (
        left_open
        or bool(typists(listed))
        or police(listed) == UNSAID
        or not asking.has_one_holder(listed)
    )


def typists(entries: Iterable[OpenedEntry]) -> frozenset[str]:
    """Return who typed a part of a tip for its sender, by name: nobody else can tell whether the sender said so.

    Each is shown with how it came (`recorded_tips.CHANNELS`); a name without that counts for nothing.
    """
    given = (entry.answers for entry in entries if entry.answers.get("channel") in CHANNELS)
    return frozenset(str(answers["recorded_by"]) for answers in given if answers.get("recorded_by"))


def under_18(entries: Iterable[OpenedEntry]) -> bool:
    """Return whether "I am under 18" is ticked in any text under a receipt: for a warning, whoever ticked it."""
    return any(bool(entry.answers.get("under_18")) for entry in entries if entry.kind == "tip")


def known(entries: Iterable[OpenedEntry] | None) -> SenderSays:
    """Return what the sender says; UNKNOWN on a locked desk (None), or where a part that does not open may say no."""
    if entries is None:
        return SenderSays(UNKNOWN, under_18=False)
    listed = list(entries)
    answer = police(listed)
    broken = any(entry.kind == "broken" for entry in listed)
    # Anyone can tick a box for somebody else, as can who finds the words once their sender has stopped them.
    on_time = [entry for entry in listed if not asking.is_late(entry.row.tip, entry.row.position)]
    ticked = under_18(on_time) and asking.has_one_holder(listed)
    return SenderSays(UNKNOWN if broken and answer != NO else answer, ticked)


def _answers(entry: OpenedEntry) -> set[str]:
    """Return what an entry answers about the police, and what members read in it."""
    answer = str(entry.answers.get("police") or "")
    if entry.kind == "tip":
        given = answer if answer in STRICTEST else UNSAID
        return {given, *entry.changed}
    return {answer, *entry.changed} if answer in STRICTER else {*entry.changed}


def in_words(answer: str) -> str:
    """Return the answer as the desk's pages write it."""
    words = {NO: "no", WORDS: "in our words", YES: "yes", UNKNOWN: "we cannot check"}
    return words.get(answer, "not said")


def ground_in_words(ground: str) -> str:
    """Return a ground as the desk's pages write it; "" where none was written down."""
    return str(dict(Ground.choices).get(ground, ground))


def strict(entries: Iterable[OpenedEntry]) -> bool:
    """Return whether our own words alone may leave, without a quote: the sender said so, or never said yes.

    Where one text says yes and another leaves it open, all sent with the same seven words, the yes counts; else what
    the first text says. So a forged text takes nothing away from who said yes, and lets nothing out of who did not.
    """
    listed = sorted(entries, key=lambda entry: entry.row.position)
    if police(listed) in STRICTER:
        return True
    texts = [entry for entry in listed if entry.kind in ("tip", "broken")]
    those_that_count = texts if asking.has_one_holder(listed) else texts[:1]
    return not any(YES in _answers(text) for text in those_that_count)


def grounds_for(tips: Collection[Tip]) -> tuple[Ground, ...]:
    """Return the grounds that may be named for all of these tips.

    That of an adult is among them if every part of each came in or after the week in which the public pages first said
    so: who wrote before was told of two grounds.
    """
    since = settings.PLACE.adults_from
    if since is None or any(tip.received < since for tip in tips):
        return WITHOUT_ADULTS
    # A Monday divides what an opened part has, its week's, as it divides days.
    came_before = Entry.objects.filter(tip__in=[tip.pk for tip in tips], received__lt=since)
    return WITHOUT_ADULTS if came_before.exists() else tuple(Ground)


def against_ground(ground: str, *, grounds: Collection[Ground]) -> str:
    """Return why a ground does not count where only these may be named; "" where it does, and for none."""
    return _NO_ADULT if ground == Ground.ADULT and ground not in grounds else ""


def require_ground(
    ground: str, *, reason: str, grounds: Collection[Ground] = WITHOUT_ADULTS
) -> None:
    """Refuse a reason without one of these grounds, and a ground without a reason; neither is no override."""
    if refusal := against_ground(ground, grounds=grounds):
        raise Refused(refusal)
    if reason and ground not in Ground.values:
        raise Refused(f"Choose the danger: {in_one_sentence(grounds)}.")
    if ground and not reason:
        raise Refused("Write in a sentence who is in danger, and of what.")


def in_one_sentence(grounds: Collection[Ground]) -> str:
    """Return which dangers let us tell someone, to stand in a sentence."""
    return _DANGERS_WITH_ADULTS if Ground.ADULT in grounds else _DANGERS


def ground_for_call(
    sender_says: SenderSays, *, written: str, to_protect_children: bool, to_protect_adults: bool
) -> str:
    """Return the ground on which a call may be made: the written one, or the tick's where that is enough, or "".

    `to_protect_adults`: this is one of those whom the danger to an adult lets us call.
    """
    if written and (written != Ground.ADULT or to_protect_adults):
        return written
    return Ground.CHILD.value if to_protect_children and sender_says.under_18 else ""


def against_referral(
    answer: str,
    *,
    is_strict: bool,
    ground: str,
    quotes: Iterable[str] = (),
    pictures: bool = False,
    contact: bool = False,
    may_phone: bool = False,
    grounds: Collection[Ground] = WITHOUT_ADULTS,
) -> Iterator[str]:
    """Yield why a tip may not leave in a referral, a sentence each; nothing but a ground overrides a no.

    `may_phone`: the sender chose to be phoned or emailed, as the police will do who have their `contact`. `grounds` are
    those that may be named.
    """
    if answer == NO and not ground:
        yield _refusal(grounds)
    if is_strict:
        why = "The sender did not say yes, so only our own words may leave."
        if answer in STRICTER:
            why = "The sender agreed to our wording only."
        for quote in quotes:
            yield f"{why} Rewrite these words, which are the sender’s own: “{quote}”"
        if pictures and (answer in STRICTER or not ground):
            yield f"{why} Remove the pictures."
    if contact and answer != YES:
        yield "Remove the contact details. The sender did not agree that we may pass them to the police."
    elif contact and not may_phone:
        yield "Remove the contact details. The sender did not choose to be phoned or emailed."


def against_sharing(answers: Iterable[str]) -> Iterator[str]:
    """Yield why tips with these answers may not leave in one referral.

    The ground in it would be that of one tip alone.
    """
    if sum(answer == NO for answer in answers) > 1:
        yield "More than one sender said no. Draft a separate referral for each of these tips, with its own reason."


def against_call(
    answer: str, *, ground: str, to_police: bool, grounds: Collection[Ground] = WITHOUT_ADULTS
) -> str:
    """Return why this person may not be told by phone, or "" where they may.

    Nobody can check afterwards whose words a call used, and no second person hears it: so anything less than a yes
    takes a ground, one of `grounds`. A yes is one to the police: anyone else is told on a ground alone.
    """
    if ground or (answer == YES and to_police):
        return ""
    if answer == YES:
        return (
            "To record this call, choose the danger, and write who is in danger and of what. The sender agreed only "
            "that we tell the police."
        )
    if answer == NO:
        return f"{_refusal(grounds)} If you have already called without a reason, write a note and tell a team lead."
    if answer == UNKNOWN:
        return (
            "We cannot check now whether the sender agreed. Unlock the desk first, or choose "
            "the danger and write why."
        )
    if answer == WORDS:
        return (
            "The sender agreed to our wording only, and nobody can check the words of a call. Choose the danger and "
            "write why, or draft a police referral."
        )
    return (
        "The sender did not say whether the police may be told. Choose the danger and write why, or draft a police "
        "referral for a team lead to approve."
    )


def _refusal(grounds: Collection[Ground]) -> str:
    return (
        f"The sender does not want us to tell the police. We may tell someone only if {in_one_sentence(grounds)}. "
        "Choose which, and write why."
    )
