"""How a reading is laid out on a tip's page.

Parts, answers in reading order, and what a caseworker must bear in mind.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise

from reports import questions
from reports.domain.intake.recorded_tips import CHANNELS
from reports.domain.referrals import consent, urgent_calls
from reports.domain.referrals.translation import TranslatedTip
from reports.domain.retention import schedule
from reports.domain.tips import asking, digests
from reports.domain.tips.opened_entry import OpenedEntry
from reports.domain.tips.opening import Reading
from reports.domain.triage import safety
from reports.models import Entry, Status, Tip, UrgentCall
from reports.models.tips import UNDECIDED
from reports.text import commonest, self_harm

type Text = str | Promise

SOURCE: dict[str, Text] = {
    "saw": "First hand: the sender knows it directly.",
    "told": "Second hand, from someone who was there.",
    "people_say": "Rumour: something to follow up, not knowledge.",
    "worked_out": "A conclusion. Check what it is based on.",
    "rather_not": "Not known. There may be a good reason for that.",
}
SUSPICIONS: dict[str, Text] = {
    "filled-trap": "a box that people do not see was filled in",
    "no-mark": "it did not come from our form",
    "too-fast": "it was sent within seconds of opening the form",
    "stale": "the form had been open for more than a day",
}
POLICE: dict[str, Text] = {
    "no": "No. We may tell the police only if %(dangers)s.",
    "words": "Only in our words. Rewrite it before you pass it on.",
    "yes": "Yes, the sender agrees.",
}


SENDER_SAYS: dict[str, Text] = {
    "danger": "The sender says that someone could be badly hurt, or that a child is in danger.",
    "under_18": "The sender says they are under 18.",
    "children": "The sender says that children are being used, or sent to other places.",
}


class Answer(NamedTuple):
    """One answered question; `hint` explains what the answer is worth."""

    name: str
    question: Text
    text: Text
    hint: Text = ""


class Part(NamedTuple):
    """One entry as the page shows it."""

    heading: str
    received: str
    broken: bool
    differs: bool
    what: Text
    answers: list[Answer]
    pictures: list[str]
    suspicions: list[Text]
    came: str = ""
    language: Text = ""  # as guessed, of what is not in English
    pages: Text = ""  # the language of the pages that it was sent from, unless that is English
    doubt: str = ""  # changed, or added: why nobody proves it
    new: bool = False
    late: bool = False  # came after the sender stopped their seven words


class Care(NamedTuple):
    """What to bear in mind before anything of a tip is passed on."""

    reasons: list[Text]  # why someone may be in danger, whoever said it; empty where nobody did
    child: bool
    under_18: bool
    police: Text
    guessable: bool
    dangers: list[str]  # what the sender says could hurt someone
    # By whom and when all that has come was told, by whom: the police, who protects children, who protects adults.
    told: dict[str, str] = {}
    told_before: dict[str, str] = {}  # the same of calls after which more came
    changed: str = (
        ""  # how the sender made their answer about the police stricter since their first text
    )
    self_harm: Sequence[
        str
    ] = ()  # their words that may mean that somebody is thinking of harming themselves


def received(row: Tip | Entry) -> str:
    """Return the day of an unopened entry, or the week of an opened one, which is all that is kept."""
    day = formats.date_format(row.received, "j M Y")
    return f"week of {day}" if row.opened else day


def parts(reading: Reading, *, read: int) -> list[Part]:
    """Return the entries: the first text whole, later ones by what differs from it. Answers stand in the talk.

    What came after the first `read` stands above, marked as new.
    """
    first = next((entry for entry in reading.entries if entry.kind == "tip"), None)
    shown = [
        _part(reading, entry, first, read=read)
        for entry in reading.entries
        if entry.kind != "reply"
    ]
    return sorted(shown, key=lambda part: not part.new)


def originals(reading: Reading) -> list[tuple[str, str]]:
    """Return all that the sender wrote, answers too, the newest first: when it came, and its text."""
    newest_first = sorted(reading.entries, key=lambda entry: -entry.row.position)
    texts = []
    for entry in newest_first:
        text = entry.answers.get("what")
        if text:
            texts.append((received(entry.row), str(text)))
    return texts


def language(entries: Sequence[OpenedEntry], *, latest: TranslatedTip) -> str:
    """Return the code of a tip's language: as a member corrected it, else of its newest pages, else as guessed.

    "" where that is unclear.
    """
    if latest.version:
        return latest.language
    return next(filter(None, _languages(entries)), "")


def _languages(entries: Sequence[OpenedEntry]) -> Iterator[str]:
    """Yield the languages of pages, the newest first, then the guesses that are not English, then English."""
    for entry in reversed(entries):
        yield entry.language
    guesses = [digests.language(entry.answers) for entry in entries]
    for code in guesses:
        if code != "en":
            yield code
    if "en" in guesses:
        yield "en"


TOLD = ("police", "safeguarding")  # choices of a decision that say that there was danger


def care(
    entries: Sequence[OpenedEntry],
    *,
    calls: Sequence[tuple[UrgentCall, dict[str, Any]]] = (),
    decisions: Sequence[dict[str, str]] = (),
    allowed: Collection[consent.Ground] = consent.WITHOUT_ADULTS,
) -> Care:
    """Return the most careful reading of all texts under the receipt, and of what members wrote down since.

    `allowed` are the grounds that may be named for the tip. `calls` and `decisions` are opened. A call counts for what
    had come when it was recorded, and for nothing after it.
    """
    answers = [entry.answers for entry in entries if entry.kind != "broken"]
    newest = max((entry.row.position for entry in entries), default=0)
    known: dict[bool, dict[str, str]] = {True: {}, False: {}}
    grounds = set[str]()
    for call, told in calls:
        if call.mistaken:
            continue
        grounds.add(str(told.get("ground", "")))
        words = urgent_calls.in_words(call, answers=told)
        if words:
            known[call.position >= newest][urgent_calls.protected_by(told)] = words
    grounds.discard("")
    of_danger = [str(safety.CHOICES[choice]) for choice in TOLD]
    member = grounds or any(row.get("choice") in of_danger for row in decisions)
    reasons = (
        (any(a.get("danger") == "yes" for a in answers), SENDER_SAYS["danger"]),
        (consent.under_18(entries), SENDER_SAYS["under_18"]),
        (any(a.get("kind") == "children" for a in answers), SENDER_SAYS["children"]),
    )
    said = [reason for is_so, reason in reasons if is_so]
    if member and not said:
        said = ["A team member wrote down that someone is in danger."]
    unsaid = "No answer. If someone is in danger, phone %(emergency)s now. Otherwise ask a team lead first."
    if said:  # what to do now says whom to phone
        unsaid = "No answer. Ask a team lead first."
    facts = {**settings.PLACE.numbers, "dangers": consent.in_one_sentence(allowed)}
    return Care(
        reasons=said,
        child=urgent_calls.is_about_a_child(entries, grounds=grounds),
        under_18=consent.known(entries).under_18,
        police=str(POLICE.get(consent.police(entries), unsaid)) % facts,
        guessable=any(a.get("guessable") == "yes" for a in answers),
        dangers=list(dict.fromkeys(str(a["dangers"]) for a in answers if a.get("dangers"))),
        told=known[True],
        told_before=known[False],
        changed=_changed(entries),
        self_harm=self_harm.find(_typed(answers)),
    )


def _typed(answers: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield what the sender typed, newest first, but for contact details."""
    for given in reversed(answers):
        for name in questions.SEARCHABLE:
            if given.get(name):
                yield str(given[name])


def _changed(entries: Sequence[OpenedEntry]) -> str:
    """Return in a sentence how the answer about the police has become stricter since the first text; "" if not."""
    texts = sorted(
        (entry for entry in entries if entry.kind == "tip"), key=lambda entry: entry.row.position
    )
    before = consent.police(replace(text, changed=()) for text in texts[:1])
    now = consent.police(entries)
    if not texts or before == now or now not in consent.STRICTER:
        return ""
    old = consent.in_words(before)
    new = consent.in_words(now)
    return f"The sender changed their answer about the police from “{old}” to “{new}”."


def _part(reading: Reading, entry: OpenedEntry, first: OpenedEntry | None, *, read: int) -> Part:
    answers = entry.answers
    differs = first is not None and entry is not first and entry.kind == "tip"
    if first is not None and differs:
        answers = {
            name: value for name, value in answers.items() if first.answers.get(name) != value
        }
    hints = {"source": SOURCE.get(str(answers.get("source")), "")}
    if (now := consent.police(reading.entries)) in consent.STRICTER and now != answers.get(
        "police"
    ):
        hints["police"] = f"The sender’s answer is now “{consent.in_words(now)}”."
    others = []
    for question, text in questions.in_reading_order(answers):
        if question.name != "what":
            hint = hints.get(question.name, "")
            others.append(Answer(question.name, question.label, text, hint))
    of_this_entry = [reading.tip.pk, entry.row.pk]
    guessed = digests.language(answers)
    return Part(
        heading=_heading(entry, first),
        received=received(entry.row),
        broken=entry.kind == "broken",
        differs=differs,
        what=str(answers.get("what", "")),
        answers=others,
        pictures=[
            reverse("admin:reports_tip_picture", args=[*of_this_entry, number])
            for number in range(entry.pictures)
        ],
        suspicions=[SUSPICIONS.get(reason, reason) for reason in entry.suspect],
        came=_came(entry.answers),
        language="" if guessed == "en" else commonest.NAMES.get(guessed, ""),
        pages=commonest.NAMES.get(entry.language, ""),
        doubt=reading.doubt(entry.row),
        new=0 < read < entry.row.position,
        late=asking.is_late(reading.tip, entry.row.position),
    )


def _came(given: dict[str, Any]) -> str:
    """Return how a tip came that a member wrote down, and who did."""
    if given.get("channel") not in CHANNELS:
        return ""
    channel = CHANNELS[given["channel"]]
    who = given.get("recorded_by", "")
    return f"{channel}. {who} recorded this, not the sender."


def _heading(entry: OpenedEntry, first: OpenedEntry | None) -> str:
    if entry.kind == "broken":
        return "A part that we cannot open"
    if entry.kind == "photos":
        return "Pictures"
    if entry is first:
        return "What the sender wrote"
    return "Follow-up: changed text"


def follows(tip: Tip, status: str, *, due_on: date | None, may_stay: bool) -> str:
    """Return what follows from a choice: for the reminders, for how long we keep the tip, and what its sender reads.

    `due_on` is the day of deletion as it stands; `may_stay`: something keeps it whatever is chosen.
    """
    stays = status == tip.status
    lines = []
    if tip.urgent:
        go_on = status in UNDECIDED or (stays and tip.acknowledged_at is None)
        go_on_words = "Reminders go on."
        if tip.acknowledged_at:
            go_on_words = "Reminders are paused while someone has it."
        lines.append(go_on_words if go_on else "Reminders end.")
    day = due_on if stays else schedule.due_if_decided(status, today=timezone.localdate())
    lines.append(_how_long(tip, status, day, may_stay=may_stay and not stays))
    lines.append("The sender sees only that we read it, and our messages.")
    return " ".join(lines)


def _how_long(tip: Tip, status: str, day: date | None, *, may_stay: bool) -> str:
    """Return how long we keep the tip with this status, as “History and keeping” will say it."""
    if status == Status.LINKED:
        return "We keep it until its enquiries are closed."
    if status == Status.PASSED_ON and tip.confirmed is None:
        return "We keep it until the police confirm it, or someone else has looked at the call."
    if not day:
        return "We keep it."
    sentence = "We delete it on %(day)s."
    if may_stay:
        sentence = "We delete it on %(day)s at the earliest."
    return sentence % {"day": formats.date_format(day, "j M Y")}


def problem_of(reading: Reading) -> str:
    """Return what someone has changed of the tip's facts outside Streetlight, in words; "" where nothing is."""
    if reading.was_made_quiet:
        return (
            "The sender says that someone is in danger, but someone made this tip not urgent outside Streetlight. "
            "Treat it as urgent, and tell a team lead."
        )
    if reading.swapped:
        return "The list does not show the kind, area or appeal that the sender gave for this tip. Tell a team lead."
    return ""
