"""A message that repeats the tip is noticed, however it is spelt; no other message is."""

import pytest

from reports.text import disclosure

ANSWERS = {
    "what": "The man they call Kev drives a van, AB12 CDE. I saw Marek there. On Mondays it is busy.",
    "people": "kev, skinny mike",
    "numbers": "07700 900123 and @kev.mk",
    "place": "12 Oak Road",
    "postcode": "MK14 6LB",
    "police": "words",
    "under_18": True,
}


@pytest.mark.parametrize(
    ("message", "repeated"),
    [
        ("Is ab12cde still there?", ["ab12cde"]),
        ("Was it AB12-CDE?", ["AB12-CDE"]),
        ("Does +44 7700 900 123 still work?", ["+44 7700 900 123"]),
        ("Have you seen @kev.mk online?", ["@kev.mk"]),
        ("Do you mean MK146LB?", ["MK146LB"]),
        ("Is it 12 oak road?", ["12 oak road"]),
        ("What does Kev look like?", ["Kev"]),
        ("Marek's car: what colour?", ["Marek's"]),
        ("Skinny Mike: have you seen him?", ["Skinny", "Mike"]),
        ("Marek drives what?", ["Marek"]),
        ("Does Busy mean anything to you? It is a name, Van is too.", ["Busy", "Van"]),
        ("Is Oak Road quiet? Is Mike there?", ["Oak", "Mike"]),
    ],
)
def test_find_words_that_the_tip_has(message: str, repeated: list[str]) -> None:
    assert [repetition.text for repetition in disclosure.find(message, [ANSWERS])] == repeated


@pytest.mark.parametrize(
    "message",
    [
        "Thank you. Was it in the day or at night?",
        "The man, the van: what colour is it? I do not need to know more.",
        "We read on Mondays. The police can be told on 101, Childline on 0800 1111.",
        "Was it XY34 ZZZ, or 07700 900999, or 14 Elm Road?",
        "Do not put yourself at risk.",
        "There, the man. On what days? It is no matter which. Is it busy?",
    ],
)
def test_find_nothing_in_a_message_of_other_words(message: str) -> None:
    assert disclosure.find(message, [ANSWERS]) == ()


def test_find_a_name_that_starts_the_senders_sentence() -> None:
    answers = [{"what": "Kev sells from a van. every night. There is zeb too"}]
    for message, names in [("Is Kev tall?", ["Kev"]), ("Kev: is he tall?", ["Kev"]), ("And Zeb?", ["Zeb"])]:
        assert [repetition.text for repetition in disclosure.find(message, answers)] == names
    assert disclosure.find("There is no need. Every word helps.", answers) == ()


def test_find_names_each_kind_in_the_messages_order() -> None:
    repetitions = disclosure.find("Kev, AB12 CDE, kev@example.org, MK14 6LB", [ANSWERS, {"what": "kev@example.org"}])
    assert [(repetition.text, str(repetition.what)) for repetition in repetitions] == [
        ("Kev", "a name or a place"),
        ("AB12 CDE", "a number plate"),
        ("kev@example.org", "an e-mail address"),
        ("MK14 6LB", "a postcode"),
    ]
