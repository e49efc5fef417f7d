"""Suppress small numbers in a quarter's figures, and round the rest. Pure: no Django.

A number under `least`, zero included, is never shown. So that nobody can derive one from the total, the smallest of the
other numbers of its table is hidden as well; a hidden number may therefore be large. All numbers that are shown are
rounded to the nearest STEP, each by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STEP = 5

type Counts = Mapping[str, int]
type Shown = dict[str, int | None]


@dataclass(frozen=True)
class PublicFigures:
    """One measure of one quarter, for publication: the total (None: under `least`), and the tables; None is hidden."""

    total: int | None
    tables: dict[str, Shown]


def rounded(number: int) -> int:
    """Return the nearest multiple of STEP."""
    return (number + STEP // 2) // STEP * STEP


def protect(tables: Mapping[str, Counts], *, least: int) -> PublicFigures:
    """Return the publishable figures of tables that count the same tips in different ways.

    Every tip stands in exactly one cell of each table; raises ValueError where the totals differ.
    """
    (total,) = {sum(cells.values()) for cells in tables.values()}
    if total < least:
        return PublicFigures(None, {name: dict.fromkeys(cells) for name, cells in tables.items()})
    return PublicFigures(
        rounded(total), {name: _suppressed(cells, least) for name, cells in tables.items()}
    )


def _suppressed(cells: Counts, least: int) -> Shown:
    """Return one table with its small cells hidden, and with them all cells as small as the smallest large one.

    Even with this rule nobody can tell which hidden cell is a small one: exchanged, they look the same.
    """
    large = [count for count in cells.values() if count >= least]
    above = least
    if len(large) < len(cells):
        above = min(large, default=least) + 1
    shown: Shown = dict.fromkeys(cells)
    for name, count in cells.items():
        if count >= above:
            shown[name] = rounded(count)
    return shown
