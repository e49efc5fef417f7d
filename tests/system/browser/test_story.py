"""The whole story once: a resident reads and reports with scripts off; staff sign in, unlock, read, note, move."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import Demonstration, follow

pytestmark = pytest.mark.browser

TEXT = "Every Thursday at nine a green estate car stops by the bins and people lean in at its window."


def report(visit: Callable[..., Page], text: str, *, width: int = 390) -> tuple[Page, list[str]]:
    """Send a tip from the story, as a resident with scripts off; return the receipt page and its words."""
    page = visit("/", scripts=False, width=width)
    follow(page.get_by_role("link", name=re.compile("Ten held over drug supply")).first)
    follow(page.get_by_role("link", name="Tell us what you know").last)
    assert "appeal=milton-keynes-drug-warrants" in page.url
    expect(page.get_by_text("Small things count")).to_be_visible()
    page.get_by_label("What do you know?").fill(text)
    follow(page.get_by_role("button", name="Check what you wrote"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check what you wrote")
    expect(page.get_by_text(text)).to_be_visible()
    follow(page.get_by_role("button", name="Send this tip"))
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your tip. Keep these seven words.")
    return page, all_of(page, ".receipt-card li", 7)


def all_of(page: Page, what: str, count: int) -> list[str]:
    """Return the texts of that many elements, once they are all there: a page that still loads shows a part of them."""
    expect(page.locator(what)).to_have_count(count)
    return page.locator(what).all_inner_texts()


def test_a_resident_reports_and_staff_read_note_and_move(
    visit: Callable[..., Page], sign_in: Callable[..., Page], demonstration: Demonstration
) -> None:
    resident, words = report(visit, TEXT)
    assert len({word.strip() for word in words}) == 7
    assert resident.context.cookies() == []

    desk = sign_in(scripts=False)
    expect(desk.get_by_role("heading", name=re.compile(r"Desk locked: \d+ sealed tips?\b"))).to_be_visible()
    desk.get_by_label("Your six words").fill(demonstration.phrase)
    follow(desk.get_by_role("button", name="Unlock and read next"))
    for _ in range(60):
        if desk.get_by_text(TEXT).count():
            break
        follow(desk.get_by_role("link", name="Read next"))
    expect(desk.get_by_text(TEXT).first).to_be_visible()
    reference = desk.get_by_role("heading", level=1).inner_text()

    desk.get_by_label("Note", exact=True).fill("Matches what the wardens said.")
    desk.get_by_role("radio", name="No action now").check()
    follow(desk.get_by_role("button", name="Save", exact=True))
    expect(desk.get_by_text("Matches what the wardens said.")).to_be_visible()
    expect(desk.get_by_role("heading", level=1)).to_have_text(reference)
    history = desk.locator("section", has=desk.get_by_role("heading", name="History"))
    for act in ("read", "note", "No action now"):
        expect(history).to_contain_text(act)
    follow(desk.get_by_role("button", name="Lock desk"))
    desk.goto("/admin/reports/tip/")
    expect(desk.get_by_text(re.compile("Desk locked"))).not_to_have_count(0)


def test_a_half_typed_note_survives_a_desk_that_locks_meanwhile(
    sign_in: Callable[..., Page], demonstration: Demonstration
) -> None:
    desk = sign_in()
    desk.get_by_label("Your six words").fill(demonstration.phrase)
    follow(desk.get_by_role("button", name="Only unlock"))
    desk.goto("/admin/reports/tip/")  # any tip: others of this run may have read everything that waits
    follow(desk.locator("#result_list a").first)
    desk.get_by_label("Note", exact=True).fill("Half of a thought")
    other = desk.context.new_page()
    other.goto("/admin/")
    follow(other.get_by_role("button", name="Lock desk"))
    follow(desk.get_by_role("button", name="Save", exact=True))
    expect(desk.get_by_text("The desk has locked, so nothing was done yet.")).to_be_visible()
    desk.get_by_label("Your six words").fill(demonstration.phrase)
    follow(desk.get_by_role("button", name="Unlock this tip"))
    expect(desk.get_by_label("Note", exact=True)).to_have_value("Half of a thought")
    follow(desk.get_by_role("button", name="Save", exact=True))
    expect(desk.locator("#notes")).to_contain_text("Half of a thought")


def test_errors_keep_everything_that_was_typed(visit: Callable[..., Page]) -> None:
    page = visit("/report/", scripts=False, width=390)
    danger = page.get_by_role("group", name=re.compile("Could someone be badly hurt"))
    danger.get_by_label("Not sure").check()
    follow(page.get_by_role("button", name="Check what you wrote"))
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("link", name="Tell us what you know, even in one sentence").click()
    expect(page.get_by_label("What do you know?")).to_be_focused()
    expect(danger.get_by_label("Not sure")).to_be_checked()
