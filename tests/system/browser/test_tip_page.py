"""The tip's page is one working surface: one press for a triage, nothing typed is lost, and the place is kept."""

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.conftest import follow
from tests.system.browser.test_axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]
QUEUE = "/admin/reports/tip/"
NOTE, OURS = "Ask the school liaison first", "A man offers vapes to pupils and then asks for money. " * 20
BOTH_WAYS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def tip(sign_in: Callable[..., Page], unlock: Callable[[Page, str], None]) -> Callable[..., Page]:
    """Return a function that opens a tip on an unlocked desk, not in our words yet, whose sender may be asked."""

    def opened(**how: object) -> Page:
        page = sign_in(**how)
        for row in range(2, 20):  # other tests of this file have written some
            unlock(page, QUEUE)
            follow(page.locator(".field-reference a").nth(row))
            if page.get_by_text("Write it for the police").count() and page.get_by_label("Write to the sender").count():
                return page
        raise AssertionError("every tip is written in our words")

    return opened


def note(page: Page):
    return page.get_by_label("Note", exact=True)


def unfold(page: Page, text: str, inside: str) -> None:
    """Open a part that is folded, if it is."""
    if not page.get_by_label(inside).first.is_visible():
        page.get_by_text(text).click()


def own_words(page: Page):
    unfold(page, "Write it for the police", "The same in our words")
    return page.get_by_label("The same in our words")


def assert_place_is_kept(page: Page, section: str) -> None:
    """Hold that what was done is said in its section, has the focus, and is in view."""
    said = page.locator(f"{section} #said")
    expect(said).to_be_focused()
    expect(said).to_be_in_viewport()


def assert_still_there(page: Page) -> None:
    """Hold that a half note and the long text in our words stand in their boxes."""
    expect(note(page)).to_have_value(NOTE)
    expect(own_words(page)).to_have_value(OURS)


@BOTH_WAYS
def test_a_full_triage_is_one_press(tip: Callable[..., Page], scripts: bool) -> None:
    page = tip(scripts=scripts)
    first, posts = page.url, []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.get_by_role("radio", name="No action now").check()
    page.get_by_label("Given to").select_option("demo")
    page.get_by_label("rumour").check()
    page.get_by_label("Information", exact=True).select_option("C")
    note(page).fill(NOTE)
    follow(page.get_by_role("button", name="Save and read next"))
    expect(page.get_by_text("given to demo, labelled “rumour”, moved to “No action now”")).to_be_visible()
    assert page.url != first
    assert [url for url in posts if not url.endswith("/draft/")] == [first.replace("/change/", "/save/")]
    page.goto(first)
    expect(page.locator("#notes")).to_contain_text(NOTE)
    page.get_by_role("radio", name="Being read").check()  # as it was, for the other tests
    page.get_by_label("rumour").uncheck()
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#said")).to_contain_text("moved to “Being read”")


@BOTH_WAYS
def test_a_half_note_and_long_own_words_survive_every_act_and_the_place_is_kept(
    tip: Callable[..., Page], scripts: bool
) -> None:
    page = tip(scripts=scripts)
    note(page).fill(NOTE)
    own_words(page).fill(OURS)

    still_there = partial(assert_still_there, page)
    follow(page.get_by_role("button", name="Send without asking"))  # refused: nothing is written
    assert_place_is_kept(page, "#talk")
    still_there()
    page.get_by_label("Write to the sender").fill("Thank you for this.")
    follow(page.get_by_role("button", name="Send without asking"))
    assert_place_is_kept(page, "#talk")
    still_there()
    follow(page.get_by_role("button", name="Start from this"))
    still_there()
    unfold(page, "I passed this on by phone", "Who took the call?")
    page.get_by_label("Children’s services").check()
    page.get_by_label("Who took the call?").fill("The duty worker")
    follow(page.get_by_role("button", name="Record the call"))
    assert_place_is_kept(page, "#calls")
    still_there()
    page.get_by_label("When?").fill("Just now")
    follow(page.get_by_role("button", name="Record the call"))
    assert_place_is_kept(page, "#calls")
    still_there()
    follow(page.get_by_role("button", name="I know someone here"))
    follow(page.get_by_role("link", name="Go back"))
    still_there()
    follow(page.get_by_role("button", name="Save and check"))
    assert_place_is_kept(page, "#own-words")
    expect(note(page)).to_have_value(NOTE)
    follow(page.get_by_role("button", name="Save", exact=True))
    assert_place_is_kept(page, "#decision")
    expect(note(page)).to_have_value("")
    expect(page.locator("#notes")).to_contain_text(NOTE)
    assert not scripts or not violations(page)


def test_saving_leaves_the_page_where_it_was(tip: Callable[..., Page]) -> None:
    page = tip()
    page.evaluate("scrollTo(0, 500)")
    follow(page.get_by_role("button", name="Save", exact=True))
    assert_place_is_kept(page, "#decision")
    page.wait_for_load_state()
    assert page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(() => done(scrollY), 50)))") == 500


@BOTH_WAYS
def test_enter_in_a_line_saves_and_sends_nothing(tip: Callable[..., Page], scripts: bool) -> None:
    page = tip(scripts=scripts)
    page.get_by_label("Write to the sender").fill("Half a message")
    unfold(page, "I passed this on by phone", "Who took the call?")
    page.get_by_label("Who took the call?").fill("The duty worker")
    page.get_by_label("Who took the call?").press("Enter")
    expect(page.locator("#decision #said")).to_contain_text("nothing was changed")
    expect(page.get_by_label("Write to the sender")).to_have_value("Half a message")
    expect(page.get_by_label("Who took the call?")).to_have_value("The duty worker")
    page.get_by_text("Delete what stands in the boxes again").click()
    follow(page.get_by_role("button", name="Delete what I typed"))
    expect(page.get_by_label("Write to the sender")).to_have_value("")


@pytest.mark.parametrize("width", [320, pytest.param(390, marks=pytest.mark.whole), 1280])
def test_the_buttons_stay_in_view_and_hide_nothing_that_has_the_focus(tip: Callable[..., Page], width: int) -> None:
    page = tip(width=width, scripts=False)
    save = page.get_by_role("button", name="Save", exact=True)
    for place in (0, 600, 1_200, 100_000):
        page.evaluate("top => scrollTo(0, top)", place)
        expect(save).to_be_in_viewport(ratio=1)
        if width < 900 or place <= 600:  # a rail ends with the page's form, above the links at its foot
            expect(page.get_by_role("radio", name="Being read")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("scrollTo(0, 0)")
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const has = document.activeElement, box = has.getBoundingClientRect();
                if (has === document.body || box.height === 0) return "";
                const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, 40) / 2);
                const seen = top && (has.contains(top) || top.contains(has) || top.closest("label"));
                return seen ? "" : has.outerHTML.slice(0, 200);
            }"""
        )
        assert not hidden


@pytest.mark.parametrize("scripts", [True, False])
def test_a_phones_sheet_unfolds(tip: Callable[..., Page], scripts: bool) -> None:
    page = tip(width=390, scripts=scripts)
    expect(note(page)).not_to_be_visible()
    page.get_by_text("Note, labels and more").click()
    note(page).fill(NOTE)
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#said")).to_contain_text("Your note on")
