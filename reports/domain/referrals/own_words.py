"""A tip in the desk's own words: nothing that shows who sent it leaves without a member saying why it may."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from reports import questions
from reports.domain.audit import audit_log
from reports.domain.errors import Copied, Refused
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import consent, leaks, not_in_tip, translation, versions
from reports.domain.tips import opening, reasons, recusal
from reports.domain.tips.opened_entry import OpenedEntry
from reports.models import AuditAct, Tip, Wording

LEFT_OUT = "What was left out"
LENGTH = 20_000  # characters
ANSWER_LENGTH = 1_000  # characters of an answer before a referral
BECAUSE_LENGTH = 500  # characters of why something stays
SHAPE: dict[str, Any] = {
    "text": str,
    "removed": str,
    "contact": str,
    "stays": dict,
    "position": int,
    "aside": list,
}
SHAPE |= {
    "quotes": list,
    "answers": dict | None,
}  # what was sealed before there were answers has none
# What the document prints of the answers that members give before the first approval, as pages and paper name it.
PRINTED = {
    "happened": "When it happened",
    "hurt": "Who could be hurt by a visit",
    "borne_out": "What else bears it out",
    "purpose": "What it is for",
}
# ... and what is for members alone, in no document.
FOR_MEMBERS = {
    "observed": "What was seen, and what is hearsay or a conclusion",
    "about": "Whether it is about who somebody is, or the sender could gain",
    "origin": "Why origin, faith or poverty has to stand here",
    "unguessable": "Whether nobody could guess who told us",
}
MOST_SHOWN = 30  # of what was found in a text, at a time; the others count as much


@dataclass(frozen=True)
class ReviewedLeak:
    """Something that could show who sent it, and why a member says that it stays; `because` is empty until then."""

    leak: leaks.Leak
    because: str = ""

    @property
    def open(self) -> bool:
        """Return whether it keeps the text from leaving."""
        return self.leak.barred or not self.because


@dataclass(frozen=True)
class LatestWording:
    """The latest version of our wording: what leaves, what was left out, and what was asked about it."""

    text: str = field(default="", repr=False)
    removed: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    version: int = 0
    author: str = ""
    position: int = 0  # of the newest entry that its writer had before them: what is later may change everything
    aside: tuple[str, ...] = field(
        default=(), repr=False
    )  # why team leads let later entries change nothing
    reviewed: tuple[ReviewedLeak, ...] = field(default=(), repr=False)
    quotes: tuple[str, ...] = field(
        default=(), repr=False
    )  # in the text, in what was left out, in printed answers
    answers: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # by the names of PRINTED and FOR_MEMBERS
    not_in_tip: tuple[str, ...] = field(
        default=(), repr=False
    )  # houses, plates and numbers in the text alone

    @property
    def open(self) -> tuple[ReviewedLeak, ...]:
        """Return what keeps it from leaving."""
        return tuple(leak for leak in self.reviewed if leak.open)

    @property
    def questions(self) -> tuple[ReviewedLeak, ...]:
        """Return what a page asks about: the unanswered first, and no more than can be read at once."""
        return tuple(sorted(self.reviewed, key=lambda leak: not leak.open))[:MOST_SHOWN]

    @property
    def open_later(self) -> int:
        """Return how many unanswered ones a page asks about only once those before them are answered."""
        return max(0, len(self.open) - MOST_SHOWN)


def begun() -> str:
    """Return how our wording begins: a line for each heading of the place, in the order that its police use."""
    return "\n".join(f"{heading}: " for heading in settings.PLACE.headings)


def without_headings(text: str) -> str:
    """Return a text without the headings at the beginnings of its lines: they are nobody's words."""
    return _under_headings(text, keep=False)


def by_heading(text: str) -> dict[str, str]:
    """Return what stands under each heading of the place, in the place's order, and last what stands under none ("").

    What is empty is left out.
    """
    headings = settings.PLACE.headings
    found: dict[str, list[str]] = {heading: [] for heading in (*headings, "")}
    under = ""
    for line in text.splitlines():
        begins = next((heading for heading in headings if line.startswith(f"{heading}:")), None)
        if begins is None:
            found[under].append(line.strip())
        else:
            under = begins
            found[under].append(line.removeprefix(f"{begins}:").strip())
    joined = {heading: "\n".join(lines).strip() for heading, lines in found.items()}
    return {heading: text for heading, text in joined.items() if text}


def _under_headings(text: str, *, keep: bool) -> str:
    """Return a text without the headings at the beginnings of its lines; with `keep`, without the empty lines alone."""
    for heading in settings.PLACE.headings:
        text = re.sub(rf"(?m)^{re.escape(heading)}:[ \t]*{'$' if keep else ''}", "", text)
    return re.sub(r"\n{2,}", "\n", text).strip() if keep and settings.PLACE.headings else text


def save(
    *,
    tip: Tip,
    text: str,
    removed: str,
    contact: str,
    stays: Mapping[str, str],
    position: int,
    seen: int,
    by: User,
    keys: Keys,
    answers: Mapping[str, str] | None = None,
) -> Wording:
    """Seal the text as the next version, by its own author, who had the entries up to `position`, as of event `seen`.

    `contact` leaves only because it stands in this field of its own: what the sender wants the police to have. `stays`
    holds reasons by the keys of what is asked about (`leaks.Leak`); those given before go on while the words do. Words
    of the sender's contact details are recorded, as what is asked about tells who guessed what stands there. `answers`
    stay as they were unless they are given. Raises Copied where `removed` has words of a sender who lets only ours
    leave.
    """
    text = _under_headings(text, keep=True)
    text = sealed.typed(
        text, most=LENGTH, what="Our wording", missing="Write our wording before you save it."
    )
    removed = sealed.typed(removed, most=LENGTH, what=LEFT_OUT)
    contact = sealed.typed(contact, most=BECAUSE_LENGTH, what="Contact details")
    recusal.require_free(tip=tip, by=by)
    before = latest(tip=tip, keys=keys)
    given = {reviewed.leak.key: reviewed.because for reviewed in before.reviewed}
    given |= {
        key: sealed.typed(because, most=BECAUSE_LENGTH, what="Reason")
        for key, because in stays.items()
    }
    entries = opening.open_all(tip=tip, keys=keys)
    translated = translation.text(tip=tip, keys=keys)
    require_own(removed, entries=entries, translated=translated, box="removed", named=LEFT_OUT)
    kept_answers = dict(before.answers if answers is None else answers)
    boxes = _boxes(text, removed, kept_answers)
    found = _leaks(boxes, entries)
    stays_kept = {leak.key: given[leak.key] for leak in found if given.get(leak.key)}
    content: dict[str, Any] = {
        "text": text,
        "removed": removed,
        "contact": contact,
        "stays": stays_kept,
    }
    content |= {
        "position": min(position, newest(entries), opening.read_up_to(tip=tip, by=by)),
        "aside": before.aside,
    }
    # No event names a translation, and who removes one must not free what we quote from it.
    content |= {"quotes": _quotes(boxes, [translated]), "answers": kept_answers}
    with transaction.atomic():
        row = versions.add(
            Wording, content, tip=tip, seen=seen, by=by, act=AuditAct.SAVED_WORDING, keys=keys
        )
        if count := sum(leak.kind == "contact" for leak in found):
            audit_log.record(
                by=by, act=AuditAct.MATCHED_CONTACT, subject=tip.reference, count=count
            )
    return row


def answer(*, tip: Tip, answers: Mapping[str, str], seen: int, by: User, keys: Keys) -> Wording:
    """Seal the same wording with these answers, by the names of PRINTED and FOR_MEMBERS, as the next version.

    Approvals of the tip's referrals are not taken off: they count as long as the document stays the same. Raises Copied
    where a printed one has words of a sender who lets only ours leave.
    """
    recusal.require_free(tip=tip, by=by)
    row = versions.latest(Wording, tip=tip)
    if row is None:
        raise Refused("Write our wording first.")
    labels = PRINTED | FOR_MEMBERS
    typed = {
        name: sealed.typed(answers.get(name, ""), most=ANSWER_LENGTH, what=labels[name])
        for name in labels
    }
    entries = opening.open_all(tip=tip, keys=keys)
    translated = translation.text(tip=tip, keys=keys)
    for name, label in PRINTED.items():
        require_own(typed[name], entries=entries, translated=translated, box=name, named=label)
    content = unsealed.content(row, keys=keys, **SHAPE)
    boxes = _boxes(content["text"], content["removed"], typed)
    quotes = dict.fromkeys([*content["quotes"], *_quotes(boxes, [translated])])
    content |= {"answers": typed, "quotes": list(quotes)}
    return versions.add(
        Wording, content, tip=tip, seen=seen, by=by, act=AuditAct.ANSWERED_QUESTIONS, keys=keys
    )


def still_holds(*, tip: Tip, position: int, seen: int, by: User, keys: Keys) -> Wording:
    """Seal the same wording as the next version, for a member who has read the entries up to `position`.

    Those who approve read who that was.
    """
    recusal.require_free(tip=tip, by=by)
    holds = f"{by.get_username()} has read it. Our wording holds."
    return _again(
        tip, position, aside=(holds,), act=AuditAct.WORDING_HOLDS, seen=seen, by=by, keys=keys
    )


def set_aside(*, tip: Tip, reason: str, position: int, seen: int, by: User, keys: Keys) -> Wording:
    """Do the same for a team lead, with why the later entries change nothing; those who approve read it.

    Raises Refused where one of them answers more strictly whether the police may be told.
    """
    reasons.require_team_lead(by=by)
    recusal.require_free(tip=tip, by=by)
    missing = "Write why it changes nothing. The people who approve the referral will read this."
    reason = sealed.typed(reason, most=BECAUSE_LENGTH, what="Reason", missing=missing)
    entries = opening.open_all(tip=tip, keys=keys)
    earlier = up_to(latest(tip=tip, keys=keys).position, entries)
    stands = consent.STRICTEST.index(consent.police(earlier))
    later = [(entry.kind, consent.police([entry])) for entry in entries if entry not in earlier]
    # What is no text, and leaves it open what the police may be told, says nothing.
    said = [answer for kind, answer in later if kind == "tip" or answer != consent.UNSAID]
    if any(consent.STRICTEST.index(answer) < stands for answer in said):
        raise Refused(
            "The sender has changed their answer about the police. You cannot say that this changes nothing."
        )
    aside = (f"{by.get_username()}: {reason}",)
    return _again(tip, position, aside=aside, act=AuditAct.SET_ASIDE, seen=seen, by=by, keys=keys)


def require_own(
    text: str, *, entries: Sequence[OpenedEntry], translated: str, box: str, named: str
) -> None:
    """Raise Copied where a box quotes a sender who lets only our own words leave."""
    if not consent.strict(entries):
        return
    if found := leaks.quotes(text, senders_words(entries, translated=translated)):
        message = (
            "“%(box)s” copies the sender, who lets only our own words leave. Write this in your own words: %(quotes)s. "
            "Nothing was saved, and what you typed is still here."
        )
        raise Copied(
            message % {"box": named, "quotes": ", ".join(f"“{quote}”" for quote in found)}, box=box
        )


def senders_words(entries: Sequence[OpenedEntry], *, translated: str) -> list[str]:
    """Return the texts that a sender typed, and what they say in translation, which is the sender's as well."""
    return [*_answers(entries, questions.OWN_WORDS), translated]


def newest(entries: Iterable[OpenedEntry]) -> int:
    """Return the highest position of what opens under a receipt; 0 where nothing does."""
    return max((entry.row.position for entry in entries if entry.kind != "broken"), default=0)


def up_to(position: int, entries: Iterable[OpenedEntry]) -> list[OpenedEntry]:
    """Return the entries up to a position."""
    return [entry for entry in entries if entry.row.position <= position]


def latest(
    *,
    tip: Tip,
    keys: Keys,
    entries: Sequence[OpenedEntry] | None = None,
    translated: str | None = None,
    up_to: int | None = None,
) -> LatestWording:
    """Return the latest text and what is asked about it now. The caller has recorded that the tip is read.

    It is checked again each time: what the sender added later counts, too. `entries` are opened already, as is
    `translated`. `up_to` is a version after which none counts.
    """
    row = versions.latest(Wording, tip=tip, up_to=up_to)
    if row is None:
        return LatestWording()
    content = unsealed.content(row, keys=keys, **SHAPE)
    stays = content["stays"]
    entries = opening.open_all(tip=tip, keys=keys) if entries is None else entries
    if translated is None:
        translated = translation.text(tip=tip, keys=keys)
    originals = senders_words(entries, translated=translated)
    answers = content.get("answers") or {}
    boxes = _boxes(content["text"], content["removed"], answers)
    quotes = _quotes(boxes, originals)
    return LatestWording(
        text=content["text"],
        removed=content["removed"],
        contact=content["contact"],
        version=row.version,
        author=row.author,
        position=content["position"],
        aside=tuple(content["aside"]),
        reviewed=tuple(
            ReviewedLeak(leak, stays.get(leak.key, "")) for leak in _leaks(boxes, entries)
        ),
        quotes=tuple(dict.fromkeys([*content["quotes"], *quotes])),
        answers=answers,
        not_in_tip=not_in_tip.find(
            content["text"], [*_answers(entries, questions.SEARCHABLE), translated]
        ),
    )


def _again(
    tip: Tip,
    position: int,
    *,
    aside: tuple[str, ...],
    act: AuditAct,
    seen: int,
    by: User,
    keys: Keys,
) -> Wording:
    there = newest(opening.open_all(tip=tip, keys=keys))
    row = versions.latest(Wording, tip=tip)
    had = min(position, there, opening.read_up_to(tip=tip, by=by))
    content = unsealed.content(row, keys=keys, **SHAPE) if row else {}
    if not row or had <= content["position"]:
        raise Refused("The sender has written nothing since our wording.")
    content |= {"position": had, "aside": [*content["aside"], *aside]}
    return versions.add(Wording, content, tip=tip, seen=seen, by=by, act=act, keys=keys)


def _boxes(text: str, removed: str, answers: Mapping[str, str]) -> list[str]:
    """Return what the document prints of these, but for contact details and headings."""
    printed = [answers[name] for name in PRINTED if answers.get(name)]
    return [without_headings(text), removed, *printed]


def _quotes(boxes: Iterable[str], originals: Iterable[str]) -> list[str]:
    known = leaks.pieces(originals)
    found = (leaks.quotes_among(box, known) for box in boxes)
    return [quote for quotes in found for quote in quotes]


def _leaks(boxes: Iterable[str], entries: Sequence[OpenedEntry]) -> tuple[leaks.Leak, ...]:
    contact = " \n".join(_answers(entries, questions.CONTACT_DETAILS))
    # Of the first text alone: whoever adds a number later could so keep us from asking about one of the sender's.
    first = [entry for entry in entries if entry.kind == "tip"][:1]
    theirs = " \n".join(_answers(first, questions.SELLERS))
    return leaks.find("\n\n".join(boxes), contact=contact, theirs=theirs)


def _answers(entries: Sequence[OpenedEntry], names: Iterable[str]) -> list[str]:
    return [str(entry.answers.get(name) or "") for entry in entries for name in names]
