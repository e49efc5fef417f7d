"""An officer's shift in a real browser, with scripts and without: read, note, label, many at once, a call."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demonstration
from tests.browser.test_axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]
QUEUE = "/admin/reports/tip/"


@pytest.fixture
def desk(sign_in: Callable[..., Page], demonstration: Demonstration) -> Callable[..., Page]:
    """Return a function that opens the queue on an unlocked desk."""

    def opened(**how: object) -> Page:
        page = sign_in(**how)
        page.goto(f"/admin/unlock/?next={QUEUE}")
        page.get_by_label("Your six words").fill(demonstration.phrase)
        page.get_by_role("button", name="Unlock", exact=False).first.click()
        return page

    return opened


@pytest.mark.parametrize("scripts", [True, False])
def test_shift_from_the_queue_to_an_urgent_call(desk: Callable[..., Page], scripts: bool) -> None:
    page = desk(scripts=scripts)
    page.locator(".field-reference a").nth(1).click()
    page.get_by_label("Write a note").fill("Seen before.")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Your note is saved.")).to_be_visible()
    if page.get_by_role("button", name="Take it myself").count():
        page.get_by_role("button", name="Take it myself").click()
        expect(page.get_by_text("given to demo").first).to_be_visible()
    page.get_by_text("I passed this on by phone").click()
    page.get_by_label("The police, 999").check()
    page.get_by_label("Who took the call?").fill("Operator 7")
    page.get_by_role("button", name="Record the call").click()
    expect(page.get_by_text("Say with whom you spoke, and when.")).to_be_visible()
    expect(page.get_by_label("Who took the call?")).to_have_value("Operator 7")
    page.get_by_label("When?").fill("21:40")
    page.get_by_role("button", name="Record the call").click()
    expect(page.get_by_text("The police, 999: Operator 7").first).to_be_visible()
    assert not scripts or not violations(page)
    page.get_by_role("link", name="Back to the queue").click()
    for box in (0, 1):
        page.locator(".field-chosen input").nth(box).check()
    page.get_by_label("Label", exact=True).last.select_option(label="rumour")
    page.get_by_role("button", name="Label", exact=True).click()
    expect(page.get_by_text("2 tips labelled “rumour”.")).to_be_visible()
    expect(page.get_by_text("single keys off", exact=False)).to_have_count(1)
    assert page.locator(".keys").is_visible() is scripts
    assert not scripts or not violations(page)


def test_keys_walk_the_queue_and_the_tips(desk: Callable[..., Page]) -> None:
    page = desk()
    page.locator(".keys").wait_for()  # the script shows it once it listens
    for key in "jjkx":
        page.keyboard.press(key)
    assert page.locator(".field-chosen input:checked").count() == 1
    expect(page.locator(".field-reference a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    page.locator(".keys").wait_for()
    first = page.url
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url.endswith("/change/") and url != first)
    page.locator(".keys").wait_for()
    page.keyboard.press("p")
    page.wait_for_url(first)
    page.locator(".keys").wait_for()
    page.keyboard.press("w")
    expect(page.get_by_label("Write a note")).to_be_focused()
    page.keyboard.type("nap")  # letters in a field are letters
    expect(page.get_by_label("Write a note")).to_have_value("nap")
    page.get_by_role("button", name="Turn single keys off").click()
    expect(page.get_by_text("Single keys are off.")).to_be_visible()
    page.keyboard.press("q")
    assert page.url == first
