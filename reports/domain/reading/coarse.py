"""What of a tip stands in clear once it is opened: its kind, area and appeal, and the week of its day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

from config import statements
from reports.domain.record import tallies
from reports.models import Entry, Tip

FILLED = ("opened", "received", "category", "area", "appeal", "digested")


@dataclass(slots=True)
class Clear:
    """What stands in clear of a tip, as far as opening has to do with it."""

    id: UUID
    status: str
    opened: bool
    received: date
    category: str
    area: str
    appeal: str
    digested: bool


class Waiting(NamedTuple):
    """What opening needs of an entry that nobody has opened: by the thousand, whole rows would take as long to read."""

    id: UUID
    tip_id: UUID
    tag: str
    received: date
    key_index: int
    sealed: bytes
    tip__lookup: str

    def bound(self) -> dict[str, str | int | bool]:
        """Return what the envelope must hold inside, as `Entry.bound` does."""
        return Entry.facts(self.id, lookup=self.tip__lookup, tag=self.tag, key_index=self.key_index)


def monday(day: date) -> date:
    """Return the Monday of the day's week, which is as much of the time as is kept once a tip is opened."""
    return day - timedelta(days=day.weekday())


def fill(opened: Sequence[tuple[Waiting, dict[str, Any]]]) -> tuple[dict[UUID, list[dict[str, Any]]], set[UUID]]:
    """Set the tips' coarse facts, each from its first answers (a later follow-up changes none).

    Return what is to be digested, by tip, and which of these tips have a digest already.
    """
    by_tip: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row, content in opened:
        by_tip[row.tip_id].append(content)
    # As they are now; nobody changes them meanwhile. Not as models: to make these takes as long as to read the rows.
    rows: Any = Tip.objects.select_for_update().filter(pk__in=by_tip).values_list("id", "status", *FILLED)
    tips = list(starmap(Clear, rows))
    if not tips:  # all were deleted just now
        return {}, set()
    first = [tip for tip in tips if not tip.opened]
    known = {tip.id for tip in tips if tip.opened and tip.digested}  # without a digest all is digested together, later
    for tip in tips:
        _fill(tip, by_tip[tip.id])
    tallies.opened(tips=first)
    _save(tips)
    return {tip.id: [content.get("answers", {}) for content in by_tip[tip.id]] for tip in tips if tip.digested}, known


def _fill(tip: Clear, told: Iterable[dict[str, Any]]) -> None:
    answers = next((content.get("answers", {}) for content in told if content["kind"] == "tip"), None)
    if answers is not None and not (tip.category or tip.area or tip.appeal):
        for name, value in facts(answers).items():
            setattr(tip, name, value)
    tip.digested |= not tip.opened
    tip.opened, tip.received = True, monday(tip.received)


def _save(tips: Sequence[Clear]) -> None:
    columns = ", ".join(f"{name} = new.column{at}" for at, name in enumerate(FILLED, start=2))  # as engines call them
    rows = [[statements.stored(getattr(tip, name)) for name in ("id", *FILLED)] for tip in tips]
    statements.run_with(
        rows,
        f"UPDATE reports_tip SET {columns} FROM (VALUES {{rows}}) AS new WHERE reports_tip.id = new.column1",  # noqa: S608
    )


def facts(answers: dict[str, Any]) -> dict[str, str]:
    """Return what of a tip's answers stands in clear once it is opened."""
    return {
        "category": str(answers.get("kind", ""))[:16],
        "area": str(answers.get("area", ""))[:60],
        "appeal": str(answers.get("appeal", ""))[:120],
    }
