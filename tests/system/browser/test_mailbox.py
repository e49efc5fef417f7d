"""A sender comes back with scripts off: sees a question, answers it, stops the receipt; with scripts on, hints."""

import re

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import find, follow, press, unfold, violations

TEXT = "On Fridays somebody leaves a blue holdall behind the bottle bank and another one takes it away."
ASKED = "Thank you. Is it there in the day or at night?"
ANSWER = "Always after dark, about nine."


def come_back(page, words):
    """Find the mailbox from the foot of the front page, and type the words."""
    page.goto("/")
    follow(page.get_by_role("contentinfo").get_by_role("link", name="Your messages"))
    page.get_by_label("Your seven words").fill(words)
    press(page, "See your messages")


def state(page):
    """Return what the open mailbox says."""
    return page.locator("#state-title").inner_text()


def think_again(page):
    """Write what could tell who wrote, see two buttons of one size, the first sends it, and press the second."""
    page.get_by_label("Write to us").fill(f"{ANSWER} My name is Anna.")
    press(page, "Send")
    send, change = (
        page.get_by_role("button", name=name).bounding_box()
        for name in ("Send anyway", "Change it")
    )
    assert send is not None
    assert change is not None
    assert (send["width"], send["height"], send["y"] < change["y"]) == (
        change["width"],
        change["height"],
        True,
    )
    press(page, "Change it")


def wrong_with(visit, words):
    """Return what axe finds where the question is read; in a page with scripts, for without them axe waits for ever."""
    page = visit("/", width=390)
    come_back(page, words)
    expect(page.get_by_text(ASKED)).to_be_visible()
    return violations(page)


@pytest.mark.promise("messages")
def test_a_sender_is_asked_answers_and_stops_the_receipt_with_scripts_off(
    visit, queue, demonstration
):
    """A sender is asked, answers and stops the seven words with scripts off."""
    resident = visit("/", scripts=False, width=390)
    seven = demonstration.tell(TEXT).upper().replace(" ", ", ")
    come_back(resident, seven)
    assert state(resident) == "Not read yet"
    desk = queue(scripts=False)
    find(desk, TEXT)
    address = desk.url
    unfold(desk, "Messages")
    come_back(resident, seven)
    assert state(resident) == "Read"
    desk.get_by_label("Write to the sender").fill(ASKED)
    press(desk, "Send as a question")
    expect(desk.locator("#talk")).to_contain_text(ASKED)
    come_back(resident, seven)
    assert state(resident) == "We have a question"
    expect(resident.get_by_text(ASKED)).to_be_visible()
    assert (TEXT in resident.content(), resident.context.cookies()) == (False, [])
    assert wrong_with(visit, seven) == []
    press(resident, "Send")
    expect(resident.get_by_role("link", name="Write something first")).to_be_visible()
    think_again(resident)
    resident.get_by_label("Write to us").fill(ANSWER)
    resident.get_by_label("Not sure").check()
    press(resident, "Send")
    expect(resident.get_by_text("Do not wait for us: call 999 if it gets worse.")).to_be_visible()
    expect(resident.get_by_role("status").first).to_have_text(
        "We have what you wrote. We do not show it here."
    )
    assert ANSWER not in resident.content()

    press(resident, "Stop my seven words working")
    expect(resident.get_by_role("heading", level=1)).to_have_text("Stop your seven words working?")
    press(resident, "Yes, stop my seven words working")
    come_back(resident, seven)
    expect(
        resident.get_by_role("link", name=re.compile("We cannot find anything for these words"))
    ).to_be_visible()
    desk.goto(address)
    expect(desk.locator("#talk")).to_contain_text(ANSWER)
    expect(desk.locator("#talk")).to_contain_text(
        "The sender has stopped their seven words working"
    )


def test_words_get_hints_as_they_are_typed_and_none_leaves_the_page(
    visit,
):
    page = visit("/mailbox/", width=390)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    hint = page.locator("#word-hints")
    expect(hint).to_be_hidden()
    page.get_by_label("Your seven words").press_sequentially("acquire capsulle zzzzqq dei")
    expect(hint).to_have_text(
        "4 of 7 words. We read word 2 as “capsule”. Word 3 is not on our list."
    )
    page.get_by_label("Your seven words").fill(
        "ACQUIRE, capsule-deity\njolly penalty overrate kelp"
    )
    expect(hint).to_have_text("All seven words are on our list.")
    page.get_by_label("Your seven words").fill(
        "acquire capsule deity jolly penalty overrate kelp kelp"
    )
    expect(hint).to_have_text("8 of 7 words. There are more than seven words.")
    files = [re.sub(r"\.[0-9a-f]{12}\.", ".", url.rpartition("/")[2]) for url in asked]
    assert [name for name in files if name != "favicon.svg"] == ["words.txt"]
