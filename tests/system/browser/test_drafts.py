"""What a member types and does not save, in a real browser: it outlives acts, the lock, a sign-out and a crash."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.system.browser.conftest import Demonstration, follow
from tests.system.browser.test_axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]

BEGIN, BOX = "/admin/reports/enquiry/begin/", "Summary"
KEPT = re.compile(r"Draft kept at")
BACK = "stands in its box again"


@pytest.fixture
def desk(sign_in: Callable[..., Page], unlock: Callable[[Page, str], None]) -> Callable[..., Page]:
    """Return a function that opens the page of a new enquiry on an unlocked desk, with an empty box."""

    def opened(**how: object) -> Page:
        page = sign_in(**how)
        unlock(page, BEGIN)
        if page.get_by_label(BOX).input_value():
            clean(page)  # of what a test before has left
        return page

    return opened


def clean(page: Page) -> None:
    """Throw away what is kept of the page, so that the next test begins with an empty box."""
    page.goto(BEGIN)
    page.get_by_text("Delete what stands in the boxes again").click()
    follow(page.get_by_role("button", name="Delete what I typed"))
    expect(page.get_by_label(BOX)).to_have_value("")


def sign_in_again(page: Page, demonstration: Demonstration) -> None:
    """Fill in the sign-in page that is shown."""
    page.get_by_label("User name").fill("demo")
    page.get_by_label("Password", exact=True).fill(demonstration.password)
    follow(page.get_by_role("button", name="Sign in"))


def test_the_browser_crashes(
    desk: Callable[..., Page], sign_in: Callable[..., Page], unlock: Callable[[Page, str], None]
) -> None:
    page = desk()
    page.get_by_label(BOX).fill("Half a sentence before the crash")
    expect(page.get_by_text(KEPT)).to_be_visible(timeout=15_000)
    assert not violations(page)
    page.context.close()  # nothing of it is asked or told
    again = sign_in()
    again.goto(BEGIN)
    expect(again.get_by_text("did not save is kept. Unlock the desk")).to_be_visible()
    expect(again.get_by_label(BOX)).to_have_value("")
    unlock(again, BEGIN)
    expect(again.get_by_label(BOX)).to_have_value("Half a sentence before the crash")
    expect(again.get_by_text(BACK)).to_be_visible()
    assert not violations(again)
    clean(again)


def test_the_page_is_left_before_the_script_has_kept_anything(
    desk: Callable[..., Page], unlock: Callable[[Page, str], None]
) -> None:
    page = desk()
    page.get_by_label(BOX).fill("Half a sentence before the lock")
    follow(page.get_by_role("button", name="Lock desk"))
    expect(page.get_by_text("The desk is locked.")).to_be_visible()
    unlock(page, BEGIN)
    expect(page.get_by_label(BOX)).to_have_value("Half a sentence before the lock")
    clean(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_signed_out_meanwhile(
    desk: Callable[..., Page], unlock: Callable[[Page, str], None], demonstration: Demonstration, scripts: bool
) -> None:
    page = desk(scripts=scripts)
    page.get_by_label(BOX).fill("Half a sentence before the session ended")
    page.context.clear_cookies(name="staff")
    follow(page.get_by_role("button", name="Begin"))
    expect(page.get_by_text("What you typed is not lost.")).to_be_visible()
    assert "Half a sentence" not in page.content()
    assert not scripts or not violations(page)
    sign_in_again(page, demonstration)
    expect(page).to_have_url(re.compile(re.escape(BEGIN)))
    expect(page.get_by_label(BOX)).to_have_value("")
    unlock(page, BEGIN)
    expect(page.get_by_label(BOX)).to_have_value("Half a sentence before the session ended")
    clean(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_signed_in_again_in_another_tab(
    desk: Callable[..., Page], unlock: Callable[[Page, str], None], demonstration: Demonstration, scripts: bool
) -> None:
    page = desk(scripts=scripts)
    page.get_by_label(BOX).fill("Half a sentence before the other tab")
    page.context.clear_cookies(name="staff")
    other = page.context.new_page()
    other.goto("/admin/")
    sign_in_again(other, demonstration)
    expect(other.get_by_text("Desk locked").first).to_be_visible()
    follow(page.get_by_role("button", name="Begin"))
    expect(page.get_by_text("What you typed is not lost.")).to_be_visible()
    assert "Half a sentence" not in page.content()
    assert not scripts or not violations(page)
    follow(page.get_by_role("button", name="Go back to where I was"))
    expect(page).to_have_url(re.compile(re.escape(BEGIN)))
    unlock(page, BEGIN)
    expect(page.get_by_label(BOX)).to_have_value("Half a sentence before the other tab")
    clean(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_another_act_on_the_page(desk: Callable[..., Page], scripts: bool) -> None:
    page = desk(scripts=scripts)
    follow(page.get_by_role("button", name="Begin"))
    expect(page.get_by_role("heading", name="Where it stands")).to_be_visible()
    page.get_by_text("Write the summary").click() if not page.get_by_label("What is it about").is_visible() else None
    page.get_by_label("What is it about").fill("Half a summary")
    follow(page.get_by_role("button", name="Paused"))
    expect(page.get_by_text("is now: Paused.")).to_be_visible()
    expect(page.get_by_label("What is it about")).to_have_value("Half a summary")
    page.get_by_label("Link a tip by its reference").press("Enter")  # the button beside it, or keeps all that is typed
    said = "There is no tip with this reference" if scripts else "What you typed is kept as a draft."
    expect(page.get_by_text(said).first).to_be_visible()
    expect(page.get_by_label("What is it about")).to_have_value("Half a summary")
    follow(page.get_by_role("button", name="Save the summary"))
    expect(page.get_by_text("The summary is saved and sealed.")).to_be_visible()
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_nothing_typed_is_stored_in_the_browser_or_logged(
    desk: Callable[..., Page], demonstration: Demonstration
) -> None:
    page = desk()
    page.get_by_label(BOX).fill("Zzmark half a sentence")
    expect(page.get_by_text(KEPT)).to_be_visible(timeout=15_000)
    stored = """async () => JSON.stringify([
        {...localStorage}, {...sessionStorage}, document.cookie, window.name, history.state, location.href,
        await indexedDB.databases(), await caches.keys(),
    ])"""
    assert page.evaluate(stored) == f'[{{}},{{}},"","",null,"{demonstration.address}{BEGIN}",[],[]]'
    assert "Zzmark" not in str(page.context.storage_state(indexed_db=True))
    page.evaluate("sessionStorage.setItem('a', document.querySelector('textarea').value)")
    assert "Zzmark" in page.evaluate(stored)  # the control
    assert "Zzmark" not in demonstration.home.log.read_text(encoding="utf-8")
    clean(page)


def without_a_key(route: Route) -> None:
    """Answer with the page as a member without a key gets it."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('data-draft="/admin/draft/"', "data-unkept"))


@pytest.mark.parametrize("change", ["unkept", "failing", "kept"])
def test_a_warning_on_leaving_only_where_something_would_be_lost(desk: Callable[..., Page], change: str) -> None:
    page = desk()
    if change == "unkept":  # as the page is for a member without a key
        page.route(f"**{BEGIN}", without_a_key)
    elif change == "failing":
        page.route("**/admin/draft/", lambda route: route.abort())
    page.goto(BEGIN)
    page.get_by_label(BOX).click()
    page.keyboard.type("Half a sentence")
    if change == "failing":
        expect(page.get_by_text("Not kept as a draft")).to_be_visible(timeout=15_000)
        assert not violations(page)
    warned: list[str] = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.goto("/admin/")
    assert warned == ([] if change == "kept" else ["beforeunload"])


@pytest.mark.parametrize("scripts", [True, False])
def test_a_locked_desk_keeps_what_is_saved_there(
    desk: Callable[..., Page], demonstration: Demonstration, scripts: bool
) -> None:
    page = desk(scripts=scripts)
    follow(page.get_by_role("button", name="Begin"))
    expect(page.get_by_role("heading", name="Where it stands")).to_be_visible()
    address = page.url
    follow(page.get_by_role("button", name="Lock desk"))
    page.goto(address)
    page.get_by_text("Write the summary").click()
    page.get_by_label("What is it about").fill("Written on a locked desk")
    follow(page.get_by_role("button", name="Save the summary"))
    expect(page.get_by_text("nothing was done yet")).to_be_visible()
    page.get_by_label("Your six words").fill(demonstration.phrase)
    follow(page.get_by_role("button", name="Unlock this enquiry"))
    expect(page.get_by_label("What is it about")).to_have_value("Written on a locked desk")
    expect(page.get_by_text("Nobody has written one yet.")).to_be_visible()
    follow(page.get_by_role("button", name="Save the summary"))
    expect(page.get_by_text("The summary is saved and sealed.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_headers_buttons_keep_what_is_typed_and_enter_presses_none_of_them(
    desk: Callable[..., Page], unlock: Callable[[Page, str], None], demonstration: Demonstration, scripts: bool
) -> None:
    page = desk(scripts=scripts)

    def write(text: str) -> None:
        box = page.get_by_label("What is it about")
        if not box.is_visible():
            page.get_by_text("Write the summary").click()
        box.fill(text)

    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Where it stands")).to_be_visible()
    address = page.url.removeprefix(demonstration.address)
    write("Half a summary at the lock")
    page.get_by_role("button", name="Lock desk").click()
    expect(page.get_by_text("The desk is locked.")).to_be_visible()
    expect(page.get_by_text("What you typed is kept as a draft.")).to_be_visible()
    page.goto(address)
    write("Half a summary at the locked lamp")
    page.get_by_role("button", name="Desk locked").click()
    expect(page.get_by_text("What you typed is kept as a draft.")).to_be_visible()
    page.get_by_label("Your six words").fill(demonstration.phrase)
    page.get_by_role("button", name="Unlock", exact=True).click()
    expect(page).to_have_url(re.compile(re.escape(address)))
    page.get_by_text("Your drafts of this page").first.click()
    assert "Half a summary at the lock" in page.content()
    write("Half a summary at the end of the shift")
    page.get_by_label("Link a tip by its reference").press("Enter")
    expect(page.get_by_role("button", name="Lock desk")).to_be_visible()  # Enter neither locks nor signs out
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("once you have signed in and unlocked the desk")).to_be_visible()
    assert not scripts or not violations(page)
    page.get_by_role("link", name="Sign in again").click()
    sign_in_again(page, demonstration)
    unlock(page, address)
    expect(page.get_by_label("What is it about")).to_have_value("Half a summary at the end of the shift")
    assert not scripts or not violations(page)
