"""What of a tip stands in clear once it is opened: its kind, area and appeal, and the week of its day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import connection

from reports.domain.reading import digests
from reports.domain.record import tallies
from reports.models import Entry, Tip

if TYPE_CHECKING:
    from reports.domain.keys.keyholders import Keys

FILLED = ("opened", "received", "category", "area", "appeal", "digested")


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
    given: dict[Tip, list[dict[str, Any]]] = {}
    # As they are now; nobody changes them meanwhile.
    tips = list(Tip.objects.select_for_update().filter(pk__in=by_tip).only("status", *FILLED))
    first = {tip for tip in tips if not tip.opened}
    for tip in tips:
        told = by_tip[tip.pk]
        answers = next((content.get("answers", {}) for content in told if content["kind"] == "tip"), None)
        if answers is not None and not (tip.category or tip.area or tip.appeal):
            for name, value in facts(answers).items():
                setattr(tip, name, value)
        if tip.digested or not tip.opened:  # else what was opened before is missing, and all is digested together
            given[tip] = [content.get("answers", {}) for content in told]
            tip.digested = True
        tip.opened, tip.received = True, monday(tip.received)
    if tips:  # else all were deleted just now
        _save(tips)
    digests.write(given, keys=keys, known=[tip for tip in given if tip not in first])
    tallies.opened(tips=first)


def _save(tips: Iterable[Tip]) -> None:
    """Write what `_fill` sets, for all in one statement: one of its own for each takes three times as long."""
    by_name = {field.name: field for field in Tip._meta.concrete_fields}  # noqa: SLF001 - Django's public name
    fields = [by_name[name] for name in (*FILLED, "id")]
    quote, table = connection.ops.quote_name, connection.ops.quote_name(Tip._meta.db_table)  # noqa: SLF001
    columns = ", ".join(f"{quote(str(field.column))} = new.column{at}" for at, field in enumerate(fields[:-1], start=1))
    plain = [field.get_internal_type() in ("BooleanField", "CharField") for field in fields]
    values = [
        value if ready else field.get_db_prep_save(value, connection)
        for tip in tips
        for field, ready, value in zip(fields, plain, (getattr(tip, one.name) for one in fields), strict=True)
    ]
    row = f"({', '.join(['%s'] * len(fields))})"
    rows = ", ".join([row] * (len(values) // len(fields)))
    with connection.cursor() as cursor:  # both engines call the columns of VALUES column1, column2, ...
        cursor.execute(
            f"UPDATE {table} SET {columns} FROM (VALUES {rows}) AS new "  # noqa: S608
            f"WHERE {table}.{quote('id')} = new.column{len(fields)}",
            values,
        )


def facts(answers: dict[str, Any]) -> dict[str, str]:
    """Return what of a tip's answers stands in clear once it is opened."""
    return {
        "category": str(answers.get("kind", ""))[:16],
        "area": str(answers.get("area", ""))[:60],
        "appeal": str(answers.get("appeal", ""))[:120],
    }
