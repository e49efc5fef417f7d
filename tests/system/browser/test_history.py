"""What a browser keeps of a tip and its seven words: Back finds them until the sender leaves or sends, no disk does."""

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import follow, press, send
from tests.system.browser.senders_browser import (
    BEGIN,
    TEXT,
    WRITES,
    files_with,
    go,
    leave,
    turn,
    written,
)


@pytest.mark.promise("sender")
def test_back_and_forward_find_the_text_until_exit_and_then_an_empty_form(
    whole,
):
    """After Exit, Back shows an empty form; until then it finds what was typed."""
    page, checked = written(whole().pages[0]), "Check what you wrote"
    for way, heading in (
        ("back", BEGIN),
        ("back", checked),
        ("back", BEGIN),
        *[("forward", checked)] * 1,
    ):
        assert TEXT in turn(page, way, heading), (way, heading)
    for heading in (BEGIN, checked):
        assert TEXT in turn(page, "forward", heading)
    leave(page)
    for _entry in range(3):
        assert TEXT not in turn(page, "back", BEGIN)


def test_once_the_tip_is_sent_back_finds_neither_text_nor_words(
    whole,
):
    page = written(whole().pages[0])
    send(page)
    words = page.locator(".receipt-card li").all_inner_texts()
    assert TEXT not in turn(page, "back", BEGIN)
    page.go_forward(wait_until="commit")
    expect(page.locator(".receipt-card li")).to_have_text(words)
    page.get_by_role("button", name="I have written them down").click()
    expect(page.locator(".receipt-card")).to_have_count(0)
    leave(page)
    for _entry in range(3):
        before = turn(page, "back", BEGIN)
        assert (TEXT in before, "receipt-card" in before) == (False, False)


@pytest.mark.promise("sender")
@pytest.mark.parametrize("end", ["left", "sent"])
def test_no_file_of_a_closed_profile_and_no_next_start_has_text_or_words(whole, tmp_path, end):
    """After Exit no file of a browser has a tip's text, and its next start does not show text or words."""
    context = whole()
    page = written(context.pages[0])
    secrets = [TEXT.rstrip(".")]
    if end == "sent":
        send(page)
        secrets.append(" ".join(page.locator(".receipt-card li").all_inner_texts()))
        page.wait_for_timeout(WRITES)
    leave(page)
    page.wait_for_timeout(WRITES)
    context.close()
    assert files_with(tmp_path, "/report/check/"), "the control: the addresses are there"
    assert files_with(tmp_path, *secrets) == set()
    again = whole("--restore-last-session")
    for restored in again.pages:
        assert TEXT not in restored.content()
        assert "receipt-card" not in restored.content()


def test_messages_leave_neither_words_nor_an_answer(whole, demonstration, tmp_path):
    context, words = whole(), demonstration.tell("Another holdall.")
    page = context.pages[0]
    page.goto("/mailbox/")
    page.get_by_label("Your seven words").fill(words)
    press(page, "See your messages")
    page.wait_for_timeout(WRITES)
    page.get_by_label("Write to us").fill(TEXT)
    press(page, "Send")
    page.wait_for_timeout(WRITES)
    leave(page)
    for _entry in range(2):
        go(page, "back")
        expect(page.get_by_label("Your seven words")).to_have_value("")
    context.close()
    assert files_with(tmp_path, words, TEXT.rstrip(".")) == set()


def test_a_browser_that_keeps_no_page_shows_an_empty_form_and_asks_nothing_again(
    visit,
):
    page = written(visit("/report/"))
    send(page)
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Weather"))
    leave(page)
    for _entry in range(4):
        page.go_back()
        assert TEXT not in page.content()
        assert page.locator(".receipt-card").count() == 0
    assert "POST" not in sent


def test_no_link_on_the_receipt_and_no_way_forward_brings_its_words_back(
    whole,
):
    page = written(whole().pages[0])
    send(page)
    words = " ".join(page.locator(".receipt-card li").all_inner_texts())
    page.get_by_role("link", name="Skip to main content").press("Enter")
    follow(page.get_by_role("link", name="Your messages").first)
    go(page, "back")
    expect(
        page.locator(".receipt-card li").first
    ).to_be_visible()  # until the sender leaves, Back has them
    page.get_by_role("button", name="I have written them down").click()
    leave(page)
    for way in ("back", "back", "forward", "forward"):
        go(page, way)
        page.wait_for_timeout(300)
        assert page.locator(".receipt-card").count() == 0
        assert words not in page.content()


def test_words_that_are_written_down_come_back_with_no_picture(
    whole,
):
    page = written(whole().pages[0])
    send(page)
    page.get_by_role("button", name="I have written them down").click()
    press(page, "Send pictures")
    assert (page.url.endswith("/report/photos/"), page.locator(".receipt-card").count()) == (
        True,
        0,
    )
    leave(page)
    for _entry in range(3):
        go(page, "back")
        page.wait_for_timeout(300)
        assert page.locator(".receipt-card").count() == 0


def test_the_page_of_a_picture_is_left_like_the_receipt(
    whole,
):
    page = written(whole().pages[0])
    send(page)
    press(page, "Send pictures")
    expect(page.locator(".receipt-card")).to_have_count(1)
    page.get_by_role("button", name="I have written them down").click()
    for _entry in range(2):
        go(page, "back")
        page.wait_for_timeout(300)
        assert page.locator(".receipt-card").count() == 0
