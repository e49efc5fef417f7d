from pathlib import Path

import pytest

from newsroom.domain import areas
from newsroom.domain.front_matter import SeedError
from tests.newsroom.domain.test_seeding import write


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("name,slug\n", 1, "The first line must read: slug,name,estates"),
        ("slug,name,estates\na,A,B; C\nb,,\n", 3, "An area needs a slug, a name and a column of estates."),
        ("slug,name,estates\na,A\n", 2, "An area needs a slug, a name and a column of estates."),
        ("slug,name,estates\na,A,B,C\n", 2, "An area needs a slug, a name and a column of estates."),
    ],
)
def test_read_areas_names_the_line_of_a_mistake(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = write(tmp_path, text, "areas.csv")
    with pytest.raises(SeedError) as caught:
        areas.read_areas(path=path)
    assert str(caught.value) == f"{path}, line {line}: {problem}"


def test_every_area_of_the_town_has_a_tile_of_its_own():
    places = areas.places()
    assert set(places) == {area.slug for area in areas.areas()}
    assert len({(place.row, place.column) for place in places.values()}) == len(places) == 19
    assert max(len(line) for place in places.values() for line in place.lines) <= 9
    assert max(len(place.lines) for place in places.values()) == 3
    assert max(place.row for place in places.values()) == 5


def test_area_that_the_map_does_not_know_stands_below_it(monkeypatch):
    known = areas.areas()
    new = [areas.AreaRow(f"new-{number}", f"New {number}", ()) for number in range(6)]
    monkeypatch.setattr(areas, "areas", lambda: (*known, *new))
    areas.places.cache_clear()
    found = areas.places()
    assert [found[area.slug][:2] for area in new] == [(6, 0), (6, 1), (6, 2), (6, 3), (6, 4), (7, 0)]
    areas.places.cache_clear()
