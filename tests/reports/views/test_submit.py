"""The public pages of a tip: write, check, send; and what they never do."""

import html
import os
import re

import pytest

from reports import questions
from reports.domain import state_files
from reports.domain.intake import outbox
from reports.sealing import receipts
from reports.security.turns import Turns
from reports.views import anonymous
from tests.reports.markup import Page, assert_wired, hidden, slip
from tests.reports.views.conftest import stored

LANGUAGES = (
    "English",
    "Polish",
    "Romanian",
    "Urdu",
    "Welsh",
    "Somali",
)  # as the check page names them
EVERY_ANSWER = {
    "what": "A grey van.\nIt comes at nine. <b>&amp; 🚗</b>",
    "danger": "unsure",
    "under_18": "True",
    "kind": "deliveries",
    "place": "Behind the “shops”",
    "area": "olney",
    "postcode": "MK46 5XX",
    "when": "Fridays",
    "ongoing": "yes",
    "people": "آدم طويل",
    "vehicles": "AB12",
    "numbers": "@shop",
    "dangers": "A dog",
    "source": "saw",
    "guessable": "no",
    "contact": "details",
    "contact_details": "jo@example.org",
    "contact_safe": "Never",
    "police": "words",
}
SENT = EVERY_ANSWER | {"under_18": True}


def test_every_question_is_answered_here():
    assert tuple(EVERY_ANSWER) == questions.names()


def test_tip_goes_from_form_to_receipt(client, key_file, wait):
    fields = slip(client)
    wait()
    check = client.post("/report/check/", fields | EVERY_ANSWER)
    assert check.status_code == 200
    assert {
        name: value for name, value in hidden(check).items() if name in EVERY_ANSWER
    } == EVERY_ANSWER
    receipt = client.post("/report/receipt/", hidden(check))
    assert receipt.status_code == 200
    assert "<h1>We have your tip. Keep these seven words.</h1>" in receipt.text
    words = "".join(f"<li>{word}</li>" for word in receipts.words(fields["token"]))
    assert (
        f'<ol class="receipt-card" lang="en" dir="ltr" translate="no">{words}</ol>' in receipt.text
    )
    (bundle,) = stored(key_file)
    assert bundle.content["answers"] == SENT
    assert bundle.content["suspect"] == []


@pytest.mark.parametrize("token", [None, "", "<script>"])
def test_token_that_is_missing_or_malformed_is_replaced(client, key_file, token):
    sent = {"what": "A van"} | ({} if token is None else {"token": token})
    check = client.post("/report/check/", sent)
    assert receipts.is_token(hidden(check)["token"])
    assert client.post("/report/receipt/", sent).status_code == 200
    assert len(outbox.waiting()) == 1


@pytest.mark.promise("everybody")
@pytest.mark.parametrize("url", ["/report/check/", "/report/receipt/"])
def test_every_error_keeps_everything_that_was_typed(client, key_file, url):
    """Every error keeps everything that was typed."""
    long = [
        question.name
        for question in questions.FIELDS
        if question.shape in ("box", "line", "short") and question.name != "what"
    ]
    typed = (
        EVERY_ANSWER | {"what": " "} | {name: f"{name} \u202eé🚗 " + "x" * 5000 for name in long}
    )
    fields = slip(client)
    response = client.post(url, fields | typed)
    page = Page(response.text)
    assert response.text.count("<title>Error: Write to us</title>") == 1
    assert [attrs["href"] for attrs in page.all("a") if attrs["href"].startswith("#id_")] == [
        f"#id_{question.name}" for question in questions.FIELDS if question.name in ["what", *long]
    ]
    for name in long:
        shown_value = (
            page.texts[f"id_{name}"]
            if f"id_{name}" in page.texts
            else page.by_id(f"id_{name}")["value"]
        )
        assert shown_value.strip("\n") == typed[name]
    picked = [attrs["id"] for attrs in page.all("input") if "checked" in attrs]
    names = (
        "danger_2",
        "under_18",
        "kind_5",
        "ongoing_0",
        "source_0",
        "guessable_1",
        "contact_2",
        "police_1",
    )
    assert picked == [f"id_{name}" for name in names]
    assert [attrs["value"] for attrs in page.all("option") if "selected" in attrs] == ["olney"]
    assert hidden(response) == fields
    assert outbox.waiting() == []
    assert_wired(page)


def test_text_of_100_kb_travels_whole(client, key_file):
    text = "Every night at nine. " * 4761 + "The end of 100 kB."
    check = client.post("/report/check/", slip(client) | {"what": text})
    assert hidden(check)["what"] == text
    client.post("/report/receipt/", hidden(check))
    assert [bundle.content["answers"]["what"] for bundle in stored(key_file)] == [text]


def test_check_shows_each_question_with_its_answer(client):
    page = client.post("/report/check/", slip(client) | EVERY_ANSWER).text
    rows = re.findall(r"<dt>(.*?)</dt>.*?<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    shown = {
        html.unescape(asked): html.unescape(re.sub(r"<[^>]*>", "", answer)).split()
        for asked, answer in rows
    }
    assert shown == {
        str(asked.label): str(questions.label(asked.name, SENT[asked.name])).split()
        for asked in questions.FIELDS
    }


def test_change_brings_every_answer_back_and_opens_the_question(client):
    check = client.post("/report/check/", slip(client) | {"what": "A van", "place": "There"})
    buttons = {
        attrs["value"]: attrs["formaction"]
        for attrs in Page(check.text).all("button")
        if "formaction" in attrs
    }
    assert buttons["when"] == "/report/#question-when"
    form = client.post("/report/", hidden(check) | {"change": "when"})
    page = Page(form.text)
    assert "question-when" in page.ids()
    assert ["open" in attrs for attrs in page.all("details")] == [
        False,
        True,
        True,
        False,
        False,
        False,
        True,
    ]
    assert page.by_id("id_place")["value"] == "There"
    assert "There is a problem" not in form.text
    assert hidden(form)["token"] == hidden(check)["token"]
    assert_wired(page)


def test_check_names_the_act_shows_the_words_and_begins_with_the_way_back(client):
    check = client.post("/report/check/", slip(client) | EVERY_ANSWER)
    page = Page(check.text)
    assert_wired(page)
    first = page.all("button")[0]
    assert (first["form"], first["formaction"], first["value"]) == ("tip", "/report/", "")
    assert check.text.index("Go back and change it") < check.text.index("<h1>")
    assert '<button class="button" type="submit">Send this tip</button>' in check.text
    assert (
        "Tell us only what you believe is true. A false tip can harm an innocent person."
        in check.text
    )
    assert "They will work only after you press Send." in check.text
    assert [
        word
        for word in receipts.words(hidden(check)["token"])
        if f"<li>{word}</li>" not in check.text
    ] == []
    form = client.post("/report/", hidden(check) | {"change": ""})
    assert Page(form.text).texts["id_what"].strip("\n") == EVERY_ANSWER["what"]
    assert "There is a problem" not in form.text


def test_an_estate_is_found_by_its_name_and_counts_as_its_part_of_town(client, key_file):
    form = client.get("/report/")
    options = [attrs["value"] for attrs in Page(form.text).all("option")]
    names = re.findall(r"<option value=\"([^\"]+)\">([^<]+)</option>", form.text)
    (netherfield,) = [
        value for value, name in names if name == "Netherfield (Woughton and Fishermead)"
    ]
    assert len(options) == len(set(options)) > 60
    assert [name for _, name in names] == sorted(name for _, name in names)
    check = client.post("/report/check/", hidden(form) | {"what": "A van", "area": netherfield})
    assert ("Woughton and Fishermead" in check.text, hidden(check)["area"]) == (
        True,
        "woughton-and-fishermead",
    )
    client.post("/report/receipt/", hidden(check))
    assert [bundle.content["answers"]["area"] for bundle in stored(key_file)] == [
        "woughton-and-fishermead"
    ]


def test_check_names_what_could_show_the_sender(client):
    check = client.post(
        "/report/check/", {"what": "I live opposite. My neighbour too. <b>my ex</b>"}
    )
    assert [line.split("</bdi>")[0] for line in check.text.split("<bdi>")[1:]] == [
        "I live opposite",
        "My neighbour",
        "my ex",
    ]
    nothing = client.post("/report/check/", {"what": "A van"}).text
    assert "Could this show who you are?" not in nothing
    assert "We looked for phone numbers" in nothing
    assert "We will miss some." in nothing
    for text in (check.text, nothing):
        assert "Check again that it does not show who you are" in text
        assert [name for name in LANGUAGES if name not in text] == []


def test_check_says_where_too_many_wait_for_it_to_look_and_keeps_what_was_typed(
    client, monkeypatch
):
    monkeypatch.setattr(anonymous, "looking", Turns(at_work=1, waiting=0, seconds=0))
    with anonymous.looking.take():
        check = client.post("/report/check/", EVERY_ANSWER)
    assert "We have not checked this tip" in check.text
    assert "We looked for phone numbers" not in check.text
    assert {name: hidden(check)[name] for name in EVERY_ANSWER} == EVERY_ANSWER
    assert "We looked for phone numbers" in client.post("/report/check/", EVERY_ANSWER).text


@pytest.mark.parametrize(
    ("extra", "urgent", "childline"),
    [
        ({"danger": "yes"}, 1, 0),
        ({"under_18": "on"}, 1, 1),
        ({"danger": "unsure"}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_check_says_999_first_where_it_cannot_wait(client, extra, urgent, childline):
    text = client.post("/report/check/", {"what": "A van", **extra}).text
    main = text[text.index("<main") :]
    assert main.count("now. We may not read this today.") == urgent
    assert main.count("0800 1111") == childline
    if urgent:
        assert main.index("We may not read this today") < main.index("<h1>")


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"danger": "yes"}, (True, False, False)),
        ({"under_18": "on"}, (True, False, False)),
        ({"danger": "unsure"}, (False, True, False)),
        ({"danger": "no"}, (False, False, True)),
    ],
)
def test_receipt_of_danger_sends_nobody_away_for_a_week_or_two_pictures_or_not(
    client,
    key_file,
    wait,
    extra,
    says,
):
    fields = slip(client)
    wait()
    receipt = client.post("/report/receipt/", fields | {"what": "A van"} | extra)
    after_pictures = client.post("/report/photos/", hidden(receipt))
    for page in (receipt, after_pictures):
        text = " ".join(re.sub(r"<[^>]*>", "", page.text).split())
        sentences = (
            "Call 999 now. We may not read this today.",
            "Do not wait for us: call 999 if it gets worse.",
        )
        assert tuple(sentence in text for sentence in (*sentences, "a week or two")) == says


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://testserver"},
        {"Origin": "http://TESTSERVER"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_origin_absent_or_our_own_is_accepted(client, key_file, headers):
    fields = slip(client)
    check = client.post("/report/check/", fields | {"what": "A van"}, headers=headers)
    assert hidden(check)["token"] == fields["token"]
    client.post("/report/receipt/", hidden(check), headers=headers)
    assert len(outbox.waiting()) == 1


@pytest.mark.promise("machine", control="test_origin_absent_or_our_own_is_accepted")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://testserver.example"},
        {"Origin": "http://testserver:81"},
        {"Origin": "http://[x"},
        {"Origin": "https://testserver"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {
            "Origin": "null",
            "Sec-Fetch-Site": "same-site",
        },  # another subdomain, or another port, of our own domain
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_foreign_page_cannot_send_in_one_step(client, key_file, headers):
    """A page of another subdomain, port or scheme sends nothing in one step."""
    fields = slip(client) | {"what": "Planted"}
    answer = client.post("/report/receipt/", fields, headers=headers)
    assert "<h1>Check what you wrote</h1>" in answer.text
    assert outbox.waiting() == []
    for url in ("/report/", "/report/check/", "/report/receipt/"):
        token = hidden(client.post(url, fields, headers=headers))["token"]
        assert receipts.is_token(token)
        assert token != fields["token"]
    client.post("/report/receipt/", hidden(answer), headers={"Origin": "http://testserver"})
    assert len(outbox.waiting()) == 1


def test_frame_without_a_name_cannot_choose_the_words_of_who_writes_in_it(client, key_file):
    nameless, fields = {"Origin": "null"}, slip(client) | {"what": "A van"}
    for url in ("/report/", "/report/check/"):
        token = hidden(client.post(url, fields, headers=nameless))["token"]
        assert receipts.is_token(token)
        assert token != fields["token"]
    refused = client.post("/report/receipt/", fields | {"what": ""}, headers=nameless)
    assert hidden(refused)["token"] != fields["token"]
    check = client.post("/report/check/", fields, headers=nameless)
    for _twice in range(2):
        sent = client.post("/report/receipt/", hidden(check), headers=nameless)
        assert [
            word for word in receipts.words(hidden(check)["token"]) if word not in sent.text
        ] == []
    assert len(outbox.waiting()) == 1, "Send keeps the token, so it is stored once"


@pytest.mark.parametrize(
    "url", ["/report/check/", "/report/receipt/", "/report/words/", "/report/photos/"]
)
def test_visit_without_a_form_is_led_to_its_start(client, url):
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (302, "/report/")


@pytest.mark.parametrize("what", ["no key", "no room", "another owner"])
def test_tip_that_cannot_be_received_is_shown_again_and_kept(client, key_file, monkeypatch, what):
    def full(handle):
        raise OSError(28, "No space left on device")

    def refuse(name):
        raise PermissionError(13, "Permission denied", name)

    fields = slip(client) | EVERY_ANSWER
    if what == "no key":
        (state_files.folder() / "desk.pub").unlink()
    elif what == "another owner":  # as when somebody copied the state folder back as root
        monkeypatch.setattr(state_files, "has_file", refuse)
    else:
        monkeypatch.setattr(os, "fsync", full)
    response = client.post("/report/receipt/", fields)
    assert response.status_code == 503
    assert (
        "We could not store this, so we do not have it. Press Send again in a minute"
        in response.text
    )
    assert hidden(response).items() >= fields.items()
    assert "We have your tip" not in response.text
