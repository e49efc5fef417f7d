"""Every page of a tip and of its mailbox in turn, for whoever looks at what they have in common."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.system.browser.conftest import press

FROM_APPEAL = "/report/?appeal=milton-keynes-drug-warrants"
LONG = "My neighbour’s car is XX99 ZZX. Call me on 07700 900123. " + "Longwordwithoutaspace" * 8


def way(page: Page) -> Iterator[str]:
    """Stand on each page in turn, with errors, with long words and with what is folded unfolded; yield its name."""
    page.goto(FROM_APPEAL)
    yield "the form"
    press(page, "Check what you wrote")
    yield "the form with an error"
    page.get_by_label("What do you know?").fill(LONG)
    page.get_by_label("I am under 18").check()
    press(page, "Check what you wrote")
    page.get_by_text("See your seven words before you send").click()
    yield "the check page"
    press(page, "Send this tip")
    yield "the receipt"
    words = " ".join(page.locator(".receipt-card li").all_inner_texts())
    page.goto("/mailbox/")
    yield "the mailbox's words"
    page.get_by_label("words").first.fill("not these words")
    press(page, "See your messages")
    yield "the mailbox's words with an error"
    page.get_by_label("words").first.fill(words)
    press(page, "See your messages")
    for title in ("What the status means", "What we may tell the police", "Add pictures"):
        page.get_by_text(title).click()
    yield "the mailbox"
    yield from _reply(page)
    page.evaluate("document.querySelector('form[action$=burn\\\\/]').action = '/mailbox/delete/'")
    press(page, "Stop my seven words working")
    yield "the question whether to delete a message"
    press(page, "Cancel")
    press(page, "Stop my seven words working")
    yield "the question whether to stop the words"
    press(page, "Yes, stop my seven words working")
    yield "the burned receipt"
    page.goto("/about/staying-safe/")
    yield "Staying safe"
    page.goto("/report/exit/?appeal=milton-keynes-drug-warrants")
    yield "what explains leaving"


def _reply(page: Page) -> Iterator[str]:
    """Yield the pages of a reply that could tell who wrote it, and then says nothing."""
    page.get_by_label("Write to us").fill("My name is Anna Example.")
    press(page, "Send")
    yield "what could tell who wrote an answer"
    press(page, "Change it")
    page.get_by_label("Write to us").fill("")
    press(page, "Send")
    yield "the mailbox with an error"
