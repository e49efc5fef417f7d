"""The map of equal tiles, one for each area."""

from collections.abc import Mapping

from reports.graphics.charts import Tile

type Position = tuple[int, int, tuple[str, ...]]  # a tile's row and column, and the area's name in lines


def tiles(
    values: Mapping[str, float],
    *,
    positions: Mapping[str, Position],
    labels: Mapping[str, str] | None = None,
    addresses: Mapping[str, str] | None = None,
) -> list[Tile]:
    """Return a tile for every position, with its area's value (0 without one) and its text and address, if any."""
    texts, links = labels or {}, addresses or {}
    return [
        Tile(*position, value=values.get(slug, 0), text=texts.get(slug, ""), address=links.get(slug, ""))
        for slug, position in positions.items()
    ]
