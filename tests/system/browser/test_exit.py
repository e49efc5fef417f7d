"""Leaving at once: explained before anybody writes, on every page of a tip and of a mailbox, told press by press."""

import re

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import follow, press
from tests.system.browser.way import way


def test_every_page_of_the_way_can_be_left_and_says_what_leaving_does(
    visit,
):
    page, seen = visit("/", width=390), []
    for name in way(page):
        page.wait_for_load_state()
        said, lamps = page.locator("[data-exit-said]"), page.locator(".exit-lamps")
        expect(said).to_have_attribute("aria-live", "polite")
        page.keyboard.press("Shift")
        expect(said).to_have_text("Press Shift 2 more times to leave.")
        expect(lamps).to_be_visible()
        page.keyboard.press("Shift")
        expect(said).to_have_text("Press Shift 1 more time to leave.")
        page.keyboard.press("Escape")
        expect(said).to_be_empty()
        expect(lamps).to_be_hidden()
        expect(page.get_by_text("erase").first).to_be_visible()
        places = page.evaluate(ABOVE)
        assert places["note"] is not None, name
        assert places["send"] is None or places["note"] < places["send"], name
        seen.append(name)
    assert len(seen) == 14


# Where what leaving does is said, and where the button that sends what was typed stands: None without one.
ABOVE = """(() => {
  const top = (element) => element ? element.getBoundingClientRect().top : null;
  const said = [...document.querySelectorAll("main p, main li")].find((one) => one.textContent.includes("erase"));
  return {note: top(said), send: top(document.querySelector(".act button, .write form > .button"))};
})()"""


def test_exit_is_first_in_tab_order_and_shift_three_times_leaves(
    visit,
):
    for path in ("/report/", "/mailbox/", "/about/staying-safe/", "/report/exit/"):
        page = visit(path)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=re.compile("Exit this page"))).to_be_focused()
        with page.expect_request("https://www.bbc.co.uk/weather"):
            for _ in range(3):
                page.keyboard.press("Shift")
        page.context.close()


def test_a_letter_between_the_presses_or_a_late_one_begins_them_again(
    visit,
):
    page = visit("/report/")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.get_by_label("What do you know?").press_sequentially("A")
    said = page.locator("[data-exit-said]")
    expect(said).to_be_empty()
    page.keyboard.press("Shift")
    expect(said).to_have_text("Press Shift 2 more times to leave.")
    expect(said).to_have_text("Not pressed in time. You are still here.", timeout=8_000)
    expect(page.locator(".exit-lamps")).to_be_hidden()


@pytest.mark.parametrize("path", ["/news/milton-keynes-drug-warrants/", "/appeals/"])
def test_leaving_is_explained_before_the_form_and_never_in_between(visit, path):
    page = visit(path, scripts=False, width=390)
    line, button = (
        page.get_by_text("If someone could see your screen"),
        page.locator("main .button").first,
    )
    assert line.bounding_box()["y"] < button.bounding_box()["y"]
    follow(page.get_by_role("link", name="How to leave this website quickly"))
    expect(page.get_by_role("heading", level=1)).to_have_text("How to leave this website quickly")
    onward = page.get_by_role("link", name="Continue to the form")
    assert onward.bounding_box()["y"] + onward.bounding_box()["height"] <= 844
    follow(onward)
    press(page, "Check what you wrote")
    expect(page.get_by_role("link", name="How to leave this website quickly")).to_have_count(
        0
    )  # it would cost what was typed
    assert page.context.cookies() == []
