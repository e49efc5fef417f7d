"""Charts: lengths in proportion, every figure printed, everything escaped, and nothing that a content policy blocks."""

import re
from xml.etree import ElementTree as ET

import pytest

from reports.graphics import charts
from reports.graphics.charts import Bar, Tile

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [Bar("Olney", 40), Bar("Bradwell", 20, "20 (rounded)"), Bar("Wolverton", 0)]
TILES = [Tile(0, 0, ("Olney",), 10), Tile(1, 2, ("Campbell Pk &", "Old Woughton"), 5, "fewer than 10")]


def drawn(markup: str) -> ET.Element:
    return ET.fromstring(markup)


def texts(markup: str) -> list[str]:
    return [text.text or "" for text in drawn(markup).iter(f"{SVG}text")]


def lengths(markup: str, kind: str, side: str) -> list[float]:
    return [float(rect.get(side, "")) for rect in drawn(markup).iter(f"{SVG}rect") if rect.get("class") == kind]


def every_kind() -> list[str]:
    words = {"title": "Tips <by> area", "desc": "Olney & others"}
    return [
        charts.bars("areas", rows=ROWS, **words),
        charts.columns("weeks", rows=ROWS, **words),
        charts.tile_map("map", tiles=TILES, **words),
    ]


@pytest.mark.parametrize("markup", every_kind())
def test_chart_is_named_described_and_without_a_style(markup):
    svg = drawn(markup)
    assert svg.get("role") == "img"
    title, desc = svg[0], svg[1]
    assert [title.text, desc.text] == ["Tips <by> area", "Olney & others"]
    assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|href|url\(", markup)
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', markup)) <= {"currentColor", "none"}


def test_bars_are_as_long_as_their_values_and_print_them():
    markup = charts.bars("areas", title="", desc="", rows=ROWS)
    assert lengths(markup, "bar", "width") == [296, 148, 1]
    assert texts(markup) == ["Olney", "40", "Bradwell", "20 (rounded)", "Wolverton", "0"]


def test_columns_are_as_high_as_their_values_and_print_them():
    markup = charts.columns("weeks", title="", desc="", rows=ROWS)
    assert lengths(markup, "bar", "height") == [100, 50, 0]
    assert texts(markup) == ["40", "Olney", "20 (rounded)", "Bradwell", "0", "Wolverton"]


def test_map_fills_tiles_to_their_level_and_prints_the_figure():
    markup = charts.tile_map("map", title="", desc="", tiles=TILES)
    assert lengths(markup, "level", "height") == [46, 23]
    assert texts(markup) == ["Olney", "10", "Campbell Pk &", "Old Woughton", "fewer than 10"]
    assert drawn(markup).get("viewBox") == "0 0 276 208"
