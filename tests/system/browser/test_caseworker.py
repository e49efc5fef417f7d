"""A caseworker at the desk: a shift on a phone with scripts off; keys, kept places and bars of scripts and styles."""

from itertools import count
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import (
    find,
    follow,
    press,
    unfold,
    violations,
    wait_until,
)

pytestmark = pytest.mark.engine


NOTE, OURS = (
    "Ask the school liaison first",
    "A man offers vapes to pupils, and asks for money.\n" * 20 + "End.",
)
NUMBERS = count(1)


@pytest.fixture
def tip(queue, demonstration):
    """Return a function that opens a new tip on an unlocked desk."""

    def opened(**how):
        text = f"A man offers vapes outside the school, as on day {next(NUMBERS)} of this month."
        demonstration.tell(text)
        page = queue(**how)
        find(page, text)
        return page

    return opened


def note(page):
    return page.get_by_label("Note", exact=True)


def test_a_shift_on_a_phone_with_scripts_off(tip):
    page = tip(width=320, scripts=False)
    expect(note(page)).not_to_be_visible()
    page.locator(".work-bar").click()
    note(page).fill("Seen before.")
    page.get_by_label("Who has it").select_option("demo")
    press(page, "Save")
    expect(page.locator("#said")).to_contain_text("is saved.")
    expect(page.locator(".tip-head")).to_contain_text("I have it")
    page.locator(".work-bar").click()
    unfold(page, "Police", "Record a call")
    page.get_by_label("The police: 999 or 101").check()
    page.get_by_label("Who took the call, and under which reference?").fill("Operator 7")
    page.get_by_label("When did you call?").fill("")
    press(page, "Record the call")
    expect(page.get_by_text("Enter who you spoke to, and when.")).to_be_visible()
    expect(page.get_by_label("Who took the call, and under which reference?")).to_have_value(
        "Operator 7"
    )
    page.get_by_label("When did you call?").fill("21:40")
    page.get_by_label("Someone’s life is at risk").check()
    page.get_by_label("Who is in danger, and of what?").fill("A man has a knife at her throat.")
    press(page, "Record the call")
    expect(page.get_by_text("The police: 999 or 101: Operator 7").first).to_be_visible()
    expect(page.locator(".chip", has_text="Passed to the police").first).to_be_visible()
    history = page.locator("section", has=page.get_by_role("heading", name="History"))
    expect(history).to_contain_text("note")
    follow(page.get_by_role("link", name="Back to the queue"))
    expect(page.locator("#result_list q")).to_have_count(0)
    press(page, "Show first lines")
    expect(page.locator("#result_list q:visible").first).to_be_visible()  # others are folded away
    shown = page.locator(".action-checkbox input").count()
    press(page, f"Tick all {shown} shown")
    expect(page.locator(".action-checkbox input:checked")).to_have_count(shown)
    expect(page.locator(".results ~ .bulk")).to_be_visible()
    expect(page.locator(".keys")).to_be_hidden()
    press(page, "Lock desk")
    expect(page.get_by_text("The desk is locked.")).to_be_visible()


def test_the_first_row_is_near_and_a_bar_of_acts_comes_once_a_row_is_ticked(
    queue,
):
    page = queue()
    page.goto("/admin/reports/tip/")  # where no message stands
    boxes, bar = page.locator(".action-checkbox input"), page.locator(".bulk")
    shown, unread = boxes.count(), page.locator("#result_list .chip-unread").count()
    first = page.locator("#result_list tbody tr").first.bounding_box()
    assert first is not None
    assert first["y"] <= 330
    expect(bar).to_be_hidden()
    page.get_by_role("button", name=f"Tick all {shown} shown").click()
    expect(page.locator("[data-ticked]")).to_have_text(f"{shown} ticked, {unread} unread")
    expect(bar).to_be_in_viewport(ratio=1)
    assert not violations(page)
    boxes.first.uncheck()
    press(page, "Add label")
    assert not violations(page)
    page.get_by_label("Label", exact=True).select_option(label="rumour")
    press(page, "Add label")
    expect(page.get_by_text(f"{shown - 1} tips labelled “rumour”.")).to_be_visible()
    expect(page.locator(".action-checkbox input:checked")).to_have_count(0)


def test_keys_walk_the_queue_and_the_tips(queue):
    page = queue()
    page.locator(".keys").wait_for()  # the script shows it once it listens
    for key in "jjkx":
        page.keyboard.press(key)
    expect(page.locator(".action-checkbox input:checked")).to_have_count(1)
    expect(page.locator(".field-reference a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    page.locator(".keys").wait_for()
    first = page.url
    for key, place in {
        "s": page.get_by_role("radio", name="Leave open"),
        "g": page.get_by_label("Who has it"),
        "v": page.get_by_role("button", name="Save", exact=True),
        "j": page.get_by_role("link", name="Next in the queue"),
        "q": page.get_by_role("link", name="Back to the queue"),
        "n": note(page),
    }.items():
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        expect(place).to_be_focused()
    assert page.url == first, "a key goes to a place and presses nothing"
    page.keyboard.type("nap")  # letters in a field are letters
    expect(note(page)).to_have_value("nap")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_role("button", name="Turn off keyboard shortcuts").click()
    page.locator(".keys summary").click()
    expect(page.get_by_text("Keyboard shortcuts are off.")).to_be_visible()
    page.keyboard.press("q")
    expect(page.get_by_role("link", name="Back to the queue")).not_to_be_focused()


@pytest.mark.parametrize("width", [390, 1280])
def test_an_impatient_second_click_answers_no_question_and_leaves_no_tip(tip, width):
    page = tip(width=width)
    if width < 900:
        page.locator(".work-bar").click()
    box = page.get_by_role("button", name="Save and read next tip").bounding_box()
    assert box is not None
    for _click in range(2):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.get_by_role("heading", name="Leave it to whom?")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.get_by_role("button", name="Leave this tip to nobody")).to_be_visible()


def test_what_is_half_typed_stands_there_after_each_act_and_the_place_is_kept(
    tip,
):
    page = tip()
    page.locator(".keys").wait_for()
    page.keyboard.press("m")
    expect(page.get_by_label("Write to the sender")).to_be_focused()
    note(page).fill(NOTE)
    unfold(page, "Police", "Our wording")
    page.get_by_label("Our wording for the police").fill(OURS)
    page.get_by_label("Write to the sender").fill("Thank you for this.")
    for button, section in (("Send without a question", "#talk"), ("Save and check", "#own-words")):
        press(page, button)
        said = page.locator(f"{section} #said")
        expect(said).to_be_focused()
        expect(said).to_be_in_viewport()
        expect(note(page)).to_have_value(NOTE)
        expect(page.get_by_label("Our wording for the police")).to_have_value(OURS)
    page.evaluate("scrollTo(0, 100)")
    press(page, "Save")
    expect(page.locator("#decision #said")).to_be_focused()
    wait_until(page, "scrollY === 100")
    expect(page.locator("#notes")).to_contain_text(NOTE)
    assert not violations(page)


def test_enter_in_a_line_saves_and_sends_nothing(tip):
    page = tip(scripts=False)
    unfold(page, "Messages", "Police", "Record a call")
    page.get_by_label("Write to the sender").fill("Half a message")
    page.get_by_label("Who took the call, and under which reference?").fill("The duty worker")
    page.get_by_label("Who took the call, and under which reference?").press("Enter")
    expect(page.locator("#decision #said")).to_contain_text(
        "nothing is saved yet. What you typed waits in its box"
    )
    expect(page.get_by_label("Write to the sender")).to_have_value("Half a message")
    expect(page.get_by_label("Who took the call, and under which reference?")).to_have_value(
        "The duty worker"
    )


def test_enter_in_a_box_of_a_call_records_the_call(tip):
    page = tip()
    unfold(page, "Police", "Record a call")
    page.get_by_label("Children’s services").check()
    page.get_by_label("A child may be in danger").check()
    page.get_by_label("Who is in danger, and of what?").fill("A boy is held there.")
    page.get_by_label("Who took the call, and under which reference?").fill("The duty worker")
    page.get_by_label("Who took the call, and under which reference?").press("Enter")
    expect(page.locator("#said")).to_contain_text("your call is recorded")


HIDDEN = """() => {
    const has = document.activeElement, box = has.getBoundingClientRect();
    if (has === document.body || box.height === 0) return "";
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 40) / 2);
    const seen = top && (has.contains(top) || top.contains(has) || top.closest("label"));
    return seen ? "" : has.outerHTML.slice(0, 200);
}"""


@pytest.mark.parametrize("width", [320, 1280])
def test_the_buttons_stay_in_view_and_hide_nothing_that_has_the_focus(tip, width):
    page = tip(width=width, scripts=False)
    for place in (0, 600, 1_200, 100_000):
        page.evaluate("top => scrollTo(0, top)", place)
        bar = (
            page.locator(".work-bar")
            if width < 900
            else page.get_by_role("button", name="Save", exact=True)
        )
        expect(bar).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("scrollTo(0, 0)")
    for _ in range(60):
        page.keyboard.press("Tab")
        assert not page.evaluate(HIDDEN)


def test_the_first_choice_is_eight_tabs_from_the_skip_link_at_most(
    tip,
):
    page = tip(scripts=False)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    for _tab in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "save-status":
            return
    pytest.fail("the row to decide is further away")


def test_on_a_phone_the_words_begin_on_the_first_screen_and_nothing_covers_them(
    queue, demonstration
):
    text = "A boy carries a knife for a man, on a phone of ours."
    demonstration.tell(text, danger="yes", under_18="on")
    page = queue(width=390, bypass_csp=True)
    find(page, text)
    top, bar = page.locator(".what").bounding_box(), page.locator(".work-bar").bounding_box()
    assert top is not None
    assert bar is not None
    assert top["y"] + 30 < 844 - bar["height"]
    page.add_style_tag(content="html { font-size: 200% !important }")
    closed = page.locator(".work").bounding_box()
    assert closed is not None
    assert closed["height"] < 844 / 6, "one line"
    page.locator(".work-bar").click()
    page.get_by_role("button", name="Save and read next tip").scroll_into_view_if_needed()
    expect(page.locator(".work-bar")).to_be_in_viewport(ratio=1)
    page.locator(".work-bar").click()
    expect(page.get_by_role("button", name="Save", exact=True)).not_to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_the_words_begin_on_the_first_screen_when_a_draft_waits_too(
    tip, demonstration, unlock
):
    text = "A girl carries a knife for a man, on a phone of ours."
    demonstration.tell(text, danger="yes", under_18="on")
    page = tip(width=390)
    drafted = page.url
    find(page, text)
    urgent = urlsplit(page.url).path
    page.goto(drafted)
    page.locator(".work-bar").click()
    note(page).fill(NOTE)
    press(page, "Lock desk")
    unlock(page, urgent)
    expect(page.locator(".messagelist")).to_contain_text("The desk is unlocked.")
    expect(page.locator(".messagelist")).to_contain_text("You were writing")
    top, bar = page.locator(".what").first.bounding_box(), page.locator(".work-bar").bounding_box()
    assert top is not None
    assert bar is not None
    assert top["y"] + 30 < 844 - bar["height"], top


def test_a_link_opens_its_group_and_the_address_does_without_scripts(
    tip,
):
    page = tip()
    note(page).fill(NOTE)
    page.get_by_role("link", name="For the police").click()
    expect(page.get_by_label("Source")).to_be_focused()
    page.get_by_role("link", name="Ask the sender").click()
    expect(page.get_by_label("Write to the sender")).to_be_focused()
    expect(note(page)).to_have_value(NOTE)
    plain = tip(scripts=False)
    follow(plain.get_by_role("link", name="Ask the sender"))
    expect(plain.get_by_label("Write to the sender")).to_be_visible()
