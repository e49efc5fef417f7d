"""What could show who the sender is, found in ordinary sentences, and what is left alone."""

import time

import pytest

from reports import questions
from reports.text import identity_warnings
from reports.text.identity_warnings import IdentityWarning

SHOWS = [
    ("my number is 07700 900123", "my number is 07700 900123", identity_warnings.PHONE_ADVICE),
    ("My mobile: 07700900123", "My mobile: 07700900123", identity_warnings.PHONE_ADVICE),
    ("MY PHONE NUMBER IS 07700-900-123", "MY PHONE NUMBER IS 07700-900-123", identity_warnings.PHONE_ADVICE),
    ("my work phone is 01632 960123", "my work phone is 01632 960123", identity_warnings.PHONE_ADVICE),
    ("Please call me on +44 7700 900123.", "call me on +44 7700 900123", identity_warnings.PHONE_ADVICE),
    ("text me after six, 07700 900123", "text me after six, 07700 900123", identity_warnings.PHONE_ADVICE),
    ("I’m on 07700 900123 most days", "I’m on 07700 900123", identity_warnings.PHONE_ADVICE),
    ("write to jo.bloggs@example.org", "jo.bloggs@example.org", identity_warnings.EMAIL_ADVICE),
    ("my name is Jo Bloggs and", "my name is Jo Bloggs", identity_warnings.NAME_ADVICE),
    ("My name’s Jo.", "My name’s Jo", identity_warnings.NAME_ADVICE),
    ("I see it from my window", "my window", identity_warnings.HOME_ADVICE),
    ("they park outside my house", "my house", identity_warnings.HOME_ADVICE),
    ("right by our front door", "our front door", identity_warnings.HOME_ADVICE),
    ("my postcode is MK6 3AB", "my postcode", identity_warnings.HOME_ADVICE),
    ("my post code, MK6", "my post code", identity_warnings.HOME_ADVICE),
    ("I live in Fishermead, MK6 2AB", "I live in Fishermead, MK6 2AB", identity_warnings.HOME_ADVICE),
    ("we live on Example Street", "we live on Example Street", identity_warnings.HOME_ADVICE),
    ("I live at 12", "I live at 12", identity_warnings.HOME_ADVICE),
    ("he is my neighbour", "my neighbour", identity_warnings.NEAR_ADVICE),
    ("MY NEIGHBOURS deal", "MY NEIGHBOURS", identity_warnings.NEAR_ADVICE),
    ("our upstairs neighbor", "our upstairs neighbor", identity_warnings.NEAR_ADVICE),
    ("I live opposite the flat", "I live opposite the flat", identity_warnings.NEAR_ADVICE),
    ("i live right across the road", "i live right across the road", identity_warnings.NEAR_ADVICE),
    ("We live above them", "We live above them", identity_warnings.NEAR_ADVICE),
    ("next door to me", "next door to me", identity_warnings.NEAR_ADVICE),
    ("the man next-door is selling", "next-door", identity_warnings.NEAR_ADVICE),
    ("the house opposite mine", "opposite mine", identity_warnings.NEAR_ADVICE),
    ("two doors down from us", "two doors down from us", identity_warnings.NEAR_ADVICE),
    ("across the landing from me", "across the landing from me", identity_warnings.NEAR_ADVICE),
    ("it is my ex", "my ex", identity_warnings.KIN_ADVICE),
    ("my ex-husband does it", "my ex-husband", identity_warnings.KIN_ADVICE),
    ("My brother sells", "My brother", identity_warnings.KIN_ADVICE),
    ("my little sister carries it", "my little sister", identity_warnings.KIN_ADVICE),
    ("my landlord knows", "my landlord", identity_warnings.KIN_ADVICE),
    ("I am his girlfriend", "I am his girlfriend", identity_warnings.KIN_ADVICE),
    ("I'm their cousin", "I'm their cousin", identity_warnings.KIN_ADVICE),
    ("I work at the garage", "I work at the garage", identity_warnings.WORK_ADVICE),
    ("I’m working in the chip shop", "I’m working in the chip", identity_warnings.WORK_ADVICE),
    ("it starts after my shift", "my shift", identity_warnings.WORK_ADVICE),
    ("in my school", "my school", identity_warnings.WORK_ADVICE),
    ("I am a district nurse", "I am a district nurse", identity_warnings.WORK_ADVICE),
    ("only I know about this", "only I know", identity_warnings.ONLY_ADVICE),
    ("Only me and him saw it", "Only me and him saw", identity_warnings.ONLY_ADVICE),
    ("I was the only one there", "I was the only one", identity_warnings.ONLY_ADVICE),
    ("nobody else knows", "nobody else knows", identity_warnings.ONLY_ADVICE),
    ("no-one else has seen it", "no-one else has seen", identity_warnings.ONLY_ADVICE),
    ("he told me in confidence", "told me in confidence", identity_warnings.ONLY_ADVICE),
    ("I owe him money", "I owe him", identity_warnings.DEALINGS_ADVICE),
    ("I bought some weed from him", "I bought some weed from him", identity_warnings.DEALINGS_ADVICE),
    ("he threatened me", "he threatened me", identity_warnings.DEALINGS_ADVICE),
    ("She sold to us", "She sold to us", identity_warnings.DEALINGS_ADVICE),
    ("my car is the red one", "my car is", identity_warnings.VEHICLE_ADVICE),
]

SHOWS_NOTHING = [
    "his phone number is 07700 900123",
    "her number is 07700 900123, she answers at night",
    "the number on the card is 07700 900123",
    "their email is sales@example.org",
    "they sell from number 07700 900123",
    "the postcode is MK6 3AB",
    "a grey van, AB12 CDE, by the garages",
    "the flat opposite the school",
    "next door to the chip shop",
    "the next door garage",
    "the neighbours are afraid",
    "his neighbour told people",
    "he lives with his ex",
    "her brother collects the money",
    "he works at the garage",
    "they live in Milton Keynes",
    "I live in Milton Keynes",
    "only he knows the code",
    "the only one with a key is the tall man",
    "nobody else goes in",
    "somebody sold to children",
    "he owes them money",
    "they threatened a man with a knife",
    "I saw a car that stops for two minutes",
    "I work out that it is every Friday",
    "my view is that it will get worse",
    "I think my town deserves better",
    "call the number 07700 900123 and a man comes",
    "the teacher is worried",
    "I am a resident",
    "name: Dave, tall, red cap",
    "he has a new car every month",
    "at number 12, second floor",
    "Sprzedają narkotyki przy garażach",
    "می فروشند",
    "",
]


@pytest.mark.parametrize(("text", "quote", "advice"), SHOWS)
def test_find_words_that_show_the_sender(text: str, quote: str, advice: str) -> None:
    assert IdentityWarning("what", quote, advice) in identity_warnings.find({"what": text})


@pytest.mark.parametrize("text", SHOWS_NOTHING)
def test_find_leaves_alone_what_shows_nothing(text: str) -> None:
    assert identity_warnings.find({"what": text}) == ()


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "´", "`"])
def test_find_whatever_apostrophe_is_typed(apostrophe: str) -> None:
    assert identity_warnings.find({"what": f"I{apostrophe}m his sister"}) == (
        IdentityWarning("what", f"I{apostrophe}m his sister", identity_warnings.KIN_ADVICE),
    )


def test_find_goes_through_the_fields_in_order_and_keeps_equal_advice_together() -> None:
    answers = {"what": "my window, my garden. My neighbour. my window again", "place": "", "people": "My brother"}
    assert identity_warnings.find(answers) == (
        IdentityWarning("what", "my window", identity_warnings.HOME_ADVICE),
        IdentityWarning("what", "my garden", identity_warnings.HOME_ADVICE),
        IdentityWarning("what", "My neighbour", identity_warnings.NEAR_ADVICE),
        IdentityWarning("people", "My brother", identity_warnings.KIN_ADVICE),
    )


def test_find_gives_at_most_three_of_one_advice() -> None:
    rooms = "my house, my garden, my window, my kitchen, my bedroom"
    assert [warning.text for warning in identity_warnings.find({"what": rooms})] == [
        "my house",
        "my garden",
        "my window",
    ]


def test_find_leaves_an_address_that_somebody_sells_from() -> None:
    assert identity_warnings.find({"numbers": "shop@example.org"}) == ()
    assert identity_warnings.find({"what": "shop@example.org"}) == (
        IdentityWarning("what", "shop@example.org", identity_warnings.EMAIL_ADVICE),
    )


@pytest.mark.parametrize(("contact", "count"), [("", 1), ("none", 1), ("receipt", 1), ("details", 0)])
def test_find_contact_details_that_may_not_be_used(contact: str, count: int) -> None:
    warnings = identity_warnings.find({"contact": contact, "contact_details": "jo@example.org"})
    assert warnings == (IdentityWarning("contact_details", "jo@example.org", identity_warnings.CONTACT_ADVICE),) * count


def test_find_quotes_long_words_short_and_on_one_line() -> None:
    (warning,) = identity_warnings.find({"contact_details": "07700 900123\nor " + "x" * 100})
    assert warning.text == "07700 900123 or " + "x" * 43 + "…"


@pytest.mark.alone
@pytest.mark.parametrize(
    "piece", ["my ", "I live ", "a@", "0", "call me ", "next door ", "my next door ", "x", "only me a "]
)
def test_find_is_quick_in_the_longest_text(piece: str) -> None:
    start = time.perf_counter()
    identity_warnings.find({"what": (piece * 100_000)[:100_000]})
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    "name",
    [asked.name for asked in questions.FIELDS if asked.shape in ("box", "line", "short") and asked.group != "you"],
)
def test_every_question_that_takes_free_text_is_searched(name: str) -> None:
    assert [warning.field for warning in identity_warnings.find({name: "I am his sister."})] == [name]


def test_what_a_sender_means_to_tell_us_of_themself_is_not_warned_about() -> None:
    assert {"contact", *questions.CONTACT_DETAILS} == identity_warnings.CONTACT
