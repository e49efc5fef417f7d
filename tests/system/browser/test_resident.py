"""A resident: from a story to the receipt with scripts off; with scripts, large pictures are named before they go."""

import re

import pytest
from playwright.sync_api import expect

from tests.reports import pictures
from tests.system.browser.conftest import all_of, follow, press, send, violations, wait_until

pytestmark = pytest.mark.engine


TEXT = "On Mondays a red moped waits by the underpass, and the rider never takes the helmet off."
FROM_APPEAL = "/report/?appeal=milton-keynes-drug-warrants"
OLD_ENOUGH = (
    "Date.now() / 5000 - document.querySelector('[name=issued]').value > 1"  # ticks of five seconds
)


def test_a_resident_reads_a_story_and_tells_with_scripts_off(visit):
    page = visit("/news/milton-keynes-drug-warrants/", scripts=False, width=390)
    follow(page.get_by_role("link", name="Tell us what you know").last)
    assert page.url.endswith(FROM_APPEAL)
    danger = page.get_by_role("group", name=re.compile("Could someone be badly hurt"))
    danger.get_by_label("Not sure").check()
    press(page, "Check what you wrote")
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_role("link", name="Tell us what you know, even in one sentence").click()
    expect(page.get_by_label("What do you know?")).to_be_focused()
    expect(danger.get_by_label("Not sure")).to_be_checked()
    page.get_by_label("What do you know?").fill(TEXT)
    press(page, "Check what you wrote")
    press(page, "Go back and change it", exact=False)
    expect(page.get_by_label("What do you know?")).to_have_value(TEXT)
    press(page, "Check what you wrote")
    expect(page.get_by_text(TEXT)).to_be_visible()
    press(page, "Send this tip")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "We have your tip. Keep these seven words."
    )
    assert len(all_of(page, ".receipt-card li", 7)) == 7  # of which two may be the same
    assert page.context.cookies() == []


@pytest.fixture
def large(tmp_path):
    """Return a picture of twelve megabytes, as ordinary phones make them."""
    with (tmp_path / "large.jpg").open(
        "wb"
    ) as file:  # a file: what is handed to the browser in memory takes a minute
        file.truncate(12 * 1024**2)
    return tmp_path / "large.jpg"


@pytest.fixture
def good(tmp_path):
    """Return a picture that may be sent."""
    (tmp_path / "good.png").write_bytes(pictures.encode(pictures.gradient(), "PNG"))
    return tmp_path / "good.png"


def test_pictures_that_are_too_large_are_named_before_anything_is_sent(visit, large, good):
    page = visit("/report/", width=390)
    page.get_by_label("What do you know?").fill(f"{TEXT} One.")
    wait_until(page, OLD_ENOUGH)  # whoever is quicker is offered no pictures
    press(page, "Check what you wrote")
    send(page)
    expect(page.get_by_role("heading", name="Do you have pictures?")).to_be_visible()
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    field, alert = page.get_by_label("Choose pictures"), page.get_by_role("alert")
    field.set_input_files([large, good])
    expect(alert).to_contain_text("large.jpg is too large (12.0 MB). Send one of at most 8 MB")
    expect(alert).not_to_contain_text("good.png")
    page.get_by_role("button", name="Send pictures").click()
    expect(field).to_be_focused()
    assert sent == []
    assert violations(page) == []
    field.set_input_files([good] * 6)
    expect(alert).to_contain_text("You chose 6 pictures. Choose at most five at a time.")
    field.set_input_files([good])
    expect(alert).to_be_empty()
    press(page, "Send pictures")
    expect(page.get_by_role("status").filter(has_text="We have your picture.")).to_be_visible()
