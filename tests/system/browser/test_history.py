"""What a browser keeps of a tip and its seven words: Back finds them until the sender leaves or sends, no disk does."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.system.browser.conftest import QUIET, Demonstration, follow, press

TEXT = "A quixotic holdall lies behind the bottle bank."
BEGIN = "Tell us what you know"
# Chromium without windows keeps no page whole for Back, and no session for the next start.
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
WRITES = 3_000  # milliseconds after which Chromium has written what it keeps of a session


@pytest.fixture
def whole(chromium: Browser, demonstration: Demonstration, tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that starts a browser which keeps pages whole for Back, and its session in `tmp_path`."""
    if CHROMIUM is None:
        assert "CI" not in os.environ, "CI must have a browser with windows"
        pytest.skip("no Chromium with windows here (on Debian: apt install chromium)")

    def start(*flags: str) -> BrowserContext:
        context = chromium.browser_type.launch_persistent_context(
            tmp_path,
            executable_path=CHROMIUM,
            headless=False,
            args=[*QUIET, "--headless=new", *flags],
            ignore_default_args=["--disable-back-forward-cache"],
            base_url=demonstration.address,
        )
        closing.callback(context.close)
        context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Weather"))
        return context

    with ExitStack() as closing:
        yield start


def written(page: Page) -> Page:
    """Write a tip, check it, change it and check it again, as slowly as people do."""
    page.goto("/report/")
    page.get_by_label("What do you know?").fill(TEXT)
    for button in ("Check what you wrote", "Go back and change it", "Check what you wrote"):
        page.wait_for_timeout(WRITES)
        press(page, button, exact=False)  # an arrow stands before one of them
    return page


def go(page: Page, way: str) -> None:
    """Press Back or Forward; a page that replaces itself at once may end what Playwright waits for."""
    with suppress(Error):
        (page.go_back if way == "back" else page.go_forward)(wait_until="commit")


def turn(page: Page, way: str, heading: str) -> str:
    """Press Back or Forward and return what the page then holds, in its boxes too."""
    go(page, way)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    boxes = page.locator("textarea").evaluate_all("boxes => boxes.map((box) => box.value).join()")
    return f"{page.content()} {boxes}"


def leave(page: Page) -> None:
    """Press Exit."""
    follow(page.get_by_role("link", name="Exit this page"))
    expect(page).to_have_url("https://www.bbc.co.uk/weather")


def files_with(profile: Path, *texts: str) -> set[str]:
    """Return the files of a closed profile that hold one of the texts in any way in which browsers write them."""
    forms = [
        form
        for text in texts
        for form in (
            text.encode(),
            text.encode("utf-16-le"),
            text.replace(" ", "+").encode(),
            text.replace(" ", "%20").encode(),
        )
    ]
    files = [path for path in profile.rglob("*") if path.is_file()]
    return {path.name for path in files if any(form in path.read_bytes() for form in forms)}


@pytest.mark.promise("sender")
def test_back_and_forward_find_the_text_until_exit_and_then_an_empty_form(whole: Callable[..., BrowserContext]) -> None:
    """After Exit, Back shows an empty form; until then it finds what was typed."""
    page, checked = written(whole().pages[0]), "Check what you wrote"
    for way, heading in (("back", BEGIN), ("back", checked), ("back", BEGIN), *[("forward", checked)] * 1):
        assert TEXT in turn(page, way, heading), (way, heading)
    for heading in (BEGIN, checked):
        assert TEXT in turn(page, "forward", heading)
    leave(page)
    for _entry in range(3):
        assert TEXT not in turn(page, "back", BEGIN)


def test_once_the_tip_is_sent_back_finds_neither_text_nor_words(whole: Callable[..., BrowserContext]) -> None:
    page = written(whole().pages[0])
    press(page, "Send this tip")
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
def test_no_file_of_a_closed_profile_and_no_next_start_has_text_or_words(
    whole: Callable[..., BrowserContext], tmp_path: Path, end: str
) -> None:
    """No file of a closed profile, and no next start, has a tip's text or its seven words."""
    context = whole()
    page = written(context.pages[0])
    secrets = [TEXT.rstrip("."), page.locator("[name=token]").first.input_value()]
    if end == "sent":
        press(page, "Send this tip")
        secrets.append(" ".join(page.locator(".receipt-card li").all_inner_texts()))
    leave(page)
    page.wait_for_timeout(WRITES)
    context.close()
    assert files_with(tmp_path, "/report/check/"), "the control: the addresses are there"
    assert files_with(tmp_path, *secrets) == set()
    again = whole("--restore-last-session")
    for restored in again.pages:
        assert TEXT not in restored.content()


def test_messages_leave_neither_words_nor_an_answer(
    whole: Callable[..., BrowserContext], demonstration: Demonstration, tmp_path: Path
) -> None:
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
    visit: Callable[..., Page],
) -> None:
    page = written(visit("/report/"))
    press(page, "Send this tip")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="Weather"))
    leave(page)
    for _entry in range(4):
        page.go_back()
        assert TEXT not in page.content()
        assert page.locator(".receipt-card").count() == 0
    assert "POST" not in sent


def test_no_link_on_the_receipt_and_no_way_forward_brings_its_words_back(whole: Callable[..., BrowserContext]) -> None:
    page = written(whole().pages[0])
    press(page, "Send this tip")
    words = " ".join(page.locator(".receipt-card li").all_inner_texts())
    page.get_by_role("link", name="Skip to main content").press("Enter")
    follow(page.get_by_role("link", name="Your messages").first)
    go(page, "back")
    expect(page.locator(".receipt-card li").first).to_be_visible()  # until the sender leaves, Back has them
    page.get_by_role("button", name="I have written them down").click()
    leave(page)
    for way in ("back", "back", "forward", "forward"):
        go(page, way)
        page.wait_for_timeout(300)
        assert page.locator(".receipt-card").count() == 0
        assert words not in page.content()


def test_words_that_are_written_down_come_back_with_no_picture(whole: Callable[..., BrowserContext]) -> None:
    page = written(whole().pages[0])
    press(page, "Send this tip")
    page.get_by_role("button", name="I have written them down").click()
    press(page, "Send pictures")
    assert (page.url.endswith("/report/photos/"), page.locator(".receipt-card").count()) == (True, 0)
    leave(page)
    for _entry in range(3):
        go(page, "back")
        page.wait_for_timeout(300)
        assert page.locator(".receipt-card").count() == 0


def test_the_page_of_a_picture_is_left_like_the_receipt(whole: Callable[..., BrowserContext]) -> None:
    page = written(whole().pages[0])
    press(page, "Send this tip")
    press(page, "Send pictures")
    expect(page.locator(".receipt-card")).to_have_count(1)
    page.get_by_role("button", name="I have written them down").click()
    for _entry in range(2):
        go(page, "back")
        page.wait_for_timeout(300)
        assert page.locator(".receipt-card").count() == 0
