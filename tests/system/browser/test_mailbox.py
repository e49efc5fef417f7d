"""A sender comes back with scripts off: sees a question, answers it, burns the receipt; with scripts on, hints."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import Demonstration, follow
from tests.system.browser.test_axe import violations
from tests.system.browser.test_story import report

pytestmark = pytest.mark.browser

TEXT = "On Fridays somebody leaves a blue holdall behind the bottle bank and another one takes it away."
ASKED = "Thank you. Is it there in the day or at night?"
ANSWER = "Always after dark, about nine."


def find(desk: Page, text: str) -> None:
    """Look for the tip with this text, whatever other tests have read before it."""
    desk.goto("/admin/search/")
    desk.locator(".search-form [name=words]").fill(f'"{text}"')
    follow(desk.get_by_role("button", name="Search", exact=True))
    follow(desk.locator(".hits a.ref").first)
    expect(desk.get_by_text(text).first).to_be_visible()


def come_back(page: Page, words: str) -> None:
    """Find the mailbox from the foot of the front page, and type the words."""
    page.goto("/")
    follow(page.get_by_role("contentinfo").get_by_role("link", name="Your mailbox"))
    page.get_by_label("Your seven words").fill(words)
    follow(page.get_by_role("button", name="Open"))


def state(page: Page) -> str:
    """Return what the open mailbox says."""
    return page.locator("#state-title").inner_text()


def wrong_with(visit: Callable[..., Page], words: str) -> list[str]:
    """Return what axe finds where the question is read; in a page with scripts, for without them axe waits for ever."""
    page = visit("/", width=390)
    come_back(page, words)
    expect(page.get_by_text(ASKED)).to_be_visible()
    return violations(page)


def test_a_sender_is_asked_answers_and_burns_the_receipt_with_scripts_off(
    visit: Callable[..., Page], sign_in: Callable[..., Page], demonstration: Demonstration
) -> None:
    resident, words = report(visit, TEXT)
    seven = ", ".join(word.strip().upper() for word in words)
    come_back(resident, seven)
    assert state(resident) == "Not read yet"
    desk = sign_in(scripts=False)
    desk.get_by_label("Your six words").fill(demonstration.phrase)
    follow(desk.get_by_role("button", name="Unlock and read next"))
    find(desk, TEXT)
    address = desk.url
    come_back(resident, seven)
    assert state(resident) == "Read"

    desk.get_by_label("Write to the sender").fill(ASKED)
    follow(desk.get_by_role("button", name="Send as a question"))
    expect(desk.locator("#talk")).to_contain_text(ASKED)
    come_back(resident, seven)
    assert state(resident) == "We have a question"
    expect(resident.get_by_text(ASKED)).to_be_visible()
    assert (TEXT in resident.content(), resident.context.cookies()) == (False, [])
    assert wrong_with(visit, seven) == []

    follow(resident.get_by_role("button", name="Send", exact=True))
    expect(resident.get_by_role("link", name="Write something first")).to_be_visible()
    resident.get_by_label("Write to us").fill(ANSWER)
    follow(resident.get_by_role("button", name="Send", exact=True))
    expect(resident.get_by_role("status").first).to_have_text("We have what you wrote. It is not shown again.")
    assert ANSWER not in resident.content()

    follow(resident.get_by_role("button", name="Burn this receipt"))
    expect(resident.get_by_role("heading", level=1)).to_have_text("Burn this receipt?")
    follow(resident.get_by_role("button", name="Yes, burn it"))
    come_back(resident, seven)
    expect(resident.get_by_role("link", name=re.compile("These words open no mailbox"))).to_be_visible()
    desk.goto(address)
    expect(desk.locator("#talk")).to_contain_text(ANSWER)
    expect(desk.locator("#talk")).to_contain_text("The sender has burned the receipt")


def test_words_get_hints_as_they_are_typed_and_none_leaves_the_page(visit: Callable[..., Page]) -> None:
    page = visit("/mailbox/", width=390)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hint = page.locator("#word-hints")
    expect(hint).to_be_hidden()
    page.get_by_label("Your seven words").press_sequentially("acquire capsulle zzzzqq dei")
    expect(hint).to_have_text("4 of 7 words. Word 2: we take it as “capsule”. Word 3 is not on our list.")
    page.get_by_label("Your seven words").fill("ACQUIRE, capsule-deity\njolly penalty overrate kelp")
    expect(hint).to_have_text("All seven words are on our list.")
    page.get_by_label("Your seven words").fill("acquire capsule deity jolly penalty overrate kelp kelp")
    expect(hint).to_have_text("8 of 7 words. These are more than seven words.")
    files = [re.sub(r"\.[0-9a-f]{12}\.", ".", url.rpartition("/")[2]) for url in asked]
    assert [name for name in files if name != "favicon.svg"] == ["words.txt"]


@pytest.mark.parametrize(("width", "dark"), [(390, False), pytest.param(1280, True, marks=pytest.mark.whole)])
def test_the_mailbox_has_no_violation(visit: Callable[..., Page], width: int, dark: bool) -> None:
    _receipt, words = report(visit, f"{TEXT} Seen again, {width} times.")
    page = visit("/mailbox/", width=width, dark=dark)
    wrong = violations(page)
    follow(page.get_by_role("button", name="Open"))
    wrong += violations(page)
    page.get_by_label("Your seven words").fill(" ".join(word.strip() for word in words))
    follow(page.get_by_role("button", name="Open"))
    page.get_by_text("What this can say").click()
    page.get_by_text("Add pictures").click()
    wrong += violations(page)
    follow(page.get_by_role("button", name="Send", exact=True))
    wrong += violations(page)
    follow(page.get_by_role("button", name="Burn this receipt"))
    wrong += violations(page)
    assert not wrong, "\n".join(wrong)
