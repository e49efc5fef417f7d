"""What could show who sent it is found before it leaves, however it is spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.domain.referrals import leaks
from reports.text import identity_warnings

CONTACT = (
    "Ask for Marzena at the bakery, 07700 900123 or marz@example.org, MK6 3AB, by text after six."
)


def found(text, contact=CONTACT, theirs=""):
    return [
        (one.quote, one.kind, one.barred)
        for one in leaks.find(text, contact=contact, theirs=theirs)
    ]


@pytest.mark.parametrize(
    "spelt",
    [
        "07700 900123",
        "07700900123",
        "+44 7700 900 123",
        "0044 7700-900123",
        "(07700) 900123",
        "07700 9\u200b00123",
    ],
)
def test_phone_of_the_sender_is_barred_however_it_is_spelt(spelt):
    ((quote, kind, barred),) = found(f"Phone {spelt} for more.")
    assert (kind, barred) == ("contact", True)
    assert "".join(filter(str.isdigit, quote)).endswith("7700900123")


def test_address_and_postcode_of_the_sender_are_barred():
    assert found("Write to MARZ@example.org, at mk63ab.") == [
        ("MARZ@example.org", "contact", True),
        ("mk63ab", "contact", True),
    ]


def test_rare_word_of_the_contact_is_asked_about_and_a_common_one_is_not():
    assert found("A text about the Bakery after Marzena left.") == [
        ("Bakery", "contact", False),
        ("Marzena", "contact", False),
    ]


def test_other_number_is_asked_about_unless_the_sender_named_it_as_the_sellers():
    assert found("He sells from 07700 900456.") == [("07700 900456", "reach", False)]
    assert found("He sells from 07700 900456.", theirs="+447700900456") == []


def test_postcode_of_the_place_is_not_asked_about():
    assert found("Behind MK1 1AA, most nights.") == []


def test_what_tells_of_the_sender_is_asked_about_in_a_colleagues_words():
    (leak,) = leaks.find("My neighbour sells it.", contact="")
    assert (leak.quote, leak.kind, leak.barred) == ("My neighbour", "near", False)
    assert (
        leak.message == "This says where the sender lives or was standing. Few people live there."
    )


def test_every_advice_has_a_meaning_for_a_colleague():
    assert {id(advice) for advice, _pattern in identity_warnings.PATTERNS} == {
        id(known) for known, *_rest in leaks.MEANINGS
    }


ORIGINAL = "A grey van comes to the garages every night at nine, and two men get out."


def test_six_words_in_a_row_are_a_quote_and_five_are_not():
    assert leaks.quotes("They say a grey van comes to the shop.", [ORIGINAL]) == (
        "a grey van comes to the",
    )
    assert leaks.quotes("They say a grey van comes to it.", [ORIGINAL]) == ()


def test_quotes_are_found_through_case_stops_and_hidden_letters():
    hidden = "A GREY v\u200ban; comes - to the, garages"
    assert leaks.quotes(hidden, [ORIGINAL]) == ("A GREY van; comes - to the, garages",)


def test_short_text_is_a_quote_when_it_stands_there_whole():
    assert leaks.quotes("I hear he deals pills, often.", ["He deals pills"]) == ("he deals pills",)
    assert leaks.quotes("He deals them.", ["He deals pills"]) == ()
    assert leaks.quotes("Drugs here.", ["Drugs here."]) == ()  # two words are no quote


def test_a_number_plate_is_a_fact_and_counts_as_no_words():
    sentence = "A silver Golf KX19 ZRT is there most nights."
    assert leaks.quotes("A silver Golf, KX19ZRT, is parked there.", [sentence]) == ()
    assert leaks.quotes("KX19 ZRT", ["KX19 ZRT"]) == ()
    (quote,) = leaks.quotes(
        f"We hear: {sentence}", [sentence]
    )  # the control: the words around it do
    assert quote == "A silver Golf KX19 ZRT is there most nights"


def test_long_quote_is_cut():
    long = " ".join(f"word{number}" for number in range(100))
    (quote,) = leaks.quotes(long, [long])
    assert (len(quote), quote[-1]) == (60, "…")


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_a_whole_original_inside_any_text_is_found(before, after):
    assert leaks.quotes(f"{before} {ORIGINAL} {after}", [ORIGINAL])


@given(text=st.text(max_size=300), contact=st.text(max_size=100))
def test_no_text_is_too_odd_to_look_through(text, contact):
    for leak in leaks.find(text, contact=contact):
        assert leak.quote
