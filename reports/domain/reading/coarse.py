"""What of a tip stands in clear once it is opened: its kind, area and appeal, and the week of its day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, starmap
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import connection

from config.prepared import stored
from reports.domain.reading import digests
from reports.domain.record import tallies
from reports.models import Entry, Tip

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys

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


def fill(opened: Sequence[tuple[Waiting, dict[str, Any]]], *, keys: "Keys") -> None:
    """Set the tips' coarse facts, each from its first answers (a later follow-up changes none), and their digests."""
    by_tip: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row, content in opened:
        by_tip[row.tip_id].append(content)
    # As they are now; nobody changes them meanwhile. Not as models: to make these takes as long as to read the rows.
    rows: Any = Tip.objects.select_for_update().filter(pk__in=by_tip).values_list("id", "status", *FILLED)
    tips = list(starmap(Clear, rows))
    if not tips:  # all were deleted just now
        return
    first = [tip for tip in tips if not tip.opened]
    known = [tip.id for tip in tips if tip.opened and tip.digested]  # without a digest all is digested together, later
    for tip in tips:
        _fill(tip, by_tip[tip.id])
    tallies.opened(tips=first)
    _save(tips)
    texts = {pk: [content.get("answers", {}) for content in by_tip[pk]] for pk in (*(tip.id for tip in first), *known)}
    digests.write(texts, keys=keys, known=known)


def _fill(tip: Clear, told: Iterable[dict[str, Any]]) -> None:
    answers = next((content.get("answers", {}) for content in told if content["kind"] == "tip"), None)
    if answers is not None and not (tip.category or tip.area or tip.appeal):
        for name, value in facts(answers).items():
            setattr(tip, name, value)
    tip.digested |= not tip.opened
    tip.opened, tip.received = True, monday(tip.received)


def _save(tips: Sequence[Clear]) -> None:
    """Write what `_fill` sets, for all in one statement: one of its own for each takes three times as long."""
    quote, table = connection.ops.quote_name, connection.ops.quote_name(Tip._meta.db_table)  # noqa: SLF001
    columns = ", ".join(f"{quote(name)} = new.column{at}" for at, name in enumerate(FILLED, start=2))
    rows = [
        (stored(tip.id), tip.opened, stored(tip.received), tip.category, tip.area, tip.appeal, tip.digested)
        for tip in tips
    ]
    places = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
    with connection.cursor() as cursor:  # both engines call the columns of VALUES column1, column2, ...
        cursor.execute(
            f"UPDATE {table} SET {columns} FROM (VALUES {places}) AS new "  # noqa: S608
            f"WHERE {table}.{quote('id')} = new.column1",
            list(chain.from_iterable(rows)),
        )


def facts(answers: dict[str, Any]) -> dict[str, str]:
    """Return what of a tip's answers stands in clear once it is opened."""
    return {
        "category": str(answers.get("kind", ""))[:16],
        "area": str(answers.get("area", ""))[:60],
        "appeal": str(answers.get("appeal", ""))[:120],
    }
