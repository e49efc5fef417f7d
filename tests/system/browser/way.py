"""Every page of a tip and of its mailbox in turn, for whoever looks at what they have in common."""

import json
from contextlib import contextmanager

import polib
from playwright.sync_api import expect

from core import catalogues
from tests.system.browser.conftest import press, send

FROM_APPEAL = "/report/?appeal=milton-keynes-drug-warrants"
# Put so many fields, each so long, beside those of the form.
FIELDS = """([count, length]) => {
    const form = document.querySelector("form[action*=check]");
    for (let number = 0; number < count; number++) {
        const field = Object.assign(document.createElement("input"), {type: "hidden", name: `field${number}`});
        field.value = "x".repeat(length);
        form.append(field);
    }
}"""
LONG = "My neighbour’s car is XX99 ZZX. Call me on 07700 900123. " + "Longwordwithoutaspace" * 8


def saying(code):
    """Return a function that says a text in a language, as a demonstration does; without one, as it is."""
    texts = (
        {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogues.path_of(code)))}
        if code
        else {}
    )
    return lambda text: texts[text] if code else text


def way(page, code=""):
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
    send(page, say("Send this tip"))
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
    page.evaluate(
        f"document.querySelector('form[action$=burn\\\\/]').action = '{under}/mailbox/delete/'"
    )
    press(page, say("Stop my seven words working"))
    yield "the question whether to delete a message"
    press(page, say("Cancel"))
    press(page, say("Stop my seven words working"))
    yield "the question whether to stop the words"
    press(page, say("Yes, stop my seven words working"))
    yield "the stopped receipt"
    page.goto(f"{under}/about/staying-safe/")
    yield "Staying safe"
    page.goto(f"{under}/report/exit/?appeal=milton-keynes-drug-warrants")
    yield "what explains leaving"


def _reply(page, say):
    """Yield the pages of a reply that could tell who wrote it, and then says nothing."""
    page.get_by_label(say("Write to us")).fill("My name is Anna Example.")
    press(page, say("Send"))
    yield "what could tell who wrote an answer"
    press(page, say("Change it"))
    page.get_by_label(say("Write to us")).fill("")
    press(page, say("Send"))
    yield "the mailbox with an error"


def refusals(page, home, code=""):
    """Stand on each page that takes no tip in turn: too large, with too many fields, and while nobody reads."""
    say, form = saying(code), f"/{code}/report/" if code else "/report/"
    for count, length, title in (
        (1, 3_000_000, "That was too much to send at once"),
        (1100, 1, "We could not read what you sent"),
    ):
        page.goto(form)
        page.evaluate(FIELDS, [count, length])
        press(page, say("Check what you wrote"))
        expect(page.get_by_role("heading", level=1)).to_have_text(say(title))
        yield title
    page.goto(form)
    page.get_by_label(say("What do you know?")).fill(LONG)
    with closed(home):
        press(page, say("Check what you wrote"))
        expect(page.get_by_role("heading", level=1)).to_have_text(say("We are not taking tips now"))
        expect(page.get_by_text(LONG)).to_be_visible()
        yield "the closed form"


@contextmanager
def closed(home):
    """Let the form be closed meanwhile."""
    file = home.state / "form.json"
    before = file.read_text(encoding="utf-8")
    file.write_text(json.dumps(json.loads(before) | {"line": "closed"}), encoding="utf-8")
    yield
    file.write_text(before, encoding="utf-8")
