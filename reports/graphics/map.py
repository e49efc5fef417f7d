"""The map of equal tiles, one for each area of the town."""

from collections.abc import Mapping

from reports.graphics.charts import Tile

type Place = tuple[int, int, tuple[str, ...]]  # a tile's row and column, and the area's name in lines


def tiles(
    values: Mapping[str, float],
    *,
    places: Mapping[str, Place],
    shown: Mapping[str, str] | None = None,
    addresses: Mapping[str, str] | None = None,
) -> list[Tile]:
    """Return a tile for every place, with its area's value (0 without one) and its text and address, if any."""
    texts, links = shown or {}, addresses or {}
    return [
        Tile(*place, value=values.get(slug, 0), shown=texts.get(slug, ""), address=links.get(slug, ""))
        for slug, place in places.items()
    ]
