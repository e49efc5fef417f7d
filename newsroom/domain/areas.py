"""The town's areas, from `seeds/areas.csv`, and their places on the map; read without a database."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from newsroom.domain.front_matter import SeedError, opened
from newsroom.file_names import is_slug

SEEDS: Path = settings.BASE_DIR / "seeds"
AREAS = SEEDS / "areas.csv"
TILES = SEEDS / "tiles.csv"
PER_ROW = 5  # areas in one row below the map, for areas without a place in the file of tiles


class AreaRow(NamedTuple):
    """One line of areas.csv."""

    slug: str
    name: str
    estates: tuple[str, ...]


class Place(NamedTuple):
    """The row and column of an area's tile on the map, and the area's name in lines that fit into the tile."""

    row: int
    column: int
    lines: tuple[str, ...]


def read_areas(*, path: Path) -> tuple[AreaRow, ...]:
    """Return the rows of a CSV file with the columns slug, name and estates (split at semicolons); raise SeedError."""
    rows: list[AreaRow] = []
    with opened(path).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["slug", "name", "estates"]:
            raise SeedError(path, 1, "The first line must read: slug,name,estates")
        for row in reader:
            if not row["slug"] or not row["name"] or row["estates"] is None or None in row:
                raise SeedError(path, reader.line_num, "An area needs a slug, a name and a column of estates.")
            if not is_slug(row["slug"]):
                raise SeedError(path, reader.line_num, "A slug has letters, digits, hyphens and underscores only.")
            estates = tuple(estate.strip() for estate in row["estates"].split(";") if estate.strip())
            rows.append(AreaRow(row["slug"], row["name"], estates))
    return tuple(rows)


@cache
def areas() -> tuple[AreaRow, ...]:
    """Return the town's areas in the order of the file, which is read once."""
    return read_areas(path=AREAS)


@cache
def places() -> Mapping[str, Place]:
    """Return the place of every area by slug; areas that the file of tiles omits are placed below the others."""
    with TILES.open(encoding="utf-8", newline="") as file:
        listed = {
            row["slug"]: Place(int(row["row"]), int(row["column"]), tuple(row["lines"].split(";")))
            for row in csv.DictReader(file)
        }
    known = {area.slug: listed[area.slug] for area in areas() if area.slug in listed}
    below = 1 + max((place.row for place in known.values()), default=-1)
    unplaced = [area for area in areas() if area.slug not in known]
    return known | {
        area.slug: Place(below + number // PER_ROW, number % PER_ROW, (area.name,))
        for number, area in enumerate(unplaced)
    }
