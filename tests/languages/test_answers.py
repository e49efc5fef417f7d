"""What goes wrong, and what a receipt opens, is answered in the language of the address and looks the same."""

import uuid
from datetime import date

import pytest
from django.test import RequestFactory
from django.utils import translation

from core import languages
from reports.domain.intake.rate_limit import RateLimit
from reports.domain.mailbox import sender_messages, senders_side
from reports.domain.mailbox.senders_side import Letter
from reports.domain.tips import opening
from reports.models import Tip
from reports.sealing import receipts
from reports.security import errors
from reports.views import mailbox_page
from tests.languages.conftest import Speaking
from tests.reports.conftest import form_json, key_file  # noqa: F401 - fixtures
from tests.reports.mailboxes import ANSWER, WRONG, enter, tell
from tests.reports.markup import Page, hidden, slip

pytestmark = pytest.mark.django_db
LONG = {"pl": "ąę", "ro": "șț", "ur": "ظک"}  # two letters: a message has 2,000 at most
CODES = pytest.mark.parametrize("code", languages.NAMES)


@pytest.fixture
def ready(offered, key_file):  # noqa: F811
    """Offer all languages and take tips."""


def says(page, code, english):
    """Return whether a page in a language says a text in it, and how to reach somebody."""
    with translation.override(code):
        said = translation.gettext(english)
    assert said != english
    return (
        said in page.text and f'<html lang="{code}"' in page.text and 'href="tel:999"' in page.text
    )


@CODES
def test_errors_speak_the_language_and_keep_what_was_typed(
    code,
    ready,
    form_json,  # noqa: F811
):
    speaking = Speaking(code)
    missing = speaking.get("/about/no-such/")
    assert (missing.status_code, says(missing, code, "Page not found")) == (404, True)
    large = speaking.post("/report/check/", {"what": "z"}, headers={"Content-Length": str(10**8)})
    assert (large.status_code, says(large, code, "That was too much to send at once")) == (
        413,
        True,
    )
    broken = speaking.generic(
        "POST",
        "/report/check/",
        b"--x\r\n",
        content_type="multipart/form-data; boundary=",
        HTTP_HOST="testserver",
    )
    assert (broken.status_code, says(broken, code, "We could not read what you sent")) == (
        400,
        True,
    )
    foreign = speaking.post(
        "/report/receipt/",
        slip(speaking) | {"what": ANSWER},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert says(
        foreign,
        code,
        "Please check your message once more, then press Send. It has not been sent yet.",
    )
    assert ANSWER in foreign.text
    form_json("closed")
    closed = speaking.post("/report/check/", {"what": ANSWER})
    assert says(closed, code, "We are not taking tips now")
    assert ANSWER in closed.text


@CODES
def test_an_error_of_ours_gives_back_what_was_typed(code, ready):
    request = RequestFactory().post(f"/{code}/report/receipt/", {"what": ANSWER})
    with translation.override(code):
        page = errors.server_error(request)
    assert says(page, code, "Something went wrong")
    assert f'action="/{code}/report/receipt/"' in page.text
    assert ANSWER in page.text


@CODES
def test_a_tip_that_is_not_stored_is_told_in_the_language(code, offered):
    speaking = Speaking(code)
    check = speaking.post("/report/check/", slip(speaking) | {"what": ANSWER})
    refused = speaking.post("/report/receipt/", hidden(check))
    assert refused.status_code == 503
    assert says(refused, code, "Check what you wrote")
    assert ANSWER in refused.text


@CODES
def test_right_and_wrong_words_get_as_many_bytes(code, offered, caseworker, keys, monkeypatch):
    speaking = Speaking(code)
    tip = tell()
    opening.read(tip=Tip.objects.get(pk=tip.pk), by=caseworker, keys=keys)
    facts = {"text": LONG[code] * 1_000, "english": "long", "checked": True}
    sender_messages.write(
        tip=Tip.objects.get(pk=tip.pk), question=True, by=caseworker, keys=keys, **facts
    )
    wrong = " ".join(receipts.words(WRONG))
    assert [len(enter(speaking, words).content) for words in (wrong,)] == [mailbox_page.SIZE]
    right = enter(speaking)
    assert len(right.content) == mailbox_page.SIZE
    assert LONG[code] * 1_000 in right.text
    monkeypatch.setattr(senders_side, "rate_limit", RateLimit(rate=0, burst=0))
    flooded = enter(speaking, wrong)
    assert (flooded.status_code, len(flooded.content)) == (429, mailbox_page.SIZE)
    assert Page(flooded.text).texts["id_words_error"].strip()
    assert "We cannot find anything" not in flooded.text


@pytest.mark.parametrize(("code", "day"), [("ro", "30 noiembrie"), ("pl", "30 listopada")])
def test_a_months_name_begins_small_within_a_sentence(code, day):
    letter = Letter(uuid.uuid4(), 1, asks=False, week=date(2026, 11, 30), new=False, text="Da.")
    with translation.override(code):
        assert day in mailbox_page._letters([letter])
