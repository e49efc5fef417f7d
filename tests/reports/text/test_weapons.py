"""Words for weapons, by which urgent tips are sorted."""

import pytest

from reports.text import weapons


@pytest.mark.parametrize(
    "text",
    [
        "A shotgun.",
        "Two GUNS",
        "a hand-gun",
        "he was stabbed",
        "big knives",
        "On ma nóż.",
        "Ma broń",
        "un cuțit",
        "چاقو ہے",
    ],
)
def test_a_word_for_a_weapon_is_found_in_any_form(text):
    assert weapons.named_in(["A van.", text])


@pytest.mark.parametrize(
    "text", ["A stable, begun at last.", "He gunned the engine.", "Dwi'n gwybod", "", "Pensword"]
)
def test_other_words_are_none(text):
    assert not weapons.named_in([text])
