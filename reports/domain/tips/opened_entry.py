"""What an entry says once it is open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.models import Entry


@dataclass(frozen=True)
class OpenedEntry:
    """One opened entry: its kind, its answers, and its number of pictures."""

    row: Entry
    kind: (
        str  # tip, photos, reply, or broken: the envelope does not open, or belongs to another row
    )
    answers: dict[str, Any] = field(default_factory=dict, repr=False)
    pictures: int = 0
    suspect: tuple[str, ...] = ()
    reply_to: str = field(default="", repr=False)  # the sender's recipient
    language: str = field(
        default="", repr=False
    )  # of the pages that it was sent from; "" for English or unknown
    after: int = 0  # of a reply: the newest message that its sender had seen
    changed: tuple[str, ...] = ()  # the stricter answers about the police that members read in it


def danger_place(answers: Iterable[Mapping[str, Any]]) -> tuple[int, bool]:
    """Return by what to sort an urgent tip, from its answers `about_danger`.

    First come those with children or weapons, before all others those with both; then ticked dangers.
    """
    listed = list(answers)
    has_children = any(one.get("under_18") or one.get("kind") == "children" for one in listed)
    has_weapons = any(one.get("weapons") for one in listed)
    return -has_children - has_weapons, not any(one.get("danger") == "yes" for one in listed)
