"""What the queue says of a tip: its chips, and after a press how it begins."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.text import Truncator

from core.text import plural
from reports.domain.triage import at_end, relations
from reports.models import Tip
from reports.models.tips import AT_END

LINE = 120  # characters of a first line


class Chip(NamedTuple):
    """A word or two, and how it looks: urgent, unread, calm, label, enquiry, or plain."""

    text: str
    look: str = "plain"


class Beside(NamedTuple):
    """What the queue says beside a tip that is not in its columns."""

    chips: Sequence[Chip]
    same: int  # unread tips that say the same, this one included; 0 for one by itself
    line: str
    ticked: bool
    has_it: str


def beside(
    tips: Iterable[Tip],
    *,
    by: User,
    answers: Mapping[UUID, list[dict[str, Any]]],
    lines: bool,
    ticked: bool,
    copies: bool,
) -> dict[UUID, Beside]:
    """Return what the queue says of each tip of a page, by its key: of some also what their answers say of danger.

    `lines`: each glimpse of these is in the audit log, so their first lines are shown too. `copies`: how many say the
    same is said too.
    """
    same = at_end.counts(tips=tips, by=by) if copies else {}
    said = dict[UUID, Beside]()
    for tip in tips:
        entries = answers.get(tip.pk, [])
        said[tip.pk] = Beside(
            chips=[*marks(tip, entries), *_clear(tip)],
            same=same.get(tip.pk, 0),
            line=line(entries) if lines else "",
            ticked=ticked,
            has_it=has_it(tip, user=by),
        )
    return said


def marks(tip: Tip, entries: Collection[Mapping[str, Any]] = ()) -> list[Chip]:
    """Return what is new and who has it, and of its answers what they say of danger."""
    return [*_state(tip), *_danger(entries, unsure=tip.unsure)]


def line(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return how a tip begins, from its answers."""
    text = next((str(answers["what"]) for answers in entries if answers.get("what")), "")
    return Truncator(" ".join(text.split())).chars(LINE)


def sources(tips: Sequence[Tip], *, by: User, denied: Iterable[UUID] = ()) -> str:
    """Return in words how many sources these tips have: an upper bound where not all were compared."""
    number, compared = relations.sources(tips=tips, by=by, denied=denied)
    if compared:
        return plural(number, f"{number} source", f"{number} sources")
    return plural(number, f"at most {number} source", f"at most {number} sources")


def alarm(tip: Tip) -> Chip:
    """Return who has an urgent tip."""
    if tip.acknowledged_at and tip.decided:
        return Chip("Urgent, decided", "calm")
    if tip.acknowledged_at:
        return Chip(f"Urgent: {tip.acknowledged_by} has it", "calm")
    if tip.acknowledged_by:
        return Chip(f"Urgent: {tip.acknowledged_by} had it, no decision yet", "urgent")
    if tip.assignee:
        given = f"Urgent: given to {tip.assignee.get_username()}, who has not said “I have it”"
        return Chip(given, "urgent")
    return Chip("Urgent: nobody has it", "urgent")


def has_it(tip: Tip, *, user: User) -> str:
    """Return who has a tip, or to whom it is given: an urgent one is nobody's until somebody says “I have it”."""
    if tip.assignee is None:
        return "nobody has it"
    if tip.urgent and not tip.decided and not tip.acknowledged_at:
        return f"given to {tip.assignee.get_username()}"
    if tip.assignee == user:
        return "I have it"
    return f"{tip.assignee.get_username()} has it"


def _state(tip: Tip) -> Iterable[Chip]:
    if tip.rank == AT_END:
        yield Chip("At the end of the queue")
    if tip.urgent:
        yield alarm(tip)
    if tip.new_answer:
        yield Chip("New answer", "unread")
    elif tip.unread:
        yield Chip("Unread", "unread")


def _danger(entries: Collection[Mapping[str, Any]], *, unsure: bool) -> Iterable[Chip]:
    """Yield what makes a tip urgent, from its answers, and that its sender was not sure about danger."""
    if any(answers.get("danger") == "yes" for answers in entries):
        yield Chip("Danger", "urgent")
    elif unsure or any(answers.get("danger") == "unsure" for answers in entries):
        yield Chip("Danger: not sure", "label")
    if any(answers.get("under_18") for answers in entries):
        yield Chip("Under 18", "urgent")


def _clear(tip: Tip) -> Iterable[Chip]:
    """Yield what the list has fetched with the tip."""
    if vars(tip).get("called"):
        yield Chip("Urgent call recorded", "urgent")
    if tip.malicious:
        yield Chip("Possibly malicious", "label")
    for name in sorted((label.name for label in tip.labels.all()), key=str.casefold):
        yield Chip(name, "label")
    for name in sorted((link.enquiry.codename for link in tip.links.all()), key=str.casefold):
        yield Chip(name, "enquiry")
