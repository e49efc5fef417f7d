"""What is typed to search with: words, phrases, beginnings, and anything that tips can be matched by."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.sealing import digest, query
from reports.sealing.query import Term


def holds(text, typed):
    return query.matcher(query.terms(typed))(digest.digest([text]))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", []),
        (' "" * ! ', []),
        ("Van", [Term(("van",))]),
        ("red van red", [Term(("red",)), Term(("van",))]),
        ('"Red  van"', [Term(("red", "van"))]),
        ('"red van', [Term(("red", "van"))]),
        ("don't", [Term(("don", "t"))]),
        ("re*", [Term(("re",), True, ("#plate:re", "#postcode:re", "#username:re", "#email:re"))]),
        ("KX21 VBN", [Term(("kx21", "vbn"), names=("#plate:kx21vbn",))]),
        ("KX2l VBN", [Term(("kx2l", "vbn"), names=("#plate:kx21vbn",))]),
        ("k9 dog", [Term(("k9", "dog"), names=("#plate:k9dog",))]),
        ("van KX21VBN", [Term(("kx21vbn",), names=("#plate:kx21vbn",)), Term(("van",))]),
        ('"KX21 VBN"', [Term(("kx21", "vbn"), names=("#plate:kx21vbn",))]),
        (
            "12 Example Street, MK6 3AB",
            [Term(("12", "example", "street", "mk6", "3ab"), names=("#address:mk63ab/12",))],
        ),
    ],
)
def test_terms_of_what_is_typed(typed, expected):
    assert query.terms(typed) == expected


def test_beginning_of_a_phone_number_finds_it_in_every_form():
    assert "#phone:+4477009" in query.terms("077009*")[0].names
    assert holds("ring +44 7700 900123", "077009*")
    assert not holds("ring +44 7700 900123", "077008*")


def test_as_many_terms_and_characters_as_a_search_has_room_for():
    assert len(query.terms(" ".join(f"w{n}" for n in range(40)))) == query.MOST
    assert query.terms("x " * 400 + "late") == [Term(("x",))]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("a grey van KX21 VBN outside", "kx21-vbn"),
        ("a grey van KX21VBN outside", "KX21 VBN"),
        ("K X 2 1 V B N", "kx21vbn"),
        ("\u041a\u042521 VBN", "KX21VBN"),
        ("K\u200bX21\u202c VBN \U0001f697", "KX21VBN"),
        ("ring 07700 900 123", "+44 7700 900123"),
        ("ring +447700900123", "07700 900123"),
        ("at mk6 3ab", "MK63AB"),
        ("12 Example Street, MK6 3AB", "no 12 MK6 3AB"),
        ("snap: Big.Dave", "@big.dave"),
        ("write to Plug@Example.org", "plug@example.org"),
        ("they sell caf\u00e9 cr\u00e8me", "cafe"),
        ("Sprzedaj\u0105 przy gara\u017cach", "garazach"),
        ("\u0648\u0627\u0646 \u0631\u0645\u0627\u062f\u064a", "\u0648\u0627\u0646"),
        ("\u202bthe grey van\u202c", '"grey van"'),
        ("the v\u0430n", "van"),
        ("Gr\u00ad\u00ade\u200dy van", "grey"),
        ("ordinary " * 11_000 + "marmalade", "marmalade"),
    ],
)
def test_found_in_whatever_form_it_was_written(text, typed):
    assert holds(text, typed)


def test_not_found_where_it_does_not_stand():
    for text, typed in (
        ("redder", "red"),
        ("van grey", '"grey van"'),
        ("KX21 VBM", "KX21VBN"),
        ("", "a"),
    ):
        assert not holds(text, typed), text
    assert not holds("grey\tbig van", '"grey van"')


def marked(text, typed):
    return [text[start:end] for start, end in query.hits(text, query.terms(typed))]


def test_hits_are_the_words_as_they_were_written():
    assert marked("A GR\u200bEY van, greyer vans", "grey van*") == ["GR\u200bEY", "van", "vans"]
    assert marked("at K X 2 1 V B N and kx21 vbn", "KX21VBN") == ["K X 2 1 V B N", "kx21 vbn"]
    assert marked("the red van, red", '"red van" red') == ["red van", "red"]
    assert marked("ring +44 7700 900123", "077009*") == ["+44 7700 900123"]
    assert marked("nothing", "van") == marked("KX21 VBM", "KX21VBN") == []
    assert marked("", "van") == []


@given(text=st.text(max_size=60), typed=st.text(max_size=20))
def test_hits_lie_in_the_text_one_after_another_and_nothing_raises(text, typed):
    spans = query.hits(text, query.terms(typed))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
