"""A message that names somebody or something of a tip is noticed; ordinary messages pass."""

from pathlib import Path

import pytest
from django.conf import settings

from reports.domain.mailbox import sender_messages
from reports.domain.triage import labels
from reports.text import disclosure

HERE = Path(__file__).parent
PASS = (HERE / "messages_pass.txt").read_text(encoding="utf-8").splitlines()
REFUSED = [
    line.split(" | ")
    for line in (HERE / "messages_refused.txt").read_text(encoding="utf-8").splitlines()
]
PUBLIC = settings.PLACE.public_names
ANSWERS = {
    "what": "The man they call Kev drives a van, AB12 CDE. I saw Marek there. On Mondays it is busy.",
    "people": "kev, skinny mike",
    "numbers": "07700 900123 and @kev.mk",
    "place": "12 Oak Road",
    "postcode": "MK14 6LB",
    "police": "words",
    "under_18": True,
}


def found(message, *answers):
    """Return what must be left out of a message to somebody."""
    return [finding.text for finding in disclosure.find(message, answers, public=PUBLIC)]


def test_an_ordinary_message_passes():
    assert {message: found(message, ANSWERS) for message in PASS} == {
        message: [] for message in PASS
    }


@pytest.mark.promise("messages", control="test_an_ordinary_message_passes")
def test_what_could_be_another_tips_is_found_without_looking_into_any():
    """A message that names someone or something of a tip, this one or another, is refused, with what to leave out."""
    expected = {
        message: words
        for message, *words in ([part.strip() for part in listed] for listed in REFUSED)
    }
    assert {message: found(message) for message in expected} == expected


@pytest.mark.parametrize("title", labels.REPLIES)
def test_the_replies_that_a_desk_begins_with_pass(title):
    assert found(str(labels.REPLIES[title])) == []  # type: ignore[index]


@pytest.mark.parametrize(
    ("message", "repeated"),
    [
        ("Is ab12cde still there?", ["ab12cde"]),
        ("Does +44 7700 900 123 still work?", ["+44 7700 900 123"]),
        ("Is it 12 oak road?", ["12 oak road"]),
        ("Marek's car: what colour?", ["Marek's"]),
        ("Skinny mike: have you seen him?", ["Skinny"]),
        ("Marek drives what?", ["Marek"]),
        ("Kev?", ["Kev"]),
    ],
)
def test_what_the_senders_own_tip_has_is_found_at_the_start_of_a_sentence_too(message, repeated):
    assert found(message, ANSWERS) == repeated


IN_POLISH = "Nie wiem. Czy coś widziałem? Dziękuję Panu, on ma samochód. To Marek z Łodzi."


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("Czy widzieli Państwo ten samochód w dzień?", []),
        ("Dziękujemy Panu. Czy mógłby Pan napisać, kiedy to było?", []),
        ("Czy Pani to widziała? Odpowiedź „Nie wiem” też pomaga.", []),
        ("Puteți să ne spuneți când? Vă mulțumim, Dumneavoastră ne ajutați.", []),
        ("Czy zna Pan Łukasza?", ["Łukasza"]),
        ("Pan-Kowalski tam był, czy nie wiedzą Państwo?", ["Pan-Kowalski"]),
        ("Czy to jest Marek?", ["Marek"]),
        ("Îl știți pe Domnul Popescu?", ["Popescu"]),
        ("Is Pan there?", ["Pan"]),
        ("Did Pan call?", ["Pan"]),
        ("Have you seen Pani or Łukasz?", ["Pani", "Łukasz"]),
    ],
)
def test_a_form_of_address_is_no_name_in_its_own_language(message, names):
    assert found(message) == names


def test_an_ordinary_word_is_none_though_the_sender_began_a_sentence_with_it():
    assert found("Nie szkodzi. Czy to było w dzień? Dziękuję.", {"what": IN_POLISH}) == []
    assert found("Marek tam był? Czy to było w dzień?", {"what": IN_POLISH}) == ["Marek"]


def test_a_script_without_capitals_is_one_that_cannot_be_read():
    texts = ["کیا یہ دن میں تھا؟", "Is it رات?", "এটা কি রাতে ছিল?", "那是晚上吗？"]
    assert [disclosure.is_unreadable(text) for text in texts] == [True] * len(texts)
    others = ["Was it by night? 🙂 1º", "Czy to było w dzień?", "Це було вночі?", "Ήταν νύχτα;", ""]
    assert [disclosure.is_unreadable(text) for text in others] == [False] * len(others)
    assert [
        text for text in PASS if disclosure.is_unreadable(text) or sender_messages.is_foreign(text)
    ] == []


def test_what_it_does_not_find_is_what_the_page_says():
    missed = [
        line.split(" | ")[0]
        for line in (HERE / "messages_missed.txt").read_text(encoding="utf-8").splitlines()
    ]
    assert {message: found(message) for message in missed} == {message: [] for message in missed}


def test_the_start_of_the_senders_own_sentence_is_no_name_if_it_is_an_ordinary_word():
    answers = {"what": "Kev sells from a van. every night. There is zeb too"}
    assert found("There is no need. Every word helps.", answers) == []
    assert found("Kev: is he tall?", answers) == ["Kev"]


def test_find_names_each_kind_in_the_messages_order():
    findings = disclosure.find(
        "Kev, AB12 CDE, kev@example.org, MK14 6LB, Zeb", [ANSWERS], public={}
    )
    assert [(finding.text, str(finding.what)) for finding in findings] == [
        ("Kev", "a name or a place"),
        ("AB12 CDE", "a number plate"),
        ("kev@example.org", "an email address"),
        ("MK14 6LB", "a postcode"),
        ("Zeb", "a capital letter: perhaps a name"),
    ]


def test_a_place_with_other_areas_knows_its_own():
    assert found("Is it in Beanhill?") == []
    assert [
        finding.text for finding in disclosure.find("Is it in Beanhill?", public={"Anytown": ""})
    ] == ["Beanhill"]


@pytest.mark.parametrize("unseen", ["\ufe0f", "\U000e0100", "\u3164"])
def test_what_no_eye_sees_splits_no_word(unseen):
    assert disclosure.plain(f"Fat{unseen}ima") == "Fatima"
