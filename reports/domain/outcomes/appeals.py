"""Results of closed appeals: a file for the public pages."""

from dataclasses import asdict

from newsroom.domain.appeals import Answered, answered_appeals
from reports.domain import state_files

FILE = "answered.json"


def publish() -> None:
    """Write the results of closed appeals to the file, if they have changed."""
    state_files.publish(FILE, map(asdict, answered_appeals()))


def appeals() -> list[Answered]:
    """Return closed appeals that have a published result, the last closed first; none without a readable file."""
    return state_files.published(FILE, lambda row: Answered(**row))
