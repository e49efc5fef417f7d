"""An officer's shift in a real browser, with scripts and without: read, note, label, many at once, a call."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import follow
from tests.system.browser.test_axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]


@pytest.mark.parametrize("scripts", [True, False])
def test_shift_from_the_queue_to_an_urgent_call(queue: Callable[..., Page], scripts: bool) -> None:
    page = queue(scripts=scripts)
    follow(page.locator(".field-reference a").nth(1))
    page.get_by_label("Note", exact=True).fill("Seen before.")
    page.get_by_label("Given to").select_option("demo")
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#said")).to_contain_text("is saved.")
    expect(page.get_by_text("given to demo").first).to_be_visible()
    page.get_by_text("I passed this on by phone").click()
    page.get_by_label("The police: 999 or 101").check()
    page.get_by_label("Who took the call?").fill("Operator 7")
    follow(page.get_by_role("button", name="Record the call"))
    expect(page.get_by_text("Say with whom you spoke, and when.")).to_be_visible()
    expect(page.get_by_label("Who took the call?")).to_have_value("Operator 7")
    page.get_by_label("When?").fill("21:40")
    page.get_by_label("Someone’s life is at risk").check()
    page.get_by_label("Who is in danger, and of what?").fill("A man has a knife at her throat.")
    follow(page.get_by_role("button", name="Record the call"))
    expect(page.get_by_text("The police: 999 or 101: Operator 7").first).to_be_visible()
    expect(page.locator(".chip", has_text="Passed to the police").first).to_be_visible()
    assert not scripts or not violations(page)
    follow(page.get_by_role("link", name="Back to the queue"))
    for box in (0, 1):
        page.locator(".field-chosen input").nth(box).check()
    page.get_by_label("Label", exact=True).last.select_option(label="rumour")
    follow(page.get_by_role("button", name="Label", exact=True))
    expect(page.get_by_text("2 tips labelled “rumour”.")).to_be_visible()
    expect(page.get_by_text("single keys off", exact=False)).to_have_count(1)
    expect(page.locator(".keys")).to_be_visible(visible=scripts)
    assert not scripts or not violations(page)


def test_keys_walk_the_queue_and_the_tips(queue: Callable[..., Page]) -> None:
    page = queue()
    page.locator(".keys").wait_for()  # the script shows it once it listens
    for key in "jjkx":
        page.keyboard.press(key)
    expect(page.locator(".field-chosen input:checked")).to_have_count(1)
    expect(page.locator(".field-reference a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    page.locator(".keys").wait_for()
    first = page.url
    for key, place in {
        "s": page.get_by_role("radio", name="Being read"),
        "g": page.get_by_label("Given to"),
        "v": page.get_by_role("button", name="Save", exact=True),
        "m": page.get_by_label("Write to the sender"),
        "j": page.get_by_role("link", name="Next in the queue"),
        "q": page.get_by_role("link", name="Back to the queue"),
        "n": page.get_by_label("Note", exact=True),
    }.items():
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        expect(place).to_be_focused()
    assert page.url == first, "a key goes to a place and presses nothing"
    page.keyboard.type("nap")  # letters in a field are letters
    expect(page.get_by_label("Note", exact=True)).to_have_value("nap")
    page.get_by_role("button", name="Turn single keys off").click()
    expect(page.get_by_text("Single keys are off.")).to_be_visible()
    page.keyboard.press("q")
    expect(page.get_by_role("link", name="Back to the queue")).not_to_be_focused()
