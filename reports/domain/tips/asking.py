"""What the sender says about being asked: the one rule over every way in which the team can ask or reach them."""

from collections.abc import Iterable

from reports.domain.errors import Refused
from reports.domain.tips.opened_entry import OpenedEntry
from reports.models import Tip

YES = "yes"
NO = "no"
UNKNOWN = "unknown"


def may_ask(entries: Iterable[OpenedEntry]) -> str:
    """Return YES, NO, or UNKNOWN where a part that does not open may say no.

    A "No" in any text holds until a reply came after it: then the sender has come back by themselves, unless they
    answered the question about the police alone. A second text lifts no "No": of two texts that were drained together
    nobody knows which came last. Nor does a reply where another sender may have written.
    """
    listed = list(entries)
    came_back = 0
    if has_one_holder(listed):
        replies = [
            entry.row.position
            for entry in listed
            if entry.kind == "reply" and _is_from_sender(entry)
        ]
        came_back = max(replies, default=0)
    answer = YES
    for entry in listed:
        if entry.row.position < came_back:
            continue
        if entry.kind == "tip" and entry.answers.get("contact") == "none":
            return NO
        if entry.kind == "broken":
            answer = UNKNOWN
    return answer


def has_one_holder(entries: Iterable[OpenedEntry]) -> bool:
    """Return whether all that opens was sent with the same seven words: anyone else can only guess what they reply to.

    What names nobody to reply to is another's, unless all of it is like that.
    """
    return len({entry.reply_to for entry in entries if entry.kind != "broken"}) <= 1


def may_phone(entries: Iterable[OpenedEntry]) -> bool:
    """Return whether the sender chose to be phoned or emailed, and can have said No in no other text.

    What came after they stopped their seven words chooses nothing: the number in it may be somebody else's.
    """
    has_chosen = False
    for entry in entries:
        if entry.kind == "broken":
            return False
        if entry.kind == "tip":
            answer = entry.answers.get("contact")
            if answer == "none":
                return False
            if answer == "details" and not is_late(entry.row.tip, entry.row.position):
                has_chosen = True
    return has_chosen


def against(entries: Iterable[OpenedEntry] | None) -> str:
    """Return why the sender may not be asked now, or "" where they may; None is a locked desk."""
    if entries is None:
        return "Unlock the desk first, so that we can check whether the sender lets us ask."
    return {
        NO: "The sender asked us not to ask them anything. You can write again if they write to us.",
        UNKNOWN: (
            "We cannot open a part of this tip, so we cannot check whether the sender lets us ask. Tell a team lead."
        ),
    }.get(may_ask(entries), "")


def require(entries: Iterable[OpenedEntry] | None) -> None:
    """Raise Refused where the sender may not be asked now; None is a locked desk."""
    if refusal := against(entries):
        raise Refused(refusal)


def is_late(tip: Tip, position: int) -> bool:
    """Return whether the entry at this position came after the receipt was stopped: perhaps not from the sender."""
    return tip.stopped is not None and position > tip.stopped


def _is_from_sender(reply: OpenedEntry) -> bool:
    return not is_late(reply.row.tip, reply.row.position) and reply.answers.keys() != {"police"}
