"""What the sender says about being asked: the one rule over every way in which the team can ask or reach them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from reports.domain.errors import Refused

if TYPE_CHECKING:
    from reports.domain.tips.opened_entry import OpenedEntry
    from reports.models import Tip

YES, NO, UNKNOWN = "yes", "no", "unknown"


def may_ask(arrivals: "Iterable[OpenedEntry]") -> str:
    """Return YES, NO, or UNKNOWN where a part that does not open may say no.

    A "No" in any text holds until a reply came after it: then the sender has come back by themselves, unless they
    answered the question about the police alone. A second text lifts no "No": of two texts that were drained together
    nobody knows which came last. Nor does a reply where another sender may have written.
    """
    listed = list(arrivals)
    replies = [arrival.entry.position for arrival in listed if arrival.kind == "reply" and _is_from_sender(arrival)]
    replies = replies if has_one_holder(listed) else []
    standing = [arrival for arrival in listed if arrival.entry.position >= max(replies, default=0)]
    if any(arrival.kind == "tip" and arrival.answers.get("contact") == "none" for arrival in standing):
        return NO
    return UNKNOWN if any(arrival.kind == "broken" for arrival in standing) else YES


def has_one_holder(arrivals: "Iterable[OpenedEntry]") -> bool:
    """Return whether all that opens was sent with the same seven words: anyone else can only guess what they reply to.

    What names nobody to reply to is another's, unless all of it is like that.
    """
    return len({arrival.reply_to for arrival in arrivals if arrival.kind != "broken"}) <= 1


def may_phone(arrivals: "Iterable[OpenedEntry]") -> bool:
    """Return whether the sender chose to be phoned or emailed, and can have said No in no other text."""
    listed = list(arrivals)
    answers = {arrival.answers.get("contact") for arrival in listed if arrival.kind == "tip"}
    return "details" in answers and "none" not in answers and not any(arrival.kind == "broken" for arrival in listed)


def against(arrivals: "Iterable[OpenedEntry] | None") -> str:
    """Return why the sender may not be asked now, or "" where they may; None is a locked desk."""
    if arrivals is None:
        return _("Unlock the desk first, so that we can check whether the sender lets us ask.")
    return {
        NO: _("The sender asked us not to ask them anything. You can write again if they write to us."),
        UNKNOWN: _(
            "We cannot open a part of this tip, so we cannot check whether the sender lets us ask. Tell a team lead."
        ),
    }.get(may_ask(arrivals), "")


def require(arrivals: "Iterable[OpenedEntry] | None") -> None:
    """Raise Refused where the sender may not be asked now; None is a locked desk."""
    if refusal := against(arrivals):
        raise Refused(refusal)


def is_late(tip: "Tip", position: int) -> bool:
    """Return whether the entry at this position came after the receipt was burned: perhaps not from the sender."""
    return tip.burned is not None and position > tip.burned


def _is_from_sender(reply: "OpenedEntry") -> bool:
    return not is_late(reply.entry.tip, reply.entry.position) and reply.answers.keys() != {"police"}
