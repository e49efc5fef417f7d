"""Plates, phones, postcodes, usernames and e-mail addresses in free text: every form is found, nothing else is."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.text import entities
from reports.text.entities import EntityKind
from reports.text.entities.kinds import WORDS
from reports.text.entities.plates import NAMES

HERE = Path(__file__).parent
NOISE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u2066\u2069\ufe0f\U000e0100"
ALIKE = {"A": "АΑＡ", "B": "ВΒＢ", "C": "СϹＣ", "E": "ЕΕＥ", "H": "НΗ", "K": "КΚ", "M": "МΜ", "O": "ОΟ0", "P": "РΡ",
         "T": "ТΤ", "X": "ХΧ", "0": "Oo０", "1": "I１", "2": "２٢", "7": "７٧"}  # fmt: skip


def lines(name):
    """Return the cases of a table, escapes resolved."""
    cases = [
        line
        for line in (HERE / name).read_text("utf-8").splitlines()
        if line and not line.startswith("# ")
    ]
    return [
        re.sub(r"\\U([0-9a-f]{8})|\\u([0-9a-f]{4})", _character, line).replace("\\n", "\n")
        for line in cases
    ]


def _character(match):
    return chr(int(match[1] or match[2], 16))


TRUE = [tuple(line.rsplit(" |", 1)) for line in lines("entities_true.txt")]
FALSE = lines("entities_false.txt")


def named_in(text):
    return [(entity.kind, entity.value) for entity in entities.find(text)]


def said_to_be_in(text):
    return [f"{kind} {value}" for kind, value in named_in(text)]


def test_find_what_a_text_names():
    expected = {text: names.strip() for text, names in TRUE}
    assert {text: "; ".join(said_to_be_in(text)) for text in expected} == expected


def test_find_nothing_where_nothing_is_named():
    assert [(text, named_in(text)) for text in FALSE if named_in(text)] == []


def test_find_the_same_in_the_middle_of_a_sentence():
    lost = []
    for text, expected in (case for case in TRUE if "\n" not in case[0]):
        found = {
            "",
            *said_to_be_in(f"Yesterday, near the shops: {text} ; that is all that people say."),
        }
        lost += [
            (text, name)
            for name in expected.strip().split("; ")
            if "plate" not in name and name not in found
        ]
    assert lost == []


def test_find_says_what_was_written_and_where():
    text = "a van, a\u200bB12\u00a0cde, twice"
    (entity,) = entities.find(text)
    assert entity == (EntityKind.PLATE, "AB12CDE", "a\u200bB12\u00a0cde", 7, 16)
    assert text[entity.start : entity.end] == entity.written


def test_query_may_be_a_plate_that_sentences_are_full_of():
    assert named_in("k9 dog") == []
    assert [entity.value for entity in entities.find("k9 dog", is_query=True)] == ["K9DOG"]
    assert entities.find("the k9 dog was", is_query=True) == []


letters = st.sampled_from("BCDEFGHJKNPRSTVWXY")  # a small l may be a 1
plates = st.tuples(letters, letters, st.integers(51, 89), letters, letters, letters).map(
    lambda parts: "".join(map(str, parts))
)
phones = st.text("23456789", min_size=3, max_size=3).map(lambda end: f"07700900{end}")
postcodes = st.tuples(
    st.sampled_from(["MK", "OX", "NN", "B"]), st.integers(1, 9), st.integers(2, 9)
).map(lambda parts: f"{parts[0]}{parts[1]}{parts[2]}XZ")
VALUES = {EntityKind.PLATE: plates, EntityKind.PHONE: phones, EntityKind.POSTCODE: postcodes}
kinds_and_values = st.sampled_from(list(VALUES)).flatmap(
    lambda kind: st.tuples(st.just(kind), VALUES[kind])
)
WORDLIKE = {
    word.upper() for word in WORDS | NAMES
}  # where these stand apart, a plate has to be named


def spaced(value, kind, gaps):
    """Return the value as people space it: at its joints, or between all its characters."""
    joints = {
        EntityKind.PLATE: (2, 4),
        EntityKind.PHONE: (5, 8),
        EntityKind.POSTCODE: (len(value) - 3,),
    }[kind]
    gap = gaps[0]
    if gaps[1] == "all":
        return gap.join(value) if gap else value
    return "".join(gap + char if place in joints else char for place, char in enumerate(value))


@given(kind_value=kinds_and_values, data=st.data())
def test_find_whatever_the_spacing_case_noise_and_look_alikes(kind_value, data):
    kind, value = kind_value
    if kind is EntityKind.PLATE and {value[:2], value[4:]} & WORDLIKE:
        return
    gap, where = (
        data.draw(st.sampled_from(["", " ", "-", ".", "\u00a0", " \u200b"])),
        data.draw(st.sampled_from(["", "all"])),
    )
    written = []
    mends = gap == "" or (
        where == "" and kind is not EntityKind.PLATE
    )  # between loose groups no doubt is mended
    for char in spaced(value, kind, [gap, where]):
        other = data.draw(st.sampled_from([char, *ALIKE.get(char, "")]))
        if other in "OoI0" and not mends:
            other = char
        other = other.lower() if data.draw(st.booleans()) and other != "I" else other
        written.append(other + data.draw(st.text(NOISE, max_size=2)))
    text = f"they said {''.join(written)} , and that was it"
    normal = f"+44{value[1:]}" if kind is EntityKind.PHONE else value
    assert (kind, normal) in named_in(text), text


@given(text=st.text(max_size=300))
@example("\ud800 \udfff")
@example("İ ŉ ß ﬃ ﷺ")
@example("𝝖 𝚨 ϒ")
def test_normalise_again_changes_nothing_and_places_lead_back(text):
    normalised = entities.normalise(text)
    assert entities.normalise(normalised.text).text == normalised.text
    assert len(normalised.places) == len(normalised.text) + 1
    assert all(0 <= place < max(len(text), 1) for place in normalised.places[:-1])


@given(text=st.text(st.characters() | st.sampled_from("0123456789 ABMKoil@.+-/\n"), max_size=200))
def test_never_raises_and_what_is_found_lies_in_the_text(text):
    for entity in entities.find(text):
        assert text[entity.start : entity.end] == entity.written
        assert entity.value


def test_an_entity_at_the_end_of_a_hundred_kilobytes_is_found():
    text = "ordinary words " * 7_000 + "KX21 VBN, 07700 900123, MK6 3AB"
    assert named_in(text) == [
        (EntityKind.PLATE, "KX21VBN"),
        (EntityKind.PHONE, "+447700900123"),
        (EntityKind.POSTCODE, "MK63AB"),
    ]


@pytest.mark.parametrize(
    ("looks_like", "value"),
    [(" a x0 8i", "KX21VBN"), ("0l 0", "+447700900123"), (" é o0 0ba", "MK63AB")],
)
def test_after_so_many_places_that_only_look_like_one_no_more_are_looked_at(looks_like, value):
    """What a text can cost is bounded: where it is full of what is dearest to tell apart, its end is left out."""
    many = looks_like * 3_000
    assert value in [entity.value for entity in entities.find(f"{value} . \n{many}")]
    assert value not in [entity.value for entity in entities.find(f"{many} . \n{value}")]
