"""In a language that nobody speaks, no page of the form or the mailbox holds a plain word, and the reader sees it."""

from datetime import timedelta

import pytest
from django.template import engines

from tests.languages.plain import plain_page, plain_text
from tests.reports.conftest import key_file  # noqa: F401 - a fixture
from tests.reports.mailboxes import ANSWER, QUESTION, TEXT, every_page, tell, write_to
from tests.reports.markup import hidden, slip


def _template(source):
    return engines["django"].from_string(source)


def test_what_nobody_marked_is_found(strange):
    marked = "{% load i18n %}<p>{% translate 'Send' %}</p>"
    page = _template(
        marked + "<p title='Read this'>Not marked <b>zzname</b></p><input type=submit value=Go>"
    )
    assert plain_text(_template(marked).render()) == []
    assert plain_text(page.render()) == ["Read this", "Not marked", "Go"]
    with pytest.raises(AssertionError, match="open at the end"):
        plain_text("<p>⟦Cut o</p><p>Plain</p>")


def test_the_form_and_its_answers_hold_no_plain_text(
    strange,
    key_file,  # noqa: F811
    client,
    time_machine,
):
    fields = slip(client)
    pages = [client.get("/report/").text, client.post("/report/check/", fields).text]
    time_machine.move_to(timedelta(minutes=1))
    told = {
        "what": "zzme, my own number is 07700 900123",
        "danger": "yes",
        "contact": "details",
        "area": "olney",
    }
    pages.append(client.post("/report/check/", fields | {"what": "z" * 30_000}).text)
    check = client.post(
        "/report/check/", fields | told | {"police": "words", "kind": "deliveries", "source": "saw"}
    )
    pages.append(check.text)
    receipt = client.post("/report/receipt/", hidden(check))
    pages += [receipt.text, client.post("/report/photos/", hidden(receipt)).text]
    assert [plain_page(page, "my own number is", "z" * 30_000) for page in pages] == [[]] * len(
        pages
    )


def test_the_mailbox_holds_no_plain_text(strange, client, caseworker, keys):
    tip = tell()

    def ask(text=QUESTION):
        return write_to(tip, caseworker, keys, text)

    typed = (TEXT, ANSWER, QUESTION, "And then?", " once", "My name is Anna")
    found = [plain_page(page.text, *typed) for page in every_page(client, ask) if page.text]
    assert len(found) > 10
    assert [texts for texts in found if texts] == []
