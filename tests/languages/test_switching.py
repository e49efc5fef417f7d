"""Whoever changes the language of a page loses nothing that they typed, looks at nothing and sends nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import languages
from reports.domain.intake import outbox
from tests.reports.conftest import key_file  # noqa: F401 - a fixture
from tests.reports.mailboxes import ANSWER, SEVEN, enter, tell, write_to
from tests.reports.markup import Page, hidden, slip

pytestmark = pytest.mark.django_db
TYPED = "a grey van ظ"


def switches(page):
    """Return the page's buttons that lead to another language, by the language."""
    return {attrs["lang"]: attrs for attrs in Page(page.text).all("button") if "lang" in attrs}


def of_the_receipt(page):
    """Return what the form for the language carries of the receipt; that for pictures has the same."""
    names = ("token", "receipt", "cannot-wait", "kept")
    inputs = [attrs for attrs in Page(page.text).all("input") if attrs.get("name") in names]
    return {attrs["name"]: attrs["value"] for attrs in inputs}


@pytest.fixture
def ready(offered, key_file):  # noqa: F811
    """Offer all languages and take tips."""


def test_every_page_names_the_others_in_their_own_words(ready, client):
    about = Page(client.get("/ur/about/privacy/").text)
    links = {attrs["hreflang"]: attrs["href"] for attrs in about.all("a") if attrs.get("hreflang")}
    assert links["en-gb"] == "/about/privacy/"
    assert links["pl"] == "/pl/about/privacy/"
    assert "ur" not in links
    front = {
        attrs["hreflang"]: attrs["href"]
        for attrs in Page(client.get("/").text).all("a")
        if attrs.get("hreflang")
    }
    assert front == {code: f"/{code}/" for code in languages.NAMES}


@pytest.mark.parametrize("code", languages.NAMES)
def test_form_and_check_carry_what_is_typed(code, ready, client):
    fields = slip(client) | {"what": TYPED, "police": "no", "change": ""}
    form = client.get("/report/")
    assert switches(form)[code] | {"class": ""} == {
        "class": "",
        "lang": code,
        "form": "tip",
        "formaction": f"/{code}/report/",
        "formnovalidate": "",
        "name": "change",
        "value": "",
    }
    there = client.post(f"/{code}/report/", fields)
    assert TYPED in there.text
    assert hidden(there)["token"] == fields["token"]
    wrong = client.post("/report/check/", fields | {"what": ""})
    assert switches(wrong)[code]["formaction"] == f"/{code}/report/"
    check = client.post("/report/check/", fields)
    assert switches(check)[code]["formaction"] == f"/{code}/report/check/"
    assert hidden(client.post(f"/{code}/report/check/", hidden(check)))["what"] == TYPED
    assert not outbox.waiting()


def test_receipt_keeps_its_words_and_sends_no_picture(ready, client, time_machine):
    fields = slip(client)
    time_machine.move_to(timedelta(minutes=1))
    receipt = client.post("/report/receipt/", fields | {"what": TYPED})
    assert switches(receipt)["ur"]["form"] == "again"
    (form,) = [attrs for attrs in Page(receipt.text).all("form") if attrs.get("id") == "again"]
    assert "enctype" not in form, "no picture goes with it"
    there = client.post("/ur/report/words/", of_the_receipt(receipt) | {"change": ""})
    card = '<ol class="receipt-card" lang="en" dir="ltr" translate="no">'
    assert (
        there.text.partition(card)[2].partition("</ol>")[0]
        == receipt.text.partition(card)[2].partition("</ol>")[0]
    )
    assert '<html lang="ur" dir="rtl">' in there.text
    assert "field-wrong" not in there.text
    assert len(outbox.waiting()) == 1


def test_words_page_is_shown_again_without_a_look(ready, client):
    with CaptureQueriesContext(connection) as queries:
        page = client.post("/pl/mailbox/", {"words": SEVEN, "text": ANSWER, "change": ""})
    assert not queries.captured_queries
    assert SEVEN in page.text
    assert ANSWER in page.text
    assert "ticket" not in page.text


def test_open_messages_keep_what_is_typed(offered, client, caseworker, keys):
    write_to(tell(), caseworker, keys)
    opened = enter(client)
    assert switches(opened)["pl"] | {"class": ""} == {
        "class": "",
        "lang": "pl",
        "form": "reply",
        "formaction": "/pl/mailbox/",
        "formnovalidate": "",
        "name": "change",
        "value": "",
    }
    there = client.post("/pl/mailbox/", _reply_fields(opened) | {"text": ANSWER, "change": ""})
    assert ANSWER in there.text
    assert '<html lang="pl">' in there.text
    assert "field-wrong" not in there.text
    assert not outbox.waiting()
    assert len(there.content) == len(opened.content)


def _reply_fields(page):
    inputs = [attrs for attrs in Page(page.text).all("input") if attrs.get("type") == "hidden"]
    return {attrs["name"]: attrs["value"] for attrs in inputs if attrs["name"] != "number"}


def test_another_site_fills_in_nothing(ready, client):
    sent = {"words": SEVEN, "text": ANSWER, "danger": "yes", "police": "no", "change": ""}
    page = client.post("/pl/mailbox/", sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert SEVEN not in page.text
