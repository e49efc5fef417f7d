"""Charts as SVG text: bars, columns, a map of equal tiles. Pure: no Django, no file; no meaning by colour.

Each chart is one `<svg role="img">` with a title and a description. It uses presentation attributes only, which the
strictest content security policy allows, and `currentColor`, which follows light and dark. All text is escaped here,
so the result may be marked as safe. `name` must be unique on a page: ids start with it.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH = 360  # user units; a phone shows about one a pixel
ROW, BAR = 36, 12  # heights of a row of `bars`, and of the bar in it
TALL = 120  # height of the columns' space
FOOT = 34  # height of the labels below it
INSET = 12  # margin at both ends
SIDE, HIGH, GAP = 88, 100, 4  # a tile's width and height, and the space between two
LEVEL = 46  # how much of a tile its level can fill: its name stays clear
LABEL = 14  # font size of labels: eleven pixels where a phone of 320 shows a chart in 288
NAME = 16.5  # font size of a tile's name: the map is wider than a phone


class Bar(NamedTuple):
    """One bar or column: its label, its value, the text printed with it (the value if empty), and where it leads."""

    label: str
    value: float
    text: str = ""
    address: str = ""


class Tile(NamedTuple):
    """One tile of the map: row and column from 0, its name in lines, its value, its text, its address."""

    row: int
    column: int
    lines: tuple[str, ...]
    value: float
    text: str = ""
    address: str = ""


def bars(name: str, *, title: str, desc: str, rows: Sequence[Bar]) -> str:
    """Return horizontal bars, a row each, in the order given; the longest takes the whole width."""
    most, room = _most(row.value for row in rows), WIDTH - 64
    drawn = [_bar(number * ROW, row, length=room * row.value / most) for number, row in enumerate(rows)]
    drawn = [_led(row, row.label, bar) for row, bar in zip(rows, drawn, strict=True)]
    return _svg(name, (title, desc), (WIDTH, max(1, len(rows)) * ROW), drawn)


def columns(name: str, *, title: str, desc: str, rows: Sequence[Bar]) -> str:
    """Return upright columns from left to right, for a series in time; labels are short, such as `24 Nov`."""
    most, step = _most(row.value for row in rows), (WIDTH - 2 * INSET) / max(1, len(rows))
    often = -(-len(rows) // 5)  # every how many columns a label fits; the last always has one
    drawn = []
    for number, row in enumerate(rows):
        labelled = (len(rows) - 1 - number) % often == 0
        height = (TALL - 20) * row.value / most
        column = _column(INSET + number * step, step, row, height=height, labelled=labelled)
        drawn.append(_led(row, row.label, column))
    line = f'<path d="M0 {TALL}H{WIDTH}" stroke="currentColor" stroke-width="1" fill="none"/>'
    return _svg(name, (title, desc), (WIDTH, TALL + FOOT), [line, *drawn])


def tile_map(name: str, *, title: str, desc: str, tiles: Sequence[Tile]) -> str:
    """Return a map of equal tiles, each filled in proportion to its value."""
    most = _most(tile.value for tile in tiles)
    wide = 1 + max((tile.column for tile in tiles), default=0)
    high = 1 + max((tile.row for tile in tiles), default=0)
    drawn = [_led(tile, " ".join(tile.lines), _tile(tile, level=LEVEL * tile.value / most)) for tile in tiles]
    return _svg(name, (title, desc), (wide * (SIDE + GAP), high * (HIGH + GAP)), drawn)


def _most(values: object) -> float:
    return max([*values, 0]) or 1  # type: ignore[misc]


def _bar(top: float, row: Bar, *, length: float) -> str:
    at = top + 18
    return (
        f'<text x="0" y="{_n(top + 13)}" font-size="{LABEL}" fill="currentColor">{escape(row.label)}</text>'
        f'<rect class="bar" x="0" y="{_n(at)}" width="{_n(max(length, 1))}" height="{BAR}" fill="currentColor"/>'
        f'<text x="{_n(max(length, 1) + 6)}" y="{_n(at + 11)}" font-size="{LABEL}" font-weight="700"'
        f' fill="currentColor">{_text(row)}</text>'
    )


def _column(left: float, step: float, row: Bar, *, height: float, labelled: bool) -> str:
    middle, top = left + step / 2, TALL - height
    drawn = (
        f'<rect class="bar" x="{_n(left + step * 0.12)}" y="{_n(top)}" width="{_n(step * 0.76)}"'
        f' height="{_n(height)}" fill="currentColor"/>'
        f'<text x="{_n(middle)}" y="{_n(top - 5)}" font-size="{LABEL}" font-weight="700" text-anchor="middle"'
        f' fill="currentColor">{_text(row)}</text>'
    )
    if not labelled:
        return drawn
    return drawn + (
        f'<text x="{_n(middle)}" y="{TALL + 18}" font-size="{LABEL}" text-anchor="middle"'
        f' fill="currentColor">{escape(row.label)}</text>'
    )


def _tile(tile: Tile, *, level: float) -> str:
    left, top = tile.column * (SIDE + GAP) + 1, tile.row * (HIGH + GAP) + 1
    side, high = SIDE - 2, HIGH - 2
    name = "".join(
        f'<text class="tile-name" x="{left + side / 2:g}" y="{top + 17 + number * 16}" font-size="{NAME}"'
        f' text-anchor="middle" fill="currentColor">{escape(line)}</text>'
        for number, line in enumerate(tile.lines)
    )
    return (
        f'<rect class="level" x="{left}" y="{_n(top + high - level)}" width="{side}" height="{_n(level)}"'
        f' fill="currentColor" fill-opacity="0.22"/>'
        f'<rect x="{left}" y="{top}" width="{side}" height="{high}" fill="none" stroke="currentColor"/>'
        f'{name}<text x="{left + side / 2:g}" y="{top + high - 12}" font-size="24" font-weight="700"'
        f' text-anchor="middle" fill="currentColor">{_text(tile)}</text>'
    )


def _led(row: Bar | Tile, label: str, drawn: str) -> str:
    """Return what was drawn as a link, if it leads anywhere."""
    if not row.address:
        return drawn
    name = f"{escape(label)}: {_text(row)}"
    return f'<a href="{escape(row.address)}" aria-label="{name}">{drawn}</a>'


def _text(row: Bar | Tile) -> str:
    return escape(row.text or f"{row.value:,g}")


def _svg(name: str, words: tuple[str, str], size: tuple[float, float], drawn: Sequence[str]) -> str:
    title, desc = words
    width, height = size
    key = escape(name)
    role = "group" if any("<a " in piece for piece in drawn) else "img"  # an image hides what is in it
    return (
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" role="{role}"'
        f' aria-labelledby="{key}-title {key}-desc"><title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-desc">{escape(desc)}</desc>{"".join(drawn)}</svg>'
    )


def _n(number: float) -> str:
    """Return a number with at most one decimal."""
    return f"{round(number, 1):g}"
