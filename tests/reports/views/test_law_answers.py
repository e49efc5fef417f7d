"""What the law asks of an operator: a page says what they answered, and asserts nothing where they did not."""

import html
import re
from dataclasses import replace

import pytest
from django.db import OperationalError, connection

from core.place import LAW
from reports import consent_words
from reports.models import Recipient

pytestmark = pytest.mark.django_db

ANSWERS = {name: f"Our answer on {name} <b>is</b> this." for name in LAW}
PRIVACY, DATA, WHO, HOW, CORRECTIONS = (
    f"/about/{name}/"
    for name in ("privacy", "your-data", "who-we-are", "how-it-works", "corrections")
)
SHOWN_ON = {name: {PRIVACY} for name in LAW} | {
    "stories": {WHO, CORRECTIONS},
    "complaints": {DATA},
    "requests": {DATA},
    "tasking": set(),  # that is for the team
}
# What pages say in the sentences around an answer, and what law a page would assert by itself.
ASSERTED = re.compile(
    r"If a court asks|Article \d|lawful basis is|legitimate interest|IPSO|Impress|30 days of|acknowledge"
)


@pytest.fixture
def answered(settings):
    """Let the place have some answers."""

    def answer(law=None, only_recipients=None):
        settings.PLACE = replace(
            settings.PLACE, operator={}, law=law or {}, only_recipients=only_recipients
        )

    return answer


def refuse(*query):
    raise OperationalError


def texts(client):
    """Return the main part of the pages, by path, as a reader has it."""
    pages = {path: client.get(path).text for path in (PRIVACY, DATA, WHO, HOW, CORRECTIONS)}
    mains = {
        path: page[page.index("<main") : page.index("</main>")] for path, page in pages.items()
    }
    return {
        path: " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())
        for path, main in mains.items()
    }


def test_each_answer_stands_on_its_page_as_it_was_typed(client, answered):
    answered(ANSWERS)
    told = texts(client)
    assert {
        name: {path for path in told if ANSWERS[name] in told[path]} for name in LAW
    } == SHOWN_ON
    assert "If a court asks who told us " + ANSWERS["court"] in told[PRIVACY]
    assert "ask the people who run this site" not in told[PRIVACY]


@pytest.mark.parametrize("missing", LAW)
def test_a_missing_answer_is_missing_alone(client, answered, missing):
    answered({name: ANSWERS[name] for name in LAW if name != missing})
    told = texts(client)
    shown = {name: {path for path in told if ANSWERS[name] in told[path]} for name in LAW}
    assert shown == SHOWN_ON | {missing: set()}
    assert ("If a court asks" in told[PRIVACY]) == (missing != "court")


def test_without_answers_no_page_asserts_any_law(client, answered):
    answered()
    told = texts(client)
    assert {path: found for path, text in told.items() if (found := ASSERTED.findall(text))} == {}
    assert (
        "which lawful basis we rely on for this, ask the people who run this site." in told[PRIVACY]
    )


def test_control_law_that_a_page_asserts_is_found():
    assert ASSERTED.findall("Our lawful basis is consent. See Article 9.") == [
        "lawful basis is",
        "Article 9",
    ]


def test_an_address_in_an_answer_is_a_link(client, answered):
    answered({"stories": "See https://press.example/complain or write to us@news.example."})
    page = client.get(WHO).text
    assert '<a href="https://press.example/complain" rel="nofollow">' in page
    assert '<a href="mailto:us@news.example">' in page


@pytest.mark.parametrize(
    ("confirmed", "there", "says"),
    [
        (None, [], False),
        (None, ["Police"], False),
        ((), [], True),
        ((), ["Police"], False),
        (("Police",), [], True),
        (("Police",), ["Police"], True),
        (("Police",), ["Police", "Border"], False),
        (("Police",), ["police"], False),
    ],
)
def test_the_home_office_is_named_only_if_confirmed_and_nobody_else_gets_anything(
    client,
    answered,
    confirmed,
    there,
    says,
):
    answered(only_recipients=confirmed)
    for name in there:
        Recipient.objects.create(name=name, public_key=f"age1{name}")
    told, words = texts(client), str(consent_words.HOME_OFFICE)
    assert [path for path in told if words in told[path]] == ([PRIVACY, WHO] if says else [])
    assert any("Home Office" in text for text in told.values()) == says


def test_while_the_database_cannot_be_asked_it_is_not_named(client, answered):
    answered(only_recipients=())
    assert "Home Office" in client.get(WHO).text
    with connection.execute_wrapper(refuse):
        assert "Home Office" not in client.get(WHO).text
