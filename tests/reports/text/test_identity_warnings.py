"""What could show who the sender is, found in ordinary sentences, and what is left alone."""

import unicodedata
from pathlib import Path

import pytest
from django.conf import settings

from reports import questions
from reports.text import identity_warnings, public_names
from reports.text.identity_warnings import IdentityWarning, advice, anywhere

HELPLINES = public_names.numbers(settings.PLACE.helplines)


def quotes(text):
    return [warning.text for warning in identity_warnings.find({"what": text}, helplines=HELPLINES)]


def test_find_quotes_the_words_that_show_the_sender_beside_their_advice():
    cases = [sentence.split(" | ") for sentence in sentences("identity_quoted.txt")]
    assert len(cases) > 50
    for text, quote, name in cases:
        wanted = IdentityWarning("what", quote, getattr(advice, name))
        assert wanted in identity_warnings.find({"what": text}), text


def sentences(name):
    """Return the sentences of a file beside this one."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_kinds_of_phrase_are_found_in_six_languages():
    assert [sentence for sentence in sentences("identity_true.txt") if not quotes(sentence)] == []


def test_ordinary_sentences_in_six_languages_are_left_alone():
    harmless = sentences("identity_harmless.txt")
    assert [(sentence, quotes(sentence)) for sentence in harmless if quotes(sentence)] == []


def test_a_place_is_named_once_by_what_says_most():
    assert identity_warnings.find({"what": "My number is 07700 900123"}) == (
        IdentityWarning("what", "My number is 07700 900123", advice.PHONE_ADVICE),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("07700 900123", advice.ANY_PHONE_ADVICE),
        ("Numer: +48 22 123 45 67", advice.ANY_PHONE_ADVICE),
        ("pisz: ana@example.org", advice.EMAIL_ADVICE),
        ("@jane_w", advice.HANDLE_ADVICE),
        ("I am John Smith", advice.NAME_ADVICE),
        ("Jestem Piotr Zieliński", advice.NAME_ADVICE),
    ],
)
def test_contacts_and_names_are_asked_about_in_any_language(text, said):
    assert said in [warning.message for warning in identity_warnings.find({"what": text})]
    kept = [warning.message for warning in identity_warnings.find({"numbers": text})]
    assert (said in kept) is (said is advice.NAME_ADVICE), (
        "numbers that somebody sells from are theirs"
    )


def test_helplines_are_nobodys_own():
    for text in (
        "I called 0800 555 111 and Childline on 0800 1111.",
        "I called the NSPCC on 0808 800 5000.",
    ):
        assert identity_warnings.find({"what": text}, helplines=HELPLINES) == ()
    assert identity_warnings.find({"what": "I called on 0808 800 5001."}, helplines=HELPLINES) != ()
    assert identity_warnings.find({"what": "I called 0800 555 111."}) != ()


def test_accents_decomposed_or_left_out_make_no_difference():
    for text in ("Mój sąsiad", "Moj sasiad", unicodedata.normalize("NFD", "Mój sąsiad")):
        (warning,) = identity_warnings.find({"what": text})
        assert (warning.text, warning.message) == (
            unicodedata.normalize("NFC", text),
            advice.NEAR_ADVICE,
        )


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "ʼ", "´", "`"])
def test_find_whatever_apostrophe_is_typed(apostrophe):
    assert identity_warnings.find({"what": f"I{apostrophe}m his sister"}) == (
        IdentityWarning("what", f"I{apostrophe}m his sister", advice.KIN_ADVICE),
    )


def test_find_goes_through_the_fields_in_order_and_keeps_equal_advice_together():
    answers = {
        "what": "my window, my garden. My neighbour. my window again",
        "place": "",
        "people": "My brother",
    }
    assert identity_warnings.find(answers) == (
        IdentityWarning("what", "my window", advice.HOME_ADVICE),
        IdentityWarning("what", "my garden", advice.HOME_ADVICE),
        IdentityWarning("what", "My neighbour", advice.NEAR_ADVICE),
        IdentityWarning("people", "My brother", advice.KIN_ADVICE),
    )


def test_find_gives_at_most_three_of_one_advice():
    rooms = "my house, my garden, my window, my kitchen, my bedroom"
    assert [warning.text for warning in identity_warnings.find({"what": rooms})] == [
        "my house",
        "my garden",
        "my window",
    ]


@pytest.mark.parametrize(
    ("contact", "count"), [("", 1), ("none", 1), ("receipt", 1), ("details", 0)]
)
def test_find_contact_details_that_may_not_be_used(contact, count):
    warnings = identity_warnings.find({"contact": contact, "contact_details": "jo@example.org"})
    assert (
        warnings
        == (IdentityWarning("contact_details", "jo@example.org", advice.CONTACT_ADVICE),) * count
    )


def test_find_quotes_long_words_short_and_on_one_line():
    (warning,) = identity_warnings.find({"contact_details": "07700 900123\nor " + "x" * 100})
    assert warning.text == "07700 900123 or " + "x" * 43 + "…"


LONGEST = {asked.name: questions.LONGEST for asked in questions.FIELDS} | {
    "what": questions.LONGEST_WHAT
}


@pytest.mark.parametrize(
    "answers", [{"what": questions.LONGEST_WHAT}, LONGEST], ids=["one answer", "every answer"]
)
def test_find_looks_through_no_more_than_it_says(answers, monkeypatch):
    looked_at = []
    monkeypatch.setattr(
        anywhere,
        "names",
        lambda text: looked_at.append(text.replace(identity_warnings.CUT, "")) or (),
    )
    typed = {field: ("I 0 " * length)[:length] for field, length in answers.items()}
    identity_warnings.find(typed)
    assert (
        0.9 * identity_warnings.MOST_SEARCHED
        < sum(map(len, looked_at))
        <= identity_warnings.MOST_SEARCHED
    )
    assert identity_warnings.is_cut(typed)


def test_find_looks_at_both_ends_of_a_long_answer_and_at_short_ones_whole():
    long = f"my window. {'a van ' * 5_000}my garden. {'a van ' * 5_000}I am John Smith"
    found = [
        (warning.field, warning.text)
        for warning in identity_warnings.find({"what": long, "people": "my ex"})
    ]
    assert sorted(found) == [
        ("people", "my ex"),
        ("what", "I am John Smith"),
        ("what", "my window"),
    ]


def test_an_answer_that_fits_is_looked_through_whole():
    answers = {"what": "a van " * 2_000 + "my window", "people": "a tall man"}
    assert not identity_warnings.is_cut(answers)
    assert identity_warnings.searched(answers) == {
        field: (text,) for field, text in answers.items()
    }


def test_capitals_change_no_phrase_and_letters_that_grow_when_small_no_place():
    (warning,) = identity_warnings.find({"what": "İİİ I LIVE OPPOSITE THEM"})
    assert warning.text == "I LIVE OPPOSITE THEM"


@pytest.mark.parametrize(
    "name", [asked.name for asked in questions.FIELDS if asked.holds not in ("", "contact")]
)
def test_every_question_that_takes_free_text_is_searched(name):
    assert [warning.field for warning in identity_warnings.find({name: "I am his sister."})] == [
        name
    ]
