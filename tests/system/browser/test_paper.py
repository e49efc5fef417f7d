"""What a printer puts on paper, with the lines that a browser adds by itself."""

import base64
import io
import re
import unicodedata
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.system.browser.conftest import Demonstration, all_of, press

TEXT = "On Sundays a white van is loaded behind the swimming pool, and nobody speaks."


def printed(page: Page) -> str:
    """Return the text on paper as Chromium prints by default: with title, day and minute above, address below."""
    session = page.context.new_cdp_session(page)
    answer = session.send("Page.printToPDF", {"displayHeaderFooter": True})
    pages = PdfReader(io.BytesIO(base64.b64decode(answer["data"]))).pages
    text = "\n".join(one.extract_text() for one in pages)
    return unicodedata.normalize("NFKC", text)  # the letters of a ligature one by one


@pytest.mark.promise("sender", control="test_control_a_page_of_news_is_printed_with_its_address")
def test_a_printed_receipt_holds_the_words_and_nothing_else(
    visit: Callable[..., Page], demonstration: Demonstration
) -> None:
    """A printed receipt holds the words and nothing else: no address, title or time."""
    page = visit("/report/", scripts=False)
    page.get_by_label("What do you know?").fill(f"{TEXT} " * 120)
    press(page, "Check what you wrote")
    text = " ".join(printed(page).split())
    assert text.count("swimming pool") == 120, "what is shown is printed"
    assert text.count("Check what you wrote") == 1, "the heading, and no title"
    assert [mark for mark in (demonstration.address, "127.0.0.1", "Streetlight") if mark in text] == []
    assert not re.search(r"\d:\d\d", text)
    press(page, "Send this tip")
    words = all_of(page, ".receipt-card li", 7)
    assert sorted(word for word in printed(page).split() if not word.rstrip(".").isdigit()) == sorted(words)


def test_control_a_page_of_news_is_printed_with_its_address(
    visit: Callable[..., Page], demonstration: Demonstration
) -> None:
    assert f"{demonstration.address}/outcomes/" in printed(visit("/outcomes/"))
