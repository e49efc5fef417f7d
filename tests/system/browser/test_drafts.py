"""What a member types and does not save, in a real browser: it outlives acts, the lock, a sign-out and a crash."""

import re

import pytest
from playwright.sync_api import expect

from tests.system.browser.conftest import TypedUntilKilled, find, press, violations

BEGIN, BOX = "/admin/reports/tip/record/", "What does the sender know?"
KEPT = re.compile(r"Draft kept at")
SLOW = 15_000  # milliseconds in which a busy machine must have kept what was typed


@pytest.fixture
def desk(sign_in, unlock):
    """Return a function that opens the page that writes down a tip on an unlocked desk, with an empty box."""

    def opened(**how):
        page = sign_in(**how)
        unlock(page, BEGIN)
        if page.get_by_label(BOX).input_value():  # what another test has left
            page.get_by_text("Delete the text that is back in the boxes").click()
            press(page, "Delete what I typed")
        expect(page.get_by_label(BOX)).to_have_value("")
        return page

    return opened


@pytest.mark.promise("work")
@pytest.mark.parametrize("scripts", [True, False])
def test_a_half_typed_note_survives_a_desk_that_locks_meanwhile(queue, demonstration, scripts):
    """A note is not lost when the desk locks while it is typed.

    With scripts the other tab hides the tip at once; without, when a button is pressed.
    """
    text = f"A half typed note is written about this van, which waits by the allotments, {scripts}."
    demonstration.tell(text)
    desk = queue()
    if not scripts:
        desk.context.route("**/js/lock*.js", lambda route: route.abort())
    find(desk, text)
    desk.get_by_label("Note", exact=True).fill("Half of a thought")
    other = desk.context.new_page()
    other.goto("/admin/")
    press(other, "Lock desk")
    if not scripts:
        press(desk, "Save")
        expect(desk.get_by_text("The desk is locked, so nothing was saved yet.")).to_be_visible()
    expect(desk.get_by_text(text)).to_have_count(0)
    desk.get_by_label("Your six words").fill(demonstration.passphrase)
    press(desk, "Unlock this tip")
    expect(desk.get_by_label("Note", exact=True)).to_have_value("Half of a thought")
    press(desk, "Save")
    expect(desk.locator("#notes")).to_contain_text("Half of a thought")


def test_signing_out_in_one_tab_hides_the_tip_in_another(queue, demonstration):
    text = "A blue van waits behind the library, and nobody else should read this."
    demonstration.tell(text)
    desk = queue()
    find(desk, text)
    other = desk.context.new_page()
    other.goto("/admin/")
    other.locator("summary", has_text="demo").click()
    press(other, "Sign out")
    expect(desk.get_by_label("Username")).to_be_visible()
    expect(desk.get_by_text(text)).to_have_count(0)


def test_nothing_typed_is_stored_in_the_browser_or_logged(desk, demonstration):
    page = desk()
    page.get_by_label(BOX).fill("Zzmark half a sentence")
    expect(page.get_by_text(KEPT)).to_be_visible(timeout=SLOW)
    stored = """async () => JSON.stringify([
        {...localStorage}, {...sessionStorage}, document.cookie, window.name, history.state, location.href,
        await indexedDB.databases(), await caches.keys(),
    ])"""
    assert page.evaluate(stored) == f'[{{}},{{}},"","",null,"{demonstration.address}{BEGIN}",[],[]]'
    assert "Zzmark" not in str(page.context.storage_state(indexed_db=True))
    page.evaluate("sessionStorage.setItem('a', document.querySelector('textarea').value)")
    assert "Zzmark" in page.evaluate(stored), "what is stored would be found"
    assert "Zzmark" not in demonstration.home.log.read_text(encoding="utf-8")


@pytest.mark.promise("work")
@pytest.mark.parametrize("how", ["offline", "bad gateway"])
def test_save_without_a_connection_submits_nothing_and_keeps_the_text_and_the_page(
    queue, demonstration, how
):
    """Without a connection Save submits nothing, and the text and the page stay."""
    text, note = f"A red van waits by the mill when it is {how}.", f"Half a thought, {how}"
    demonstration.tell(text)
    desk = queue()
    find(desk, text)
    here = desk.url
    posted = []
    desk.on(
        "request",
        lambda request: posted.append(request.url) if request.url.endswith("/save/") else None,
    )
    desk.get_by_label("Note", exact=True).fill(note)
    if how == "offline":
        desk.context.set_offline(True)
    else:
        desk.route("**/admin/draft/connection/", lambda route: route.fulfill(status=502))
    desk.get_by_role("button", name="Save", exact=True).first.click()
    expect(desk.get_by_text("Not saved: no connection.")).to_be_visible()
    expect(desk.get_by_label("Note", exact=True)).to_have_value(note)
    assert (desk.url, posted) == (here, [])
    stored = desk.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
    )
    assert note not in stored
    assert not violations(desk)
    desk.context.set_offline(False)
    desk.unroute("**/admin/draft/connection/")
    press(desk, "Save")  # the control
    expect(desk.locator("#notes")).to_contain_text(note)


def without_a_key(route):
    """Answer with the page as a member without a key gets it."""
    answer = route.fetch()
    route.fulfill(
        response=answer, body=answer.text().replace('data-draft="/admin/draft/"', "data-unkept")
    )


@pytest.mark.parametrize("change", ["unkept", "failing", "kept"])
def test_a_warning_on_leaving_only_where_something_would_be_lost(desk, change):
    page = desk()
    if change == "unkept":
        page.route(f"**{BEGIN}", without_a_key)
    elif change == "failing":
        page.route("**/admin/draft/", lambda route: route.abort())
    page.goto(BEGIN)
    page.get_by_label(BOX).click()
    page.keyboard.type("Half a sentence")
    if change == "failing":
        expect(page.get_by_text("We could not keep a draft")).to_be_visible(timeout=SLOW)
        assert not violations(page)
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.goto("/admin/")
    assert warned == ([] if change == "kept" else ["beforeunload"])


STORY = "/admin/newsroom/article/{}/change/"
NEW_STORY = """
from tests.newsroom.articles import make_article
print(make_article("typed-until-killed", status="draft", publish_at=None, body="").pk)
"""


@pytest.mark.parametrize("place", ["desk", "story"])
def test_a_killed_browser_costs_at_most_a_second_before_a_pause_or_five_without_one(
    doomed,
    sign_in,
    unlock,
    demonstration,
    place,
):
    if place == "desk":
        path, box = BEGIN, "textarea[name=what]"
    else:
        path, box = STORY.format(demonstration.shell(NEW_STORY).strip()), "[name=body]"
    a_second, five = 1000 // TypedUntilKilled.EACH, 5000 // TypedUntilKilled.EACH
    for count, pause, most_lost in ((4, a_second, 0), (29, 1, five)):
        typist = doomed(path)
        before = len(typist.page.input_value(box))
        typist.page.locator(box).focus()
        typist.page.keyboard.press("Control+End")
        typist.type(count)
        typist.run((pause - 1) * TypedUntilKilled.EACH)
        typist.kill()
        page = sign_in()
        unlock(page, path)
        kept = len(page.input_value(box)) - before
        assert count - most_lost <= kept <= count, (count, pause)
        page.context.close()
