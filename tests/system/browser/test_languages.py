"""A tip's whole way in each language, changed in the middle; and what is read from right to left in Urdu."""

import re
import time

import pytest
from playwright.sync_api import expect

from core import languages
from tests.system.browser.conftest import all_of, follow, press, send
from tests.system.browser.way import FROM_APPEAL, saying, way

JOURNEYS = (  # language, scripts, width
    *((code, True, 390) for code in languages.NAMES),
    *(("ur", False, 390), ("ur", True, 1280)),
    *(
        pytest.param(code, True, 1280, marks=pytest.mark.whole)
        for code in languages.NAMES
        if code != "ur"
    ),
)
TYPED = "Szary van przy garażach ظ"
ANSWER = "Zawsze po zmroku ظ"
GROUPS = """link => [...link.firstChild.data.matchAll(/[0-9]+/g)].map(group => {
    const range = document.createRange();
    range.setStart(link.firstChild, group.index);
    range.setEnd(link.firstChild, group.index + group[0].length);
    return range.getClientRects()[0].left;
})"""
WITHOUT_ISOLATES = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/[\\u2066-\\u2069]/g, "");
}"""
COVERED = """() => {
    const exit = document.querySelector(".exit"), box = exit.getBoundingClientRect(), found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (exit.contains(text) || !text.data.trim() || !text.parentElement.closest("h1, .site-header")) continue;
        if (text.parentElement.closest(".visually-hidden, .skip-link")) continue;
        range.selectNodeContents(text);
        for (const line of range.getClientRects())
            if (line.left < box.right && box.left < line.right && line.top < box.bottom && box.top < line.bottom)
                found.push(text.data.trim());
    }
    return found;
}"""
OTHER_SIDE = """() => {
    const exit = document.querySelector(".exit"), {left, right} = getComputedStyle(exit);
    const heading = document.querySelector("h1").getBoundingClientRect();
    Object.assign(exit.style, {left: right, right: left, top: `${heading.top}px`});
}"""
# Of each word of the receipt: how far below the card's top it stands, and how far it begins right of its number's left.
WORDS = """card => [...card.children].map(item => {
    const range = document.createRange(), box = item.getBoundingClientRect();
    range.selectNodeContents(item);
    return [box.top - card.getBoundingClientRect().top, range.getClientRects()[0].left - box.left];
})"""


def wait_until_old(page):
    """Wait as long as somebody writes: whoever is quicker is offered no pictures. Ticks of five seconds."""
    issued = int(page.locator("[name=issued]").first.get_attribute("value") or 0)
    while time.time() / 5 - issued <= 1:
        time.sleep(0.2)


def there_and_back(page, code, what, said, *, typed=True):
    """Go on in English and back, and see each time what was typed, or what the page says."""
    say = saying(code)
    for button, says in (("English", saying("")), (languages.NAMES[code], say)):
        press(page, button)
        if typed:
            expect(page.get_by_label(says(what))).to_have_value(said)
        else:
            expect(page.get_by_role("heading", level=1)).to_have_text(says(said))
    expect(page.locator("html")).to_have_attribute("lang", code)


def tell(page, code, *, scripts):
    """Go from a story to the receipt, by an error and by English; return the seven words."""
    say = saying(code)
    page.goto("/news/milton-keynes-drug-warrants/")
    follow(page.get_by_role("link", name=languages.NAMES[code], exact=True))
    follow(page.get_by_role("main").get_by_role("link", name=say("Tell us what you know")))
    press(page, say("Check what you wrote"))
    expect(page).to_have_title(re.compile(f"^{re.escape(say('Error:'))} "))
    page.get_by_label(say("What do you know?")).fill(TYPED)
    there_and_back(page, code, "What do you know?", TYPED)
    page.locator("[name=danger][value=unsure]").check()
    wait_until_old(page)
    press(page, say("Check what you wrote"))
    expect(page.get_by_text(TYPED)).to_be_visible()
    (send if scripts else press)(page, say("Send this tip"))
    received = "We have your tip. Keep these seven words."
    expect(page.get_by_role("heading", level=1)).to_have_text(say(received))
    words = all_of(page, ".receipt-card li", 7)
    there_and_back(page, code, "", received, typed=False)
    assert all_of(page, ".receipt-card li", 7) == words
    expect(page.get_by_role("heading", name=say("Do you have pictures?"))).to_be_visible()
    return " ".join(words)


def come_back(page, code, words):
    """Find the page of the messages from the front page, and type the words."""
    say = saying(code)
    page.goto("/")
    follow(page.get_by_role("link", name=languages.NAMES[code], exact=True))
    follow(page.get_by_role("main").get_by_role("link", name=say("See your messages")))
    page.get_by_label(say("Your seven words")).fill(words)
    press(page, say("See your messages"))


@pytest.mark.parametrize(("code", "scripts", "width"), JOURNEYS)
def test_a_tip_goes_its_whole_way_in_a_language(visit, code, scripts, width):
    page, say = visit("/", scripts=scripts, width=width), saying(code)
    words = tell(page, code, scripts=scripts)
    come_back(page, code, words)
    expect(page.locator("#state-title")).to_have_text(say("Not read yet"))
    page.get_by_label(say("Write to us")).fill(ANSWER)
    there_and_back(page, code, "Write to us", ANSWER)
    page.locator("[name=danger][value=yes]").check()
    press(page, say("Send"))
    expect(page.get_by_role("status").first).to_have_text(
        say("We have what you wrote. We do not show it here.")
    )
    expect(page.locator(".urgent h2").get_by_role("link", name="999")).to_be_visible()
    press(page, say("Stop my seven words working"))
    press(page, say("Yes, stop my seven words working"))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        say("Your seven words no longer work")
    )
    expect(page.locator("html")).to_have_attribute("lang", code)
    come_back(page, code, words)
    expect(page).to_have_title(re.compile(f"^{re.escape(say('Error:'))} "))
    assert page.context.cookies() == []


def numbers(page):
    """Return of each number to call how far from the left its groups of digits stand, where it has several."""
    links = page.locator('a[href^="tel:"]').all()
    return [found for link in links if len(found := link.evaluate(GROUPS)) > 1]


def test_numbers_to_call_are_read_from_left_to_right_in_urdu(visit):
    page, turned = visit("/"), list[list[float]]()
    for path in ("/ur/", "/ur/report/", "/ur/about/staying-safe/"):
        page.goto(path)
        assert page.locator('a[href="tel:0800555111"]').first.inner_text() == "0800 555 111"
        assert [found for found in numbers(page) if found != sorted(found)] == [], path
        page.evaluate(WITHOUT_ISOLATES)
        turned += [found for found in numbers(page) if found != sorted(found)]
    assert turned, "the control: without isolates some are read as 111 555 0800"


def test_the_button_to_leave_covers_no_heading_in_urdu(visit):
    page = visit("/ur/report/")
    for path in (FROM_APPEAL, "/report/", "/report/exit/", "/mailbox/"):
        page.goto(f"/ur{path}")
        assert page.evaluate(COVERED) == [], path
    page.evaluate(OTHER_SIDE)
    assert page.evaluate(COVERED), "the control: beside the heading on its own side it would"


@pytest.mark.parametrize("width", [390, 1280])
def test_seven_words_stand_in_order_with_their_numbers_on_the_left_in_urdu(visit, width):
    page = visit("/", width=width)
    next(name for name in way(page, "ur") if name == "the receipt")
    card = page.locator(".receipt-card")
    places = card.evaluate(WORDS)
    columns = [places] if width == 390 else [places[:4], places[4:]]
    assert [column for column in columns if column != sorted(column)] == []
    assert {round(left) for _top, left in places} == {24}
    page.evaluate("document.querySelector('.receipt-card').dir = 'rtl'")
    assert {round(left) for _top, left in card.evaluate(WORDS)} != {24}, (
        "the control: from right to left"
    )


LINES = """(all) => all.map((one) => {
    const style = getComputedStyle(one);
    return parseFloat(style.lineHeight) / parseFloat(style.fontSize);
})"""
TALL = {
    "the form": (".choice label", ".group-title", ".under-18 h2", "textarea.input"),
    "the check page": (".row dt",),
}


def test_lines_are_far_enough_apart_for_nastaliq_in_urdu(visit):
    page, apart = visit("/", width=390), dict[str, list[float]]()
    for name in way(page, "ur"):
        apart |= {
            selector: page.locator(selector).evaluate_all(LINES) for selector in TALL.get(name, ())
        }
        if name == "the check page":
            break
    assert apart.keys() == {selector for selectors in TALL.values() for selector in selectors}
    assert [selector for selector, found in apart.items() if min(found) < 2.09] == []


# Where each group of digits of an answer begins, from the left.
PARTS = """(answer) => {
    const found = [], walker = document.createTreeWalker(answer, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) for (const match of walker.currentNode.data.matchAll(/[0-9]+/g)) {
        const range = document.createRange();
        range.setStart(walker.currentNode, match.index);
        range.setEnd(walker.currentNode, match.index + match[0].length);
        found.push(range.getBoundingClientRect().left);
    }
    return found;
}"""


def test_a_typed_number_keeps_its_order_on_the_check_page_in_urdu(
    visit,
):
    say, page = saying("ur"), visit("/ur/report/", width=1280)
    page.get_by_label(say("What do you know?")).fill("اس کا نمبر 07700 900123 ہے۔")
    press(page, say("Check what you wrote"))
    answer = page.locator(".row-tall .answer")
    first, second = answer.evaluate(PARTS)
    assert first < second
    answer.evaluate("(one) => { one.textContent = one.textContent; }")
    first, second = answer.evaluate(PARTS)
    assert first > second, "the control: without isolates it is read as 900123 07700"
