"""An editor in a real browser: a story's whole day, clean by axe; what is typed is kept and shown beside the text."""

import io
import re
import time
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone
from PIL import Image as Pillow
from playwright.sync_api import expect

from tests.system.browser.conftest import follow, violations, wait_until

KEPT = 20_000  # milliseconds in which a busy machine must have kept what was typed
NUMBERS = count(1)
LIST = "/admin/newsroom/article/"
DAY = "/news/eleven-held-after-twelve-warrants/"
SURE = "#content button[type=submit]"


def clean(page):
    """Hold the page to axe."""
    assert violations(page) == []


def go(page, what):
    """Follow the first of what is named, to a page that axe finds nothing wrong with."""
    follow(page.locator(what).first)
    clean(page)


def await_readers(page, text):
    """Open the story as soon as it says this, and return its status: each process follows within seconds, by itself."""
    until = time.monotonic() + 30
    answer = page.goto(DAY)
    while text not in page.content():
        assert time.monotonic() < until, f"readers do not get {text!r}"
        answer = page.goto(DAY)
    assert answer is not None
    return answer.status


def write_a_story(page):
    """Write, with a figure and a date, and look at it as readers will, who do not see it yet."""
    page.fill("[name=headline]", "Eleven held after twelve warrants")
    page.fill("[name=standfirst]", "Police were at twelve doors.")
    page.fill("[name=body]", "Eleven people were held.\n\n## Next\n\nCourt.")
    for part in page.locator("#article_form details > summary").all():
        part.click()
    clean(page)
    page.fill("[name=byline]", "Newsroom")
    page.select_option("[name=topic]", label="Drug supply")
    page.fill("[name=facts-0-figure]", "11")
    page.fill("[name=facts-0-text]", "arrests")
    page.fill("[name=steps-0-date]", "2026-03-01")
    page.select_option("[name=steps-0-stage]", "arrest")
    page.fill("[name=steps-0-text]", "Arrests.")
    go(page, "text=Save and preview")
    assert page.title().startswith("Preview: Eleven held after twelve warrants")
    assert page.inner_text("h1") == "Eleven held after twelve warrants"
    assert page.request.get(DAY).status == 404


def publish(page):
    """Schedule, then not wait; both ask about arrests, and where the facts come from."""
    go(page, "text=Back to the story")
    go(page, "text=Save and schedule")
    page.check("[name=proceedings][value=no]")
    page.fill("[name=source_note]", "The police told us.")
    page.fill("[name=when]", (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"))
    follow(page.locator(SURE).first)
    assert page.inner_text(".standing .chip") == "Scheduled"
    assert page.request.get(DAY).status == 404
    go(page, "text=Save and publish")
    page.check("[name=proceedings][value=no]")
    follow(page.locator(SURE).first)
    assert page.inner_text(".standing .chip") == "Published"
    assert page.request.get(DAY).status == 200


def correct(page):
    """Put a mistake right."""
    go(page, ".ways >> text=Correct")
    page.fill("[name=text]", "We first wrote that eleven people were held. It was nine.")
    page.fill("[name=body]", "Nine people were held.")
    follow(page.locator(SURE).first)
    await_readers(page, "It was nine.")
    assert page.inner_text(".put-right p").endswith("It was nine.")
    assert page.inner_text(".story") == "Nine people were held."


def restore(page, room):
    """Look at what changed, take it back, which readers do not see, and drop that again."""
    page.goto(f"{room}revisions/")
    follow(page.get_by_role("button", name="Compare"))
    clean(page)
    go(page, ".revisions >> text=Created")
    go(page, "text=Restore revision 1")
    assert "These words were removed by a correction and will come back:" in page.inner_text(
        ".brings-back"
    )
    assert "Eleven people were held." not in page.request.get(DAY).text()
    go(page, "text=Publish these changes")
    go(page, SURE)
    assert page.inner_text("[role=alert] li").startswith("Tick the box if you want")
    page.goto(f"{room}change/")
    assert page.input_value("[name=body]").startswith("Eleven people were held.")
    go(page, ".ways >> text=Delete unpublished changes")
    follow(page.locator(SURE).first)
    assert page.input_value("[name=body]") == "Nine people were held."


def withdraw(page):
    """Withdraw, which needs a sentence."""
    go(page, ".ways >> text=Withdraw")
    go(page, SURE)
    assert (
        page.inner_text("[role=alert] li")
        == "Write the explanation that readers will see instead of the story."
    )
    page.fill("[name=note]", "It was about another town.")
    follow(page.locator(SURE).first)
    assert page.inner_text(".standing .chip") == "Withdrawn"
    assert await_readers(page, "It was about another town.") == 410


def test_an_editors_day(sign_in):
    page, problems = sign_in(), list[str]()
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" else None,
    )
    page.goto(f"{LIST}add/")
    write_a_story(page)
    room = page.url.removesuffix("preview/")
    publish(page)
    correct(page)
    restore(page, room)
    withdraw(page)
    refused_and_withdrawn = ("with a status of 422", "with a status of 410")
    assert [
        problem
        for problem in problems
        if not any(status in problem for status in refused_and_withdrawn)
    ] == []


@pytest.fixture
def write(sign_in):
    """Return a function that opens the form of a draft, which it makes, or another page of an editor's."""

    def opened(path="", **how):
        page = sign_in(**how)
        page.goto(path or f"{LIST}add/")
        if not path:
            page.fill("[name=headline]", f"A van stood there {next(NUMBERS)}")
            page.fill("[name=body]", "A van stood there.")
            follow(page.locator("#story >> text=Save >> nth=0"))
            expect(page.locator(".messagelist")).to_be_visible()
        return page

    return opened


def keep(page):
    """Wait until what was typed is kept."""
    expect(page.locator("#kept")).to_contain_text("Kept at", timeout=KEPT)


def test_a_new_story_is_kept_before_it_is_saved_and_stands_there_after_a_crash(
    write,
):
    page = write(f"{LIST}add/")
    page.fill("[name=headline]", "Half a head")
    page.fill("[name=body]", "One. Two.")
    keep(page)
    address = page.url
    assert address.endswith("/change/")
    page.context.close()
    again = write(address)
    assert (again.input_value("[name=headline]"), again.input_value("[name=body]")) == (
        "Half a head",
        "One. Two.",
    )
    follow(again.locator("#story >> text=Save >> nth=0"))
    assert (again.inner_text("h1"), again.locator(".copy-note").count()) == ("Half a head", 0)
    assert again.inner_text(".standing .chip") == "Draft"


@pytest.mark.parametrize("kept", [False, True])
def test_leaving_asks_first_only_where_text_is_not_kept(write, kept):
    page, asked = write(), []
    if not kept:
        page.route("**/keep/", lambda route: route.abort())
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click("[name=headline]")
    page.keyboard.type("More")
    if kept:
        keep(page)
    else:
        expect(page.locator("#unkept")).to_contain_text("could not keep", timeout=KEPT)
    page.goto(page.url.replace("change/", "revisions/"))
    assert asked == ([] if kept else ["beforeunload"])


def test_what_a_refused_save_leaves_in_the_boxes_is_kept(write):
    page = write()
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("[name=body]", "Theirs.")
    follow(other.locator("#story >> text=Save >> nth=0"))
    page.locator("[name=body]").evaluate("box => { box.value = 'Mine.'; }")  # no script has noticed
    follow(page.locator("#story >> text=Save >> nth=0"))
    expect(page.get_by_text("What you typed is still here.")).to_be_visible()
    expect(page.get_by_text("Please correct the error below.")).to_be_hidden()
    clean(page)
    keep(page)
    page.goto(page.url)
    assert page.input_value("[name=body]") == "Mine."


@pytest.mark.parametrize(
    "path", ["appeal/add/", "article/1/correct/", "article/1/withdraw/", "replytemplate/add/"]
)
def test_forms_of_which_nothing_is_kept_ask_before_they_are_left(sign_in, path):
    page, asked = sign_in(), []
    app = "reports" if path.startswith("reply") else "newsroom"
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    for typed in (False, True):
        page.goto(f"/admin/{app}/{path}")
        box = page.locator("#content textarea").first
        box.click()
        if typed:
            page.keyboard.type("Half a wo")
        page.goto("/admin/")
        assert asked == ["beforeunload"] * typed
    page.goto(f"/admin/{app}/{path}")
    page.locator("#content textarea").first.fill(" ")
    page.locator("#content textarea").first.press("Tab")
    follow(page.locator("#content [type=submit]").first)
    expect(page.locator(".errornote").first).to_be_visible()
    page.goto("/admin/")
    assert asked == ["beforeunload"] * 2, "a refused form comes back with words in it"


@pytest.mark.parametrize("way", ["signing out", "a link"])
def test_leaving_in_the_middle_of_a_word_loses_nothing_and_asks_nothing(write, way):
    page, asked = write(), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    address = page.url
    page.locator("[name=body]").fill("Half a wo")
    if way == "a link":
        follow(page.get_by_role("link", name="Revisions"))
    else:
        page.locator(".me summary").click()
        follow(page.get_by_role("button", name="Sign out"))
        expect(page.get_by_text("We kept what you typed. It is not saved yet.")).to_be_visible()
        page = write(address)
    assert asked == []
    until = time.monotonic() + KEPT / 1000
    page.goto(address)
    while page.input_value("[name=body]") != "Half a wo":
        assert time.monotonic() < until, "it was lost"
        page.goto(address)


def test_a_new_story_is_seen_from_its_first_word_in_a_page_that_never_jumps(
    write,
):
    page = write(f"{LIST}add/")
    field = page.locator("[name=body]")
    width = field.evaluate("box => box.clientWidth")
    field.fill("Eleven")
    beside = page.frame_locator(".look iframe")
    expect(beside.locator(".story")).to_have_text("Eleven", timeout=KEPT)
    expect(page.locator("#length")).to_have_text("1 word, 1 minute")
    assert page.url.endswith("/add/"), "nothing is stored yet"
    assert field.evaluate("box => box.clientWidth") == width
    frame = page.locator(".look iframe")
    assert frame.evaluate("frame => frame.clientWidth") > 450
    page.get_by_label("As wide as a phone").check()
    assert frame.evaluate("frame => frame.offsetWidth") == 390
    clean(page)


def test_without_scripts_no_empty_frame_stands_beside_the_text(write):
    page = write(f"{LIST}add/", scripts=False)
    expect(page.locator(".look")).to_be_hidden()
    expect(page.locator("[name=body]")).to_be_visible()


def test_the_page_stands_beside_the_text_without_scripts_of_its_own(
    write,
):
    page = write()
    page.fill("[name=body]", "Four words are **here**.\n\n<script>alert(1)</script>")
    beside = page.frame_locator(".look iframe")
    expect(beside.locator(".story strong")).to_have_text("here", timeout=KEPT)
    assert page.get_attribute(".look iframe", "sandbox") == "allow-same-origin"  # and no scripts
    expect(
        beside.locator(".site-header")
    ).to_be_hidden()  # by its styles, which the browser may refuse a frame
    expect(page.locator("#length")).to_have_text("5 words, 1 minute")
    tops = "parts => parts.map(part => part.getBoundingClientRect().top)"
    appeal, story = beside.locator(".appeal, .story").evaluate_all(tops)
    assert story < appeal
    page.get_by_label("As wide as a phone").check()
    appeal, story = beside.locator(".appeal, .story").evaluate_all(tops)
    assert appeal < story, "as readers have it there"


DROP = """() => {
    const files = new DataTransfer();
    files.items.add(new File(["x"], "dropped.png", { type: "image/png" }));
    const drop = new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
    document.querySelector("file-attachment").dispatchEvent(drop);
}"""


def test_marks_and_pictures_come_into_the_text_by_buttons_and_by_a_drop(
    write,
):
    page = write()
    page.locator("[name=body]").select_text()
    page.click("markdown-toolbar >> text=Bold")
    expect(page.locator("[name=body]")).to_have_value("**A van stood there.**")
    page.click("markdown-toolbar >> text=Picture")
    page.click("#picture >> text=Add picture")
    expect(page.locator("#picture [data-problem=alt]")).to_have_text("This field is required.")
    picture = io.BytesIO()
    Pillow.new("RGB", (800, 450), "navy").save(picture, "PNG")
    file = {"name": "van.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    page.set_input_files("#picture [type=file]", file)  # type: ignore[arg-type]
    page.fill("#picture [name=alt]", "A blue van")
    page.fill("#picture [name=caption]", "The van.")
    page.fill("#picture [name=credit]", "Us")
    clean(page)
    page.click("#picture >> text=Add picture")
    expect(page.locator("#picture")).to_be_hidden(timeout=KEPT)
    expect(page.locator("[name=body]")).to_have_value(re.compile(r"\n\n!\[A blue van\]\(image:"))
    image = page.frame_locator(".look iframe").locator("figure img")
    expect(image).to_have_attribute("alt", "A blue van", timeout=KEPT)
    wait_until(
        page,
        "document.querySelector('.look iframe').contentDocument.querySelector('figure img')?.naturalWidth",
    )
    page.evaluate(DROP)
    expect(page.locator("#picture")).to_be_visible()
    assert (
        page.evaluate("document.querySelector('#picture [type=file]').files[0].name")
        == "dropped.png"
    )
    assert page.evaluate("document.activeElement.name") == "alt"
