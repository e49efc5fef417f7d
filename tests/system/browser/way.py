"""Every page of a tip and of its mailbox in turn, for whoever looks at what they have in common."""

from collections.abc import Callable, Iterator

import polib
from playwright.sync_api import Page

from core import catalogues
from tests.system.browser.conftest import press

FROM_APPEAL = "/report/?appeal=milton-keynes-drug-warrants"
LONG = "My neighbour’s car is XX99 ZZX. Call me on 07700 900123. " + "Longwordwithoutaspace" * 8


def saying(code: str) -> Callable[[str], str]:
    """Return a function that says a text in a language, as a demonstration does; without one, as it is."""
    texts = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogues.path_of(code)))} if code else {}
    return lambda text: texts[text] if code else text


def way(page: Page, code: str = "") -> Iterator[str]:
    """Stand on each page in turn, with errors, with long words and with what is folded unfolded; yield its name."""
    say, under = saying(code), f"/{code}" if code else ""
    page.goto(under + FROM_APPEAL)
    yield "the form"
    press(page, say("Check what you wrote"))
    yield "the form with an error"
    page.get_by_label(say("What do you know?")).fill(LONG)
    page.get_by_label(say("I am under 18")).check()
    press(page, say("Check what you wrote"))
    page.get_by_text(say("See your seven words before you send")).click()
    yield "the check page"
    press(page, say("Send this tip"))
    yield "the receipt"
    words = " ".join(page.locator(".receipt-card li").all_inner_texts())
    page.goto(f"{under}/mailbox/")
    yield "the mailbox's words"
    page.get_by_label(say("Your seven words")).first.fill("not these words")
    press(page, say("See your messages"))
    yield "the mailbox's words with an error"
    page.get_by_label(say("Your seven words")).first.fill(words)
    press(page, say("See your messages"))
    for title in ("What the status means", "What we may tell the police", "Add pictures"):
        page.get_by_text(say(title)).click()
    yield "the mailbox"
    yield from _reply(page, say)
    page.evaluate(f"document.querySelector('form[action$=burn\\\\/]').action = '{under}/mailbox/delete/'")
    press(page, say("Stop my seven words working"))
    yield "the question whether to delete a message"
    press(page, say("Cancel"))
    press(page, say("Stop my seven words working"))
    yield "the question whether to stop the words"
    press(page, say("Yes, stop my seven words working"))
    yield "the burned receipt"
    page.goto(f"{under}/about/staying-safe/")
    yield "Staying safe"
    page.goto(f"{under}/report/exit/?appeal=milton-keynes-drug-warrants")
    yield "what explains leaving"


def _reply(page: Page, say: Callable[[str], str]) -> Iterator[str]:
    """Yield the pages of a reply that could tell who wrote it, and then says nothing."""
    page.get_by_label(say("Write to us")).fill("My name is Anna Example.")
    press(page, say("Send"))
    yield "what could tell who wrote an answer"
    press(page, say("Change it"))
    page.get_by_label(say("Write to us")).fill("")
    press(page, say("Send"))
    yield "the mailbox with an error"
