"""What of a message stands in the tip: found however it is spelt, and nothing else is refused."""

import pytest

from reports.text import disclosure

TOLD = {
    "what": "The man they call Kev drives a van, AB12 CDE. I saw Marek there. On Mondays it is busy.",
    "people": "kev, skinny mike",
    "numbers": "07700 900123 and @kev.mk",
    "place": "12 Oak Road",
    "postcode": "MK14 6LB",
    "police": "words",
    "under_18": True,
}


@pytest.mark.parametrize(
    ("message", "found"),
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
def test_what_comes_from_the_tip_is_found(message: str, found: list[str]) -> None:
    assert [echo.text for echo in disclosure.find(message, [TOLD])] == found


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
def test_what_does_not_come_from_the_tip_may_be_sent(message: str) -> None:
    assert disclosure.find(message, [TOLD]) == ()


def test_a_name_with_which_the_senders_sentence_begins_is_found() -> None:
    told = [{"what": "Kev sells from a van. every night. There is zeb too"}]
    for message, found in [("Is Kev tall?", ["Kev"]), ("Kev: is he tall?", ["Kev"]), ("And Zeb?", ["Zeb"])]:
        assert [echo.text for echo in disclosure.find(message, told)] == found
    assert disclosure.find("There is no need. Every word helps.", told) == ()


def test_each_echo_says_what_it_is_and_stands_in_the_order_of_the_message() -> None:
    found = disclosure.find("Kev, AB12 CDE, kev@example.org, MK14 6LB", [TOLD, {"what": "kev@example.org"}])
    assert [(echo.text, str(echo.what)) for echo in found] == [
        ("Kev", "a name or a place"),
        ("AB12 CDE", "a number plate"),
        ("kev@example.org", "an e-mail address"),
        ("MK14 6LB", "a postcode"),
    ]
