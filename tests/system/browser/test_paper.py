"""What a printer puts on paper, with the lines that a browser adds by itself."""

import base64
import io
import re
import unicodedata
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.system.browser.conftest import Demonstration, follow
from tests.system.browser.test_story import report

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]

TEXT = "On Sundays a white van is loaded behind the swimming pool, and nobody speaks."


def printed(page: Page) -> str:
    """Return the text on paper as Chromium prints by default: with title, day and minute above, address below."""
    session = page.context.new_cdp_session(page)
    answer = session.send("Page.printToPDF", {"displayHeaderFooter": True})
    pages = PdfReader(io.BytesIO(base64.b64decode(answer["data"]))).pages
    text = "\n".join(one.extract_text() for one in pages)
    return unicodedata.normalize("NFKC", text)  # the letters of a ligature one by one


def words_of(text: str) -> list[str]:
    """Return the words on paper, the numbers beside them left out."""
    return [word for word in text.split() if not word.rstrip(".").isdigit()]


def test_a_printed_receipt_holds_the_words_and_nothing_else(visit: Callable[..., Page]) -> None:
    receipt, words = report(visit, TEXT)
    assert sorted(words_of(printed(receipt))) == sorted(word.strip() for word in words)


def test_what_is_printed_on_the_way_has_no_address_title_or_time(
    visit: Callable[..., Page], demonstration: Demonstration
) -> None:
    page = visit("/report/")
    page.get_by_label("What do you know?").fill(f"{TEXT} " * 120)
    follow(page.get_by_role("button", name="Check what you wrote"))
    text = " ".join(printed(page).split())
    assert text.count("swimming pool") == 120, "the control: what is shown is printed"
    assert text.count("Check what you wrote") == 1, "the heading, and no title"
    assert [mark for mark in (demonstration.address, "127.0.0.1", "Streetlight") if mark in text] == []
    assert not re.search(r"\d:\d\d", text)


def test_control_a_page_of_news_is_printed_with_its_address(
    visit: Callable[..., Page], demonstration: Demonstration
) -> None:
    assert f"{demonstration.address}/outcomes/" in printed(visit("/outcomes/"))
