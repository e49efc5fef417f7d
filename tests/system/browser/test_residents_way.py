"""A resident on a phone: the box comes first, nothing typed is lost on the way back, and each page is left at once."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.reports import pictures
from tests.system.browser.conftest import follow
from tests.system.browser.test_axe import violations
from tests.system.browser.test_story import report

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]

TEXT = "On Mondays a red moped waits by the underpass, and the rider never takes the helmet off."
LONG_TITLE = "Did you see who set fire to both of the cars behind the garages late at night, or hear about it?"
FROM_APPEAL = "/report/?appeal=milton-keynes-drug-warrants"


@pytest.fixture
def large(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes a picture of twelve megabytes, as ordinary phones make them."""

    def made(name: str) -> Path:
        with (tmp_path / name).open("wb") as file:  # a file: what is handed to the browser in memory takes a minute
            file.truncate(12 * 1024**2)
        return tmp_path / name

    return made


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return a picture that may be sent."""
    (tmp_path / "good.png").write_bytes(pictures.encode(pictures.gradient(), "PNG"))
    return tmp_path / "good.png"


def receipt(visit: Callable[..., Page], text: str, *, scripts: bool) -> Page:
    """Send a tip as a person does, who takes longer than five seconds over it."""
    page = visit("/report/", scripts=scripts, width=390)
    page.get_by_label("What do you know?").fill(text)
    page.wait_for_timeout(5_500)
    follow(page.get_by_role("button", name="Check what you wrote"))
    follow(page.get_by_role("button", name="Send this tip"))
    expect(page.get_by_role("heading", name="Do you have pictures?")).to_be_visible()
    return page


@pytest.mark.parametrize(
    ("path", "width", "height"),
    [("/report/", 390, 844), (FROM_APPEAL, 390, 844), ("/report/", 320, 640), (FROM_APPEAL, 320, 640)],
)
def test_question_and_box_are_on_the_first_screen_of_a_phone(
    visit: Callable[..., Page], path: str, width: int, height: int
) -> None:
    page = visit("/", width=width)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path)
    question = page.get_by_text("What do you know?", exact=True).bounding_box()
    box = page.get_by_label("What do you know?").bounding_box()
    assert question is not None
    assert box is not None
    assert question["y"] > 0
    assert height - box["y"] >= 40, "at least a line of the box is to be seen"
    assert page.locator("a[href='tel:999']").count() == 1, "the numbers stand there once"


def test_box_begins_on_the_first_screen_of_a_small_phone_under_a_long_title(visit: Callable[..., Page]) -> None:
    page = visit(FROM_APPEAL, width=320)
    page.set_viewport_size({"width": 320, "height": 640})
    title = page.locator("h1")
    line = title.evaluate("title => parseFloat(getComputedStyle(title).lineHeight)")
    title.evaluate("(title, text) => { title.textContent = text }", LONG_TITLE)
    drawn, box = title.bounding_box(), page.get_by_label("What do you know?").bounding_box()
    assert drawn
    assert box
    assert round(drawn["height"] / line) >= 4
    assert 640 - box["y"] >= 24


def test_from_an_appeal_there_is_a_way_back_to_its_story(visit: Callable[..., Page]) -> None:
    page = visit(FROM_APPEAL, scripts=False, width=390)
    page.get_by_text("We would like to know:").click()
    expect(page.get_by_text("Which cars or vans stop there?")).to_be_visible()
    follow(page.get_by_role("link", name=re.compile("Ten held over drug supply")))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ten held over drug supply")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_check_page_leads_back_to_the_filled_form(visit: Callable[..., Page], scripts: bool) -> None:
    page = visit("/report/", scripts=scripts, width=390)
    page.get_by_label("What do you know?").fill(TEXT)
    follow(page.get_by_role("button", name="Check what you wrote"))
    follow(page.get_by_role("button", name="Back to change"))
    expect(page.get_by_label("What do you know?")).to_have_value(TEXT)


def test_pictures_that_are_too_large_are_named_before_anything_is_sent(
    visit: Callable[..., Page], large: Callable[[str], Path], good: Path
) -> None:
    page = receipt(visit, f"{TEXT} One.", scripts=True)
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    field = page.get_by_label("Choose pictures")
    field.set_input_files([large("large.jpg"), good])
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("large.jpg is too large (12.0 MB). Send one of at most 8 MB")
    expect(alert).not_to_contain_text("good.png")
    page.get_by_role("button", name="Send pictures").click()
    expect(field).to_be_focused()
    assert sent == []
    assert violations(page) == []
    field.set_input_files([good] * 6)
    expect(alert).to_contain_text("You chose 6 pictures. Choose five at a time.")
    field.set_input_files([good])
    expect(alert).to_be_empty()
    follow(page.get_by_role("button", name="Send pictures"))
    expect(page.get_by_role("status").filter(has_text="We have your picture.")).to_be_visible()


def test_without_scripts_pictures_that_are_too_large_are_named_beside_the_words(
    visit: Callable[..., Page], large: Callable[[str], Path], good: Path
) -> None:
    page = receipt(visit, f"{TEXT} Two.", scripts=False)
    words = page.locator(".receipt-card li").all_inner_texts()
    page.get_by_label("Choose pictures").set_input_files([large(f"large{number}.jpg") for number in range(4)] + [good])
    follow(page.get_by_role("button", name="Send pictures"))
    expect(page.get_by_text("We have your picture.")).to_be_visible()
    assert page.locator(".receipt-card li").all_inner_texts() == words
    for number in range(4):
        expect(page.get_by_role("link", name=re.compile(rf"^large{number}\.jpg: .*too large"))).to_be_visible()


def test_words_in_the_wrong_order_stay_to_be_put_right(visit: Callable[..., Page]) -> None:
    page, words = report(visit, f"{TEXT} Three.")
    page.goto("/mailbox/")
    wrong = " ".join([words[0], *reversed(words[1:])])
    page.get_by_label("Your seven words").fill(wrong)
    follow(page.get_by_role("button", name="Open"))
    expect(page.get_by_role("link", name=re.compile("These words open no mailbox"))).to_be_visible()
    expect(page.get_by_label("Your seven words")).to_have_value(wrong)
