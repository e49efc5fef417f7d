"""What no page of a mailbox ever shows, and that nothing tells one closed receipt from another."""

import re

import pytest
from django.conf import settings
from django.db import connection

from reports.domain.mailbox import senders_side
from reports.models import Tip
from reports.sealing import receipts
from reports.views import mailbox_page
from tests.reports.mailboxes import (
    ANSWER,
    QUESTION,
    SEVEN,
    TEXT,
    TOKEN,
    WRONG,
    enter,
    every_page,
    problem,
)
from tests.reports.markup import Page, assert_wired
from tests.reports.purging import purge

pytestmark = pytest.mark.usefixtures("passphrase", "unhurried")


@pytest.mark.promise("messages")
def test_no_mailbox_page_shows_a_word_of_the_tip_of_an_answer_or_of_the_receipt(client, ask):
    """No page of it shows a word of the tip, of an answer or of the receipt.

    Somebody is made to open it: the page, its source too, tells what the desk wrote and nothing else.
    """
    pages = list(every_page(client, ask))
    secrets = [*TEXT.split(), *ANSWER.split(), "zither", TOKEN, receipts.lookup(TOKEN)]
    for word in ("in", "the", "by"):
        secrets = [secret for secret in secrets if secret != word]
    for page in pages:
        assert [secret for secret in secrets if secret in page.text] == []
    seven = [
        page for page in pages if len([w for w in receipts.words(TOKEN) if f"{w}" in page.text]) > 1
    ]
    assert [Page(page.text).texts["id_words"].strip() for page in seven] == [SEVEN], (
        "words that open nothing any more"
    )
    assert "We cannot find anything for these words." in seven[0].text
    assert any(QUESTION in page.text for page in pages), "the control: what may be shown is found"


@pytest.mark.promise("sender")
def test_no_mailbox_page_sets_a_cookie_is_kept_or_asks_for_a_session(client, ask):
    """No page of the mailbox sets a cookie or may be kept by a browser."""
    client.cookies[settings.SESSION_COOKIE_NAME] = "s" * 32
    seen = []
    for response in every_page(client, ask):
        seen.append(response.status_code)
        assert response.cookies == {}
        assert response["Cache-Control"] == "no-store"
        assert "Vary" not in response
        assert "Location" not in response or response["Location"] == "/mailbox/"
    assert seen == [200] * 14 + [302] * 4 + [405]


def test_every_mailbox_page_is_neutral_in_its_title_and_can_be_left_at_once(client, ask):
    for response in list(every_page(client, ask))[:14]:
        if not response.content:
            continue  # HEAD
        page = Page(response.text)
        assert_wired(page)
        assert re.findall(r"<title>(?:Error: )?(.*)</title>", response.text) == ["Your messages"]
        first = page.all("a", "button", "input", "textarea")[0]
        assert (first["href"], first["rel"]) == (
            "https://www.bbc.co.uk/weather",
            "nofollow noreferrer",
        )


@pytest.mark.promise("messages")
def test_wrong_stopped_and_purged_receipts_get_the_same_bytes(client, tip):
    """Wrong, stopped and deleted words get the same bytes."""
    words = " ".join(receipts.words(WRONG))
    wrong = enter(client, words)
    senders_side.stop(token=TOKEN)
    stopped = enter(client)
    purge(tip=Tip.objects.get())
    purged = enter(client)
    assert len(wrong.content) == len(stopped.content) == len(purged.content)
    as_typed = wrong.text.replace(
        words, SEVEN
    ).rstrip()  # the box shows what was typed, for any words that open nothing
    assert as_typed == stopped.text.rstrip() == purged.text.rstrip()
    assert wrong.headers == stopped.headers == purged.headers
    assert problem(wrong).startswith("We cannot find anything for these words.")


def test_right_and_wrong_receipts_are_answered_with_as_many_queries_and_bytes(
    client, ask, django_assert_num_queries
):
    ask()
    enter(client)
    with django_assert_num_queries(2, connection=connection):
        right = enter(client)
    with django_assert_num_queries(2, connection=connection):
        wrong = enter(client, " ".join(receipts.words(WRONG)))
    assert len(right.content) == len(wrong.content) == mailbox_page.SIZE
