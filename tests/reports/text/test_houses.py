"""Houses without a postcode: as people write them they are found, and what only looks like one is not."""

from reports.text import entities
from reports.text.entities import EntityKind
from tests.reports.text.test_entities import lines


def houses_in(text):
    return [entity.value for entity in entities.find(text) if entity.kind is EntityKind.HOUSE]


def test_at_least_ninety_of_a_hundred_spellings_are_found():
    cases = [line.rsplit(" | ", 1) for line in lines("houses_true.txt")]
    missed = {text: houses_in(text) for text, value in cases if houses_in(text) != [value]}
    assert len(cases) == 100
    assert len(missed) <= 10, missed


def test_at_most_three_of_a_hundred_sentences_seem_to_name_one():
    cases = lines("houses_false.txt")
    wrong = {text: houses_in(text) for text in cases if houses_in(text)}
    assert len(cases) == 100
    assert len(wrong) <= 3, wrong


def test_a_house_is_no_postcode_that_would_have_to_be_mended_twice():
    assert [(entity.kind, entity.value) for entity in entities.find("at no 30a, Mill Lane")] == [
        (EntityKind.HOUSE, "30A MILL LANE")
    ]
