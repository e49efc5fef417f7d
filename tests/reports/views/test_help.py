"""What the pages say to somebody who may be hurt: a number for an adult, an interpreter, and nothing that is untrue."""

import re
from dataclasses import replace

import pytest

from core.place import Number
from reports.domain.mailbox import sender_messages
from reports.domain.tips import opening
from reports.views import submit
from tests.reports.mailboxes import enter, ticket
from tests.reports.markup import Page, hidden, slip

pytestmark = pytest.mark.django_db
COPING = "If you are finding it hard to cope, call Samaritans on 116 123."
INTERPRETER = Number(
    "999", "the emergency services", "you need an interpreter", "Say police, then the language."
)


def flat(markup):
    """Return what a page says, on one line."""
    return " ".join(re.sub(r"<[^>]*>", "", markup[markup.index("<main") :]).split())


@pytest.mark.parametrize(
    "extra", [{}, {"danger": "yes"}, {"under_18": "on"}, {"what": "I would rather be dead"}]
)
def test_every_check_page_and_receipt_names_a_helpline_once(client, key_file, wait, extra):
    fields = slip(client)
    wait()
    check = client.post("/report/check/", fields | {"what": "A van"} | extra)
    receipt = client.post("/report/receipt/", hidden(check))
    pictures = client.post("/report/photos/", hidden(receipt))
    assert [flat(page.text).count(COPING) for page in (check, receipt, pictures)] == [1, 1, 1]


@pytest.mark.usefixtures("passphrase", "unhurried", "tip")
def test_the_check_page_of_a_message_names_the_helpline(client):
    opened = enter(client)
    fields = {
        attrs["name"]: attrs["value"]
        for attrs in Page(opened.text).all("input")
        if "value" in attrs
    }
    check = client.post("/mailbox/reply/", fields | {"text": "My name is Anna."} | ticket(opened))
    assert ("You have not sent it yet" in check.text, flat(check.text).count(COPING)) == (True, 1)


def test_a_place_without_the_helpline_says_nothing_of_it(client, key_file, settings):
    without = {name: number for name, number in settings.PLACE.numbers.items() if name != "coping"}
    settings.PLACE = replace(settings.PLACE, numbers=without)
    check = client.post("/report/check/", slip(client) | {"what": "A van"})
    assert "116 123" not in check.text + client.post("/report/receipt/", hidden(check)).text


def test_nobody_is_told_of_an_interpreter_until_the_police_confirm_it(client, key_file, settings):
    def pages():
        check = client.post("/report/check/", slip(client) | {"what": "A van", "danger": "yes"})
        receipt = client.post("/report/receipt/", hidden(check))
        return [flat(page.text) for page in (check, receipt, client.get("/about/staying-safe/"))]

    assert [INTERPRETER.more in page for page in pages()] == [False, False, False]
    assert "interpreter" not in settings.PLACE.numbers
    settings.PLACE = replace(
        settings.PLACE, numbers={**settings.PLACE.numbers, "interpreter": INTERPRETER}
    )
    submit._shell.cache_clear()
    assert [INTERPRETER.more in page for page in pages()] == [True, True, True]
    calm = client.post("/report/check/", slip(client) | {"what": "A van"})
    assert INTERPRETER.more not in calm.text


@pytest.mark.parametrize(
    ("path", "says", "never"),
    [
        (
            "/about/privacy/",
            (
                "your browser keeps one number, usually until you close it, so that the Back button shows nothing.",
                "The number does not say what you wrote.",
                "so we cannot name you. What you wrote may still show who you are.",
                "until someone on our team has it. Our list of reminders keeps it for 30 days.",
                "We do not sell what you send us.",
            ),
            ("tell a court", "at least 30 days", "sell or lend"),
        ),
        (
            "/about/promises/",
            ("We lock what you write before we store it.",),
            ("No database, file or log",),
        ),
        (
            "/about/how-it-works/",
            ("A stolen disk or password is not enough to open it.",),
            ("steals our server",),
        ),
        (
            "/about/staying-safe/",
            (
                "It forgets most of this when you close it.",
                "The phone’s own list of calls shows it.",
            ),
            ("all of this",),
        ),
        (
            "/report/exit/",
            (
                "It forgets most of this when you close it.",
                "The number does not say what you wrote.",
            ),
            ("all of this", "nothing about you"),
        ),
        (
            "/report/",
            (
                "it is not your fault. You do not have to write what you did.",
                "All we know about you is what you write.",
            ),
            ("or something someone made you do", "whose job"),
        ),
        ("/mailbox/", ("The number does not say what you wrote.",), ("how often you left",)),
    ],
)
def test_pages_say_no_more_than_is_true(
    client,
    key_file,
    path,
    says,
    never,
):
    page = flat(client.get(path).text)
    assert [sentence for sentence in says if sentence not in page] == []
    assert [sentence for sentence in never if sentence in page] == []


@pytest.mark.usefixtures("passphrase", "unhurried", "tip")
def test_who_stops_their_words_reads_what_they_can_no_longer_ask(client):
    page = client.post("/mailbox/burn/", ticket(enter(client)))
    assert "If you gave no name, you can no longer ask us what we hold about you" in flat(page.text)


def test_who_could_be_shot_is_not_asked_to_leave_out_who_it_is(client):
    check = client.post(
        "/report/check/", slip(client) | {"what": "He will shoot my brother tonight."}
    )
    assert "If they are in danger, keep it in." in flat(check.text)


def test_who_chose_details_and_gave_none_gets_the_form_with_all_that_was_typed(client, key_file):
    typed = slip(client) | {
        "what": "A grey van.",
        "contact": "details",
        "people": "Kev",
    }
    for address in ("/report/check/", "/report/receipt/"):
        page = Page(client.post(address, typed).text)
        asked = "Error: Write a phone number or an email address, or choose another answer"
        assert page.texts["id_contact_details_error"].strip() == asked
        assert (page.texts["id_what"].strip(), page.texts["id_people"].strip()) == (
            "A grey van.",
            "Kev",
        )


URDU = "اس کا نمبر 07700 900123 ہے۔"
IN_ORDER = 'اس کا نمبر <bdi dir="ltr">07700 900123</bdi> ہے۔'


def test_a_number_inside_urdu_keeps_its_order_and_is_sent_as_it_was_typed(client, key_file):
    check = client.post("/report/check/", slip(client) | {"what": f"<i>{URDU}", "numbers": URDU})
    assert check.text.count(IN_ORDER) == 2
    assert f"&lt;i&gt;{IN_ORDER}" in check.text
    assert (
        '<bdi dir="ltr">' not in client.post("/report/check/", {"what": "Call 07700 900123"}).text
    )
    assert (hidden(check)["what"], hidden(check)["numbers"]) == (f"<i>{URDU}", URDU)
    changed = client.post("/report/", hidden(check) | {"change": "what"})
    assert Page(changed.text).texts["id_what"].strip("\n") == f"<i>{URDU}"
    assert "<bdi" not in changed.text


@pytest.mark.usefixtures("passphrase", "unhurried")
def test_a_number_inside_urdu_stands_in_its_order_in_our_message(client, tip, caseworker, keys):
    opening.read(tip=tip, by=caseworker, keys=keys)
    facts = {"english": "The number is 116 123.", "checked": True, "question": False}
    sender_messages.write(tip=tip, text="یہ نمبر 116 123 ہے۔", by=caseworker, keys=keys, **facts)
    assert '<bdi dir="ltr">116 123</bdi>' in enter(client).text


@pytest.mark.parametrize(
    ("danger", "says"),
    [
        ("yes", "Call 999 now. We may not read this today."),
        ("unsure", "Do not wait for us: call 999 if it gets worse."),
        ("no", "If someone is in danger or a crime is happening now, call 999."),
        ("", "If someone is in danger or a crime is happening now, call 999."),
    ],
)
def test_a_receipt_says_once_when_to_call_the_emergency_number(client, key_file, danger, says):
    fields = slip(client) | {"what": "A van", "danger": danger}
    receipt = flat(client.post("/report/receipt/", fields).text)
    assert receipt.count("999") == 1
    assert says in receipt
    assert "you can stop us telling the police" in receipt
    assert "We cannot send them again." in receipt
