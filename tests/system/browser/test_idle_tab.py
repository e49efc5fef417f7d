"""A page that stands open when the desk's time is over, in a real browser: covered, with what was typed still there."""

import os
import time

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import find, press, violations

COVERED = "The desk has locked"


def lock_by_idling(demonstration):
    """Let the desk's idle time be over at the server, as if nobody had clicked for 21 minutes."""
    then = time.time() - 21 * 60
    for path in demonstration.home.run.iterdir():
        if len(path.name) == 40:
            os.utime(path, (then, then))


@pytest.mark.parametrize("minutes", ["20:05", "08:00:05"])
def test_an_open_page_is_covered_once_the_desk_locks_and_keeps_what_was_typed(
    queue, demonstration, minutes
):
    text = f"A white van waits behind the chapel, which nobody may read {minutes}."
    demonstration.tell(text)
    desk = queue()
    find(desk, text)
    desk.clock.install()
    desk.reload()
    desk.locator("details.me").evaluate("node => { node.dataset.typed = 'Half of a sentence' }")
    desk.get_by_label("Note", exact=True).fill("Half of a thought")
    here = desk.url
    desk.clock.fast_forward("19:50")
    desk.clock.run_for(2000)
    expect(desk.get_by_text(text).first).to_be_visible()  # the control
    desk.clock.fast_forward(minutes)
    desk.clock.run_for(2000)
    expect(desk.get_by_role("heading", name=COVERED)).to_be_visible()
    shown = (
        desk.locator("body").inner_text(),
        desk.locator("body").aria_snapshot(),
        desk.content(),
        desk.title(),
    )
    assert [text in part or "Half of a" in part for part in shown] == [False] * 4
    assert desk.title() == COVERED
    desk.evaluate("document.execCommand('selectAll')")
    assert text not in desk.evaluate("String(getSelection())")
    assert not violations(desk)
    lock_by_idling(demonstration)
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="Unlock desk in a new tab").click()
    other = opened.value
    expect(other.get_by_label("Your six words")).to_be_visible()
    expect(desk.get_by_role("heading", name=COVERED)).to_be_visible()
    other.get_by_label("Your six words").fill(demonstration.passphrase)
    press(other, "Unlock")
    expect(desk.get_by_text(text).first).to_be_visible()
    expect(desk.get_by_label("Note", exact=True)).to_have_value("Half of a thought")
    assert desk.locator("details.me").get_attribute("data-typed") == "Half of a sentence", (
        "the same page"
    )
    assert desk.url == here
    press(desk, "Save")
    expect(desk.locator("#notes")).to_contain_text("Half of a thought")


def test_signing_out_elsewhere_takes_a_covered_page_away(queue, demonstration):
    text = "A silver van waits behind the pool, and nobody else should read this."
    demonstration.tell(text)
    desk = queue()
    find(desk, text)
    desk.clock.install()
    desk.reload()
    desk.clock.fast_forward("20:05")
    desk.clock.run_for(2000)
    expect(desk.get_by_role("heading", name=COVERED)).to_be_visible()
    other = desk.context.new_page()
    other.goto("/admin/")
    other.locator("summary", has_text="demo").click()
    press(other, "Sign out")
    expect(desk.get_by_label("Username")).to_be_visible()
    expect(desk.get_by_text(text)).to_have_count(0)
