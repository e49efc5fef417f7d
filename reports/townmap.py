"""Where each area stands on the map of equal tiles: `seeds/tiles.csv`, beside the areas themselves."""

import csv
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from django.conf import settings

from newsroom.domain import seeding
from reports import charts

PER_ROW = 5  # areas that the file does not place stand below it, so many beside each other


class Place(NamedTuple):
    """A tile's place, and the area's name in lines that fit into it."""

    row: int
    column: int
    lines: tuple[str, ...]


@cache
def places() -> Mapping[str, Place]:
    """Return the place of every area by slug: from the file, or below it for areas of which the file says nothing."""
    with (settings.BASE_DIR / "seeds" / "tiles.csv").open(encoding="utf-8", newline="") as file:
        found = {
            row["slug"]: Place(int(row["row"]), int(row["column"]), tuple(row["lines"].split(";")))
            for row in csv.DictReader(file)
        }
    known = {area.slug: found[area.slug] for area in seeding.areas() if area.slug in found}
    below = 1 + max((place.row for place in known.values()), default=-1)
    unplaced = [area for area in seeding.areas() if area.slug not in known]
    return known | {
        area.slug: Place(below + number // PER_ROW, number % PER_ROW, (area.name,))
        for number, area in enumerate(unplaced)
    }


def tiles(values: Mapping[str, float], shown: Mapping[str, str] | None = None) -> list[charts.Tile]:
    """Return a tile for every area with its value (0 where there is none) and, if given, what is printed in it."""
    return [
        charts.Tile(*place, value=values.get(slug, 0), shown=(shown or {}).get(slug, ""))
        for slug, place in places().items()
    ]
