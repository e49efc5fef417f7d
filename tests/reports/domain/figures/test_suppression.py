"""The public figures: what is small cannot be worked out from them alone, with all that was ever released."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.domain.figures import suppression
from reports.domain.figures.suppression import STEP, PublicFigures, protect, rounded

LEAST = 10
AREAS = [f"area-{number}" for number in range(20)]
KINDS = [f"kind-{number}" for number in range(8)]

type Tables = dict[str, dict[str, int]]
type Bounds = tuple[int, int]
ENDLESS = 10**6


@st.composite
def towns(draw):
    """Draw a quarter of a town: mostly small cells, some large, and the same tips counted by area and by kind."""
    size = st.one_of(st.just(0), st.integers(1, 9), st.integers(8, 14), st.integers(10, 120))
    area = {name: draw(size) for name in AREAS[: draw(st.integers(1, 20))]}
    kinds = KINDS[: draw(st.integers(1, 8))]
    total = sum(area.values())
    cuts = sorted(draw(st.integers(0, total)) for _ in kinds[1:])
    kind = dict(
        zip(kinds, (b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)), strict=True)
    )
    return {"area": area, "kind": kind}


def told(number, *, least=LEAST):
    """Return between which numbers the one behind a published number lies, by what the page says of rounding."""
    return (0, ENDLESS) if number is None else (max(least, number - STEP // 2), number + STEP // 2)


def derived(sheet, *, least=LEAST):
    """Return the tightest bounds that follow for each cell from the total and both tables together.

    These are the optima of the linear programme "every cell lies in its bounds; each table adds up to the total": the
    tables share nothing but the total, so each cell's optimum is reached with all others at their ends.
    """
    ends = {
        name: {cell: told(number, least=least) for cell, number in cells.items()}
        for name, cells in sheet.tables.items()
    }
    low, high = told(sheet.total, least=least) if sheet.total is not None else (0, least - 1)
    low = max(low, *(sum(end[0] for end in cells.values()) for cells in ends.values()))
    high = min(high, *(sum(end[1] for end in cells.values()) for cells in ends.values()))
    found = {}
    for name, cells in ends.items():
        lows, highs = (sum(end[side] for end in cells.values()) for side in (0, 1))
        for cell, (least_here, most_here) in cells.items():
            found[name, cell] = (
                max(least_here, low - (highs - most_here)),
                min(most_here, high - (lows - least_here)),
            )
    return found


def too_well_known(tables, sheet):
    """Return the small cells that somebody could tell from a large one, or tell more of than "under ten" says."""
    total = sum(tables["area"].values())
    bounds = derived(sheet)
    small = [
        (name, cell)
        for name, cells in tables.items()
        for cell, number in cells.items()
        if number < LEAST
    ]
    enough = LEAST if total >= LEAST else LEAST - 1
    return [place for place in small if bounds[place][0] > 0 or bounds[place][1] < enough]


def without_the_complement(tables):
    """Hide the small cells and nothing else: the mistake that the rule is there to avoid."""
    return PublicFigures(
        rounded(sum(tables["area"].values())),
        {
            name: {
                cell: rounded(number) if number >= LEAST else None for cell, number in cells.items()
            }
            for name, cells in tables.items()
        },
    )


@pytest.mark.promise(
    "results",
    control="test_without_its_complement_a_small_number_is_derived",
    name="no-small-number",
)
@given(st.lists(towns(), min_size=1, max_size=4))
def test_no_number_under_ten_can_be_derived_from_all_releases_together(
    quarters,
):
    """No number under ten can be derived from the public figures alone, from one release or from all of them.

    Releases count different tips, so that what bounds one says nothing of another: see what a sum of them gives.
    """
    sheets = [protect(tables, least=LEAST) for tables in quarters]
    assert [
        found
        for tables, sheet in zip(quarters, sheets, strict=True)
        if (found := too_well_known(tables, sheet))
    ] == []


def test_without_its_complement_a_small_number_is_derived():
    """The control: the same attack finds what suppression alone leaves open."""
    tables = {"area": {"a": 1, "b": 40, "c": 60}, "kind": {"x": 101}}
    sheet = without_the_complement(tables)
    assert derived(sheet)["area", "a"] == (0, 6)  # 102 at the most, less 38 and 58
    assert too_well_known(tables, sheet) == [("area", "a")]
    assert derived(protect(tables, least=LEAST))["area", "a"] == (0, 44)


def small_towns(most):
    """Yield every town of three areas and two kinds whose cells hold up to `most` tips."""
    by_total = defaultdict(list)
    for kinds in product(range(most + 1), repeat=2):
        by_total[sum(kinds)].append(kinds)
    for areas in product(range(most + 1), repeat=3):
        for kinds in by_total[sum(areas)]:
            yield {
                "area": dict(zip("abc", areas, strict=True)),
                "kind": dict(zip("xy", kinds, strict=True)),
            }


def everything_possible(rule, towns):
    """Return the towns by what is published of them: all that somebody who knows the rule cannot tell apart."""
    found = defaultdict(list)
    for tables in towns:
        found[repr(rule(tables))].append(tables)  # type: ignore[operator]
    return found


def given_away(worlds, least):
    """Return the cells that are small in every one of these towns, although the town as a whole is not."""
    places = [(name, cell) for name, cells in worlds[0].items() for cell in cells]
    if all(sum(tables["area"].values()) < least for tables in worlds):
        # All that is said is that the town has few: then a cell may hold anything from none to all of them.
        return [
            place
            for place in places
            if {tables[place[0]][place[1]] for tables in worlds} != set(range(least))
        ]
    return [
        place for place in places if max(tables[place[0]][place[1]] for tables in worlds) < least
    ]


@pytest.mark.promise(
    "results",
    control="test_who_knows_the_rule_finds_small_numbers_where_only_they_are_hidden",
    name="no-small-number",
)
def test_who_knows_the_rule_and_tries_every_town_cannot_tell_which_number_is_small():
    """Who knows the rule and tries every town cannot tell which number is small."""
    least, towns = 4, list(small_towns(9))
    possible = everything_possible(lambda tables: protect(tables, least=least), towns)
    assert len(towns) > 4_000
    assert [worlds[0] for worlds in possible.values() if given_away(worlds, least)] == []


def test_who_knows_the_rule_finds_small_numbers_where_only_they_are_hidden(
    monkeypatch,
):
    """The control for knowing the rule: hidden alone, a small number is known to be small."""

    def only_small(cells, least):
        return {name: rounded(count) if count >= least else None for name, count in cells.items()}

    monkeypatch.setattr(suppression, "_suppressed", only_small)
    possible = everything_possible(lambda tables: protect(tables, least=4), list(small_towns(9)))
    assert any(given_away(worlds, 4) for worlds in possible.values())


def test_someone_who_sent_many_tips_can_tell_whether_others_did():
    """Accepted, as the threat model says: twelve about one area, and ten about another that is hidden beside."""
    shown = {
        others: protect(
            {"area": {"theirs": 12 + others, "decoy": 10, "rest": 0}}, least=LEAST
        ).tables["area"]
        for others in range(4)
    }
    assert {others: cells["theirs"] for others, cells in shown.items()} == {
        0: 10,
        1: 15,
        2: 15,
        3: 15,
    }


@given(towns())
def test_what_is_shown_is_large_and_within_two_of_the_truth(tables):
    sheet = protect(tables, least=LEAST)
    shown = [
        (tables[name][cell], number)
        for name, cells in sheet.tables.items()
        for cell, number in cells.items()
    ]
    assert [
        pair
        for pair in shown
        if pair[1] is not None and (pair[0] < LEAST or abs(pair[0] - pair[1]) > 2)
    ] == []


def test_small_numbers_are_hidden_and_the_smallest_large_one_with_them():
    sheet = protect(
        {"area": {"a": 3, "b": 12, "c": 58, "d": 0}, "kind": {"x": 61, "y": 12}}, least=LEAST
    )
    assert sheet == PublicFigures(
        75, {"area": {"a": None, "b": None, "c": 60, "d": None}, "kind": {"x": 60, "y": 10}}
    )


def test_large_numbers_are_all_shown_and_equals_of_the_smallest_hidden_together():
    """Otherwise their order would tell which of them was the first."""
    assert protect({"area": {"a": 10, "b": 13}}, least=LEAST) == PublicFigures(
        25, {"area": {"a": 10, "b": 15}}
    )
    shown = protect({"area": {"a": 1, "b": 12, "c": 12, "d": 13}}, least=LEAST).tables["area"]
    assert shown == {"a": None, "b": None, "c": None, "d": 15}


def test_nothing_is_shown_of_a_town_that_has_few_and_small_ones_of_many_stay_hidden():
    few = protect({"area": {"a": 9, "b": 0}, "kind": {"x": 9}}, least=LEAST)
    assert few == PublicFigures(None, {"area": {"a": None, "b": None}, "kind": {"x": None}})
    assert protect({"area": {"a": 9, "b": 9}, "kind": {"x": 18}}, least=LEAST) == PublicFigures(
        20, {"area": {"a": None, "b": None}, "kind": {"x": 20}}
    )


def test_tables_that_do_not_count_the_same_tips_are_refused():
    with pytest.raises(ValueError, match="too many values"):
        protect({"area": {"a": 3}, "kind": {"x": 4}}, least=LEAST)
