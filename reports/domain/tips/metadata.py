"""Metadata of opened tips in clear: kind, area, appeal, and the week instead of the day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from reports.domain.figures import counting
from reports.domain.intake import receiving
from reports.models import Entry, Tip

FILLED = ("opened", "received", "category", "area", "appeal", "at_end", "alike", "unsure")


def monday(day: date) -> date:
    """Return the Monday of the day's week: the only date kept once a tip is opened."""
    return day - timedelta(days=day.weekday())


def fill(
    opened: Sequence[tuple[Entry, dict[str, Any]]], *, alike: Mapping[UUID, str]
) -> tuple[set[UUID], set[UUID]]:
    """Set the metadata of tips from their first answers (a follow-up changes none).

    `opened` are entries with their content; `alike` has hashes of whole texts by the entry's key. Returns the keys of
    the tips of which nothing was opened before, and of the others.
    """
    by_tip: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    hashes: dict[UUID, str] = {}
    for entry, content in opened:
        by_tip[entry.tip_id].append(content)
        hashes[entry.tip_id] = "" if entry.tip_id in hashes else alike.get(entry.pk, "")
    # Locked until the transaction ends; tips deleted during opening are skipped.
    tips = list(
        Tip.objects.select_for_update().filter(pk__in=by_tip).only("status", "unread", *FILLED)
    )
    first = []
    known = set()
    for tip in tips:
        tip.alike = ""
        if tip.opened:
            known.add(tip.pk)
        else:
            first.append(tip)
            if tip.unread:
                tip.alike = hashes[
                    tip.pk
                ]  # of one text alone: what was added to it later makes it another
        _fill(tip, by_tip[tip.pk])
        tip.save(update_fields=FILLED)  # bulk_update takes twice as long for so many columns
    counting.opened(tips=first)
    return {tip.pk for tip in first}, known


def _fill(tip: Tip, contents: Sequence[dict[str, Any]]) -> None:
    if not all(receiving.is_program(content.get("suspect", ())) for content in contents):
        tip.at_end = False  # so it stood in clear beside an envelope, which is what counts
    tip.unsure |= any(content.get("answers", {}).get("danger") == "unsure" for content in contents)
    answers = next(
        (content.get("answers", {}) for content in contents if content["kind"] == "tip"), None
    )
    if answers is not None and not (tip.category or tip.area or tip.appeal):
        for name, value in facts(answers).items():
            setattr(tip, name, value)
    tip.opened = True
    tip.received = monday(tip.received)


def facts(answers: dict[str, Any]) -> dict[str, str]:
    """Return the metadata in a tip's answers, by column."""
    return {
        "category": str(answers.get("kind", ""))[:16],
        "area": str(answers.get("area", ""))[:60],
        "appeal": str(answers.get("appeal", ""))[:120],
    }
